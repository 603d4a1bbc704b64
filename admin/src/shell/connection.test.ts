import { describe, expect, it } from "vitest";
import { connected } from "./connection";

describe("how the page stands with the desk", () => {
  it("is live, whatever its age", () => {
    expect(connected({ phase: "live", since: 0 }, 1e9)).toEqual({ tone: "good", words: "live", staleS: null });
  });

  it("says how old things are while it comes back, then that nobody answers", () => {
    expect(connected({ phase: "reconnecting", since: 1000 }, 8000).words).toBe("reconnecting … stale 7 s");
    expect(connected({ phase: "reconnecting", since: 1000 }, 49_000)).toMatchObject({
      tone: "bad",
      words: "the desk does not answer · stale 48 s",
    });
  });

  it("waits a moment for the first connection", () => {
    expect(connected({ phase: "connecting", since: 0 }, 500).words).toBe("connecting …");
    expect(connected({ phase: "connecting", since: 0 }, 20_000).words).toBe("the desk does not answer");
  });

  it("gives the reason of an end", () => {
    expect(connected({ phase: "ended", since: 0, reason: "forbidden" }, 0).words).toBe("forbidden");
  });
});
