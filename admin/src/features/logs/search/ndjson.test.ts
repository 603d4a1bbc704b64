import { describe, expect, it } from "vitest";
import { linesOf, readAnswer } from "./ndjson";

async function all(...chunks: Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const lines: string[] = [];
  for await (const bunch of linesOf(body)) lines.push(...bunch);
  return lines;
}

describe("lines of an answer", () => {
  it("are whole wherever the network cuts them, also within a letter", async () => {
    const bytes = new TextEncoder().encode('{"a":"é"}\n{"b":2}\n');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(await all(bytes.slice(0, cut), bytes.slice(cut))).toEqual(['{"a":"é"}', '{"b":2}']);
    }
  });
  it("end with the answer although the last has no end", async () => {
    expect(await all(new TextEncoder().encode("x\ny"))).toEqual(["x", "y"]);
    expect(await all()).toEqual([]);
  });
});

describe("a line", () => {
  it("is a hit", () => {
    const hit = { service: "api", source: "error", file: "e.log", time: null, level: "error", text: "no" };
    expect(readAnswer(JSON.stringify(hit))).toEqual({ hit });
  });
  it("is how the search ended", () => {
    expect(readAnswer('{"searched_bytes":7,"cut":"the limit"}')).toEqual({
      cut: { why: "the limit", unread: [], unreadCount: 0, searchedBytes: 7 },
    });
    expect(readAnswer('{"searched_bytes":7,"not_searched":["a: b"],"not_searched_count":4}')).toEqual({
      cut: { why: null, unread: ["a: b"], unreadCount: 4, searchedBytes: 7 },
    });
  });
  it("may be of a later desk", () => {
    expect(readAnswer('{"new":1}')).toBeNull();
    expect(readAnswer("3")).toBeNull();
  });
});
