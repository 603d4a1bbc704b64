import { describe, expect, it, vi } from "vitest";
import { Bearer, type Traded } from "../src/bearer.ts";
import { DeskProblem } from "../src/problem.ts";

const MINUTE = 60_000;

function desk(lives = 15 * MINUTE) {
  const now = { at: 0 };
  const trade = vi.fn(async (ticket: string): Promise<Traded> => ({ token: `of ${ticket}`, endsAt: now.at + lives }));
  return { now, trade, options: { trade, now: () => now.at } };
}

describe("a bearer of tickets that can be had anew", () => {
  it("is traded once for all who ask at the same time, and renewed before it ends", async () => {
    const { now, trade, options } = desk();
    let number = 0;
    const bearer = new Bearer(async () => `t${++number}`, options);
    expect(await Promise.all([bearer.token(), bearer.token()])).toEqual(["of t1", "of t1"]);
    now.at = 13 * MINUTE;
    expect(await bearer.token()).toBe("of t1");
    now.at = 14.5 * MINUTE;
    expect(await bearer.token()).toBe("of t2");
    expect(trade).toHaveBeenCalledTimes(2);
  });

  it("is had anew where the desk takes it no more, and not twice for two who were refused", async () => {
    const { trade, options } = desk();
    let number = 0;
    const bearer = new Bearer(async () => `t${++number}`, options);
    const first = await bearer.token();
    expect(await Promise.all([bearer.refused(first), bearer.refused(first)])).toEqual([true, true]);
    expect(await bearer.token()).toBe("of t2");
    expect(trade).toHaveBeenCalledTimes(2);
  });

  it("is asked for again after a server that did not answer", async () => {
    const { options } = desk();
    const onExpired = vi.fn();
    const tickets = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue("t");
    const bearer = new Bearer(tickets, { ...options, onExpired });
    await expect(bearer.token()).rejects.toMatchObject({ status: 0 });
    expect(await bearer.token()).toBe("of t");
    expect(onExpired).not.toHaveBeenCalled();
  });
});

describe("a bearer of one ticket", () => {
  it("ends with it: said once, and nothing more is asked", async () => {
    const { now, trade, options } = desk();
    const onExpired = vi.fn();
    const bearer = new Bearer("t", { ...options, onExpired });
    now.at = 0;
    expect(await bearer.token()).toBe("of t");
    now.at = 14.5 * MINUTE;
    expect(await bearer.token()).toBe("of t");
    now.at = 15 * MINUTE + 1;
    await expect(bearer.token()).rejects.toMatchObject({ status: 401 });
    await expect(bearer.token()).rejects.toMatchObject({ status: 401 });
    expect(await bearer.refused("of t")).toBe(false);
    expect(onExpired).toHaveBeenCalledTimes(1);
    expect(trade).toHaveBeenCalledTimes(1);
  });

  it("ends where the desk refuses it, but not where the desk is away", async () => {
    const { options } = desk();
    const onExpired = vi.fn();
    const trade = vi
      .fn()
      .mockRejectedValueOnce(new DeskProblem(0, "No answer", "away"))
      .mockRejectedValueOnce(new DeskProblem(401, "Unauthorized", "spent"));
    const bearer = new Bearer("t", { ...options, trade, onExpired });
    await expect(bearer.token()).rejects.toMatchObject({ status: 0 });
    expect(onExpired).not.toHaveBeenCalled();
    await expect(bearer.token()).rejects.toMatchObject({ status: 401, message: "spent" });
    expect(onExpired).toHaveBeenCalledTimes(1);
  });
});
