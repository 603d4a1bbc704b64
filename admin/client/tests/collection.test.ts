import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk } from "../src/desk.ts";
import { Collection } from "../src/streams/collection.ts";

interface Thing {
  id: string;
  word: string;
}

/** A socket that a test speaks through; what a real desk does is in tests/admin/test_client.py. */
class Line extends EventTarget {
  static readonly all: Line[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: URL) {
    super();
    Line.all.push(this);
  }

  say(...frames: object[]): void {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  close(): void {}
}

const ME = JSON.stringify({ name: "x", roles: ["viewer"], now: "2026-12-01T00:00:00Z", via: "session" });
const answer = async () => new Response(ME, { headers: { "Content-Type": "application/json" } });

async function line(number = 0): Promise<Line> {
  await vi.waitFor(() => expect(Line.all.length).toBeGreaterThan(number));
  const found = Line.all[number];
  if (found === undefined) throw new Error("no line");
  found.onopen?.();
  return found;
}

function things(any = async () => true): Collection<Thing> {
  const desk = new Desk({ url: "http://desk", fetch: answer, WebSocket: Line as unknown as typeof WebSocket });
  return new Collection<Thing>(desk, { path: "/things", noun: "thing", id: (thing) => thing.id, any });
}

const thing = (revision: number, id: string, word = "") => ({ revision, thing: { id, word } });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  Line.all.length = 0;
  vi.useRealTimers();
});

describe("a collection", () => {
  it("is ready once what is there is whole, told as one change", async () => {
    const source = things();
    const listener = vi.fn();
    source.listen(listener);
    const socket = await line();
    const before = listener.mock.calls.length;
    for (let at = 0; at < 1000; at += 1) socket.say(thing(at, `t${at}`));
    await vi.advanceTimersByTimeAsync(200);
    expect(source.view()).toMatchObject({ ready: true, state: { phase: "live" } });
    expect(source.view().data.size).toBe(1000);
    expect(listener.mock.calls.length - before).toBe(1);
  });

  it("is known to be empty where the desk has none, though no frame comes", async () => {
    const source = things(async () => false);
    source.listen(() => undefined);
    await line();
    await vi.advanceTimersByTimeAsync(200);
    expect(source.view()).toMatchObject({ ready: true, data: new Map() });
  });

  it("goes on after the revision it knows", async () => {
    const source = things();
    source.listen(() => undefined);
    const socket = await line();
    socket.say(thing(41, "a"), { revision: 42, deleted: "a" }, thing(43, "b"));
    await vi.advanceTimersByTimeAsync(200);
    socket.onclose?.({ code: 1001 });
    expect(source.view().state.phase).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1000);
    const next = await line(1);
    expect(next.url.searchParams.get("after")).toBe("43");
    expect([...source.view().data.keys()]).toEqual(["b"]);
  });

  it("shows what it had until a reset is whole, and keeps what is the same", async () => {
    const source = things();
    source.listen(() => undefined);
    const socket = await line();
    socket.say(thing(1, "a", "same"), thing(2, "b", "old"), thing(3, "c"));
    await vi.advanceTimersByTimeAsync(200);
    const before = source.view().data;
    socket.say({ ...thing(1, "a", "same"), reset: true });
    expect(source.view().data).toBe(before);
    socket.say(thing(2, "b", "new"));
    await vi.advanceTimersByTimeAsync(200);
    const after = source.view().data;
    expect([...after.keys()]).toEqual(["a", "b"]);
    expect(after.get("a")).toBe(before.get("a"));
    expect(after.get("b")).toEqual({ id: "b", word: "new" });
  });

  it("asks the desk where nothing comes, and is stale where that does not answer", async () => {
    let there = true;
    const ask = async () => (there ? answer() : Promise.reject(new TypeError("fetch failed")));
    const desk = new Desk({ url: "http://desk", fetch: ask, WebSocket: Line as unknown as typeof WebSocket });
    const source = new Collection<Thing>(desk, {
      path: "/things",
      noun: "thing",
      id: ({ id }) => id,
      any: async () => true,
    });
    source.listen(() => undefined);
    const socket = await line();
    socket.say(thing(1, "a"));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(source.view().state.phase).toBe("live");
    there = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(source.view()).toMatchObject({ ready: true, state: { phase: "reconnecting" } });
    expect(source.view().data.size).toBe(1);
  });
});
