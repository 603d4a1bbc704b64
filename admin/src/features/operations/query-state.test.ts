import { expect, test } from "vitest";
import { changed } from "./query-state";

test("a value is set, one that is empty is left out, the others stay", () => {
  const before = new URLSearchParams("sort=vram&view=table");
  expect(changed(before, { q: "rvc", view: null, sort: "" }).toString()).toBe("q=rvc");
  expect(before.toString()).toBe("sort=vram&view=table");
});
