import type { AuditLine } from "@mixdesk/client";
import { expect, test } from "vitest";
import { asCsv, asJson } from "./export";
import { filtersOf, hrefOf, lookOf, OUTCOMES, seen, setOnes } from "./lines";

const line = (changes: Partial<AuditLine> = {}): AuditLine => ({
  id: 7,
  at: "2026-12-01T12:00:00.000000Z",
  actor: "anna",
  via: "session",
  action: "asset.start",
  target: "rvc",
  origin: "127.0.0.1",
  operation: null,
  outcome: "succeeded",
  detail: null,
  ...changes,
});

test("CSV that a spreadsheet reads, and in which no formula is one", () => {
  const rows = asCsv([line({ detail: 'no "room", sorry\nreally' }), line({ target: "=cmd()" })]).split("\r\n");
  expect(rows[0]).toBe("id,at,actor,via,action,target,origin,operation,outcome,detail");
  expect(rows[1]).toBe(
    '7,2026-12-01T12:00:00.000000Z,anna,session,asset.start,rvc,127.0.0.1,,succeeded,"no ""room"", sorry\nreally"',
  );
  expect(rows[2]).toContain(",'=cmd(),");
  const inside = asCsv([line({ detail: "ok;=cmd()\n=cmd()\r\n+1;@x" })]);
  expect(inside).toContain("\"ok;'=cmd()\n'=cmd()\r\n'+1;'@x\"");
  expect(JSON.parse(asJson([line()]))).toEqual([line()]);
});

test("filters come from the address, and empty ones are not asked", () => {
  const filters = filtersOf(new URLSearchParams("actor=anna&outcome=%20"));
  expect(filters).toEqual({ actor: "anna", action: "", target: "", outcome: "" });
  expect(setOnes(filters)).toEqual({ actor: "anna" });
});

test("a line leads to what it is about", () => {
  expect(hrefOf(line())).toBe("/assets/?asset=rvc");
  expect(hrefOf(line({ action: "job.checkpoint", target: "j 1" }))).toBe("/jobs/detail/?id=j%201");
  expect(hrefOf(line({ action: "asset.reload", target: "registry" }))).toBeNull();
  expect(hrefOf(line({ action: "http.post", target: "/admin" }))).toBeNull();
});

test("every outcome has a sign of its own word", () => {
  for (const outcome of OUTCOMES) expect(lookOf(outcome)[0]).not.toBe("·");
  expect(lookOf("new")[0]).toBe("·");
  expect(seen([line(), line({ actor: "ben" }), line()], "actor")).toEqual(["anna", "ben"]);
});
