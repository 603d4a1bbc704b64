import { expect, test } from "vitest";
import { addressWith } from "./query-state";

const at = (search: string, hash = "") => ({ pathname: "/ui/jobs/", search, hash });

test("a value is set, one that is empty is left out, the others stay", () => {
  expect(addressWith(at("?sort=vram&view=table"), { q: "rvc", view: null, sort: "" })).toBe("/ui/jobs/?q=rvc");
  expect(addressWith(at("?host=box1&x=1", "#log"), { name: "ann" })).toBe("/ui/jobs/?host=box1&x=1&name=ann#log");
  expect(addressWith(at("?host=box1"), { host: undefined, status: "failed,lost" })).toBe(
    "/ui/jobs/?host=box1&status=failed,lost",
  );
});

test("an address without a query has no question mark", () => {
  expect(addressWith(at("?tab=you"), { tab: null })).toBe("/ui/jobs/");
});
