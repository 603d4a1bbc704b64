import { describe, expect, it } from "vitest";
import { ticketOf } from "./ticket";

describe("the ticket of an address", () => {
  it.each([
    ["#ticket=abc-_9", "abc-_9"],
    ["#theme=dark&ticket=abc", "abc"],
    ["#ticket=", null],
    ["#abc-_9", "abc-_9"],
    ["#theme=dark", null],
    ["#", null],
    ["", null],
  ])("%s", (hash, ticket) => {
    expect(ticketOf(hash)).toBe(ticket);
  });
});
