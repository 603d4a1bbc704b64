import { describe, expect, it } from "vitest";
import { judged } from "./grafana-state";

const HEARD = { asked: true, problem: undefined, address: "http://g", own: true, bound: false, health: undefined };

describe("Grafana", () => {
  it("is asked for first", () => {
    expect(judged({ ...HEARD, asked: false, address: null })).toEqual({ state: "asking" });
    expect(judged(HEARD)).toEqual({ state: "asking" });
  });

  it("is there, or down with what came", () => {
    expect(judged({ ...HEARD, health: { ok: true, words: "it answers 200" } })).toMatchObject({ state: "there" });
    expect(judged({ ...HEARD, health: { ok: false, words: "it answers 502" } })).toMatchObject({
      state: "down",
      reason: "it answers 502",
    });
  });

  it("is not set, or closed to who is bound to an owner", () => {
    expect(judged({ ...HEARD, address: null })).toEqual({ state: "absent" });
    expect(judged({ ...HEARD, address: null, bound: true })).toEqual({ state: "closed" });
  });

  it("on another origin is not known to be there", () => {
    expect(judged({ ...HEARD, own: false })).toEqual({ state: "blind", address: "http://g" });
  });

  it("is unknown where the desk does not say", () => {
    expect(judged({ ...HEARD, asked: false, problem: "no answer" })).toEqual({ state: "unknown", reason: "no answer" });
  });
});
