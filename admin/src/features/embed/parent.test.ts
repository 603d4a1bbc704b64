import { describe, expect, it } from "vitest";
import { originAround } from "./parent";

const DESK = "https://desk.example";

describe("the origin of the page around a frame", () => {
  it.each([
    [["https://app.example", "https://outer.example"], "", "https://app.example"],
    [["null"], "https://app.example/page", null],
    [undefined, "https://app.example/page?id=1", "https://app.example"],
    [[], "https://app.example/", "https://app.example"],
    [undefined, "", null],
    [undefined, "nonsense", null],
    [undefined, `${DESK}/ui/embed/job/`, null],
    [undefined, "data:text/html,x", null],
  ])("of %j and %j", (ancestors, referrer, origin) => {
    expect(originAround(ancestors, referrer, DESK)).toBe(origin);
  });
});
