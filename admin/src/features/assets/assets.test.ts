import { DeskProblem, type Gpu } from "@mixdesk/client";
import { describe, expect, test } from "vitest";
import { anAsset } from "./an-asset";
import { boardOf } from "./board";
import { layers, neededBy } from "./graph";
import { problemsOf, refusalOf } from "./refusal";
import { inOrder, shownAssets, sortOf } from "./shown";
import { allowances, inTheWay, toFree } from "./stopping";
import { cardsOf, holdersOf, sumOf } from "./vram";
import { driftWords, endWords, listed, neededMb, targetWords } from "./words";

const usage = anAsset("x").usage;
const card = (used: number | null, reserved: number, leaked = 0, uuid = "GPU-0") => ({
  gpu: 0,
  uuid,
  used_mb: used,
  reserved_mb: reserved,
  leaked_mb: leaked,
});
const gpu = (used: number | null, total: number | null, uuid = "GPU-0", index = 0): Gpu => ({
  index,
  uuid,
  name: "Stand-in",
  utilization_percent: 3,
  vram_used_mb: used,
  vram_total_mb: total,
  temperature_c: null,
});

describe("words", () => {
  test("drift says what should be and what is", () => {
    expect(driftWords({ drift: "crashed" })).toContain("ended by itself");
    expect(driftWords({ drift: null })).toBeNull();
  });
  test("how a run ended", () => {
    expect(endWords({ exit_code: 3, oom_killed: false })).toBe("exit code 3");
    expect(endWords({ exit_code: -9, oom_killed: false })).toBe("ended by signal 9");
    expect(endWords({ exit_code: 137, oom_killed: true })).toBe("killed for want of memory");
    expect(endWords({ exit_code: 0, oom_killed: false })).toBeNull();
    expect(endWords({ exit_code: null, oom_killed: false })).toBeNull();
  });
  test("need, target, lists", () => {
    expect(neededMb({ vram_declared_mb: 100, vram_peak_mb: 120 })).toBe(120);
    expect(neededMb({ vram_declared_mb: null, vram_peak_mb: null })).toBeNull();
    expect(targetWords(anAsset("rvc"))).toBe("container voice-rvc");
    expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
  });
});

describe("what is shown", () => {
  const bark = anAsset("bark", { status: "running", metrics: { vram_usage_mb: 900, cpu_percent: 2 }, type: "service" });
  const rvc = anAsset("rvc", { status: "error", drift: "crashed", vram_declared_mb: 2048 });
  const api = anAsset("api", { name: "Gateway" });
  const all = [bark, rvc, api];
  const wanted = { q: "", status: "", type: "", sort: "registry" as const };
  const ids = (changes: Partial<Parameters<typeof shownAssets>[1]>) =>
    shownAssets(all, { ...wanted, ...changes }).map(({ id }) => id);

  test("filters", () => {
    expect(ids({})).toEqual(["bark", "rvc", "api"]);
    expect(ids({ q: "gate" })).toEqual(["api"]);
    expect(ids({ q: "VOICE-R" })).toEqual(["rvc"]);
    expect(ids({ status: "running" })).toEqual(["bark"]);
    expect(ids({ status: "drift" })).toEqual(["rvc"]);
    expect(ids({ type: "service" })).toEqual(["bark"]);
  });
  test("orders: what needs a person first, the largest first, unknown last", () => {
    expect(ids({ sort: "status" })).toEqual(["rvc", "bark", "api"]);
    expect(ids({ sort: "vram" })).toEqual(["rvc", "bark", "api"]);
    expect(ids({ sort: "cpu" })).toEqual(["bark", "api", "rvc"]);
    expect(ids({ sort: "name" })).toEqual(["bark", "api", "rvc"]);
    expect(inOrder(all, ["api", "bark"]).map(({ id }) => id)).toEqual(["api", "bark", "rvc"]);
    expect([sortOf("vram"), sortOf("nonsense"), sortOf(null)]).toEqual(["vram", "registry", "registry"]);
  });
});

describe("dependencies", () => {
  const hubert = anAsset("hubert");
  const rvc = anAsset("rvc", { dependencies: ["hubert", "rmvpe"] });
  const song = anAsset("song", { dependencies: ["rvc", "hubert"] });
  test("each one right of all that it needs; who needs nobody and is not needed stands apart", () => {
    expect(layers([song, rvc, hubert, anAsset("rmvpe"), anAsset("api")])).toEqual({
      layers: [["hubert", "rmvpe"], ["rvc"], ["song"]],
      alone: ["api"],
    });
  });
  test("who needs whom, and nothing hangs on a circle or on one that is not there", () => {
    expect(neededBy([song, rvc]).get("hubert")).toEqual(["song", "rvc"]);
    const circle = [anAsset("a", { dependencies: ["b"] }), anAsset("b", { dependencies: ["a", "gone"] })];
    expect(layers(circle).layers.flat().sort()).toEqual(["a", "b"]);
  });
});

describe("GPU memory", () => {
  const bark = anAsset("bark", { usage: { ...usage, vram: [card(4000, 6144)] } });
  const rvc = anAsset("rvc", { usage: { ...usage, vram: [card(1900, 1024, 300)] } });
  test("a card is filled to its size", () => {
    const [found] = cardsOf([gpu(7000, 24_000)], [bark, rvc]);
    expect(found?.pieces).toEqual([
      { kind: "used", asset: "bark", mb: 4000 },
      { kind: "promised", asset: "bark", mb: 2144 },
      { kind: "used", asset: "rvc", mb: 1900 },
      { kind: "leaked", asset: "rvc", mb: 300 },
      { kind: "others", asset: null, mb: 800 },
      { kind: "free", asset: null, mb: 14_856 },
    ]);
    expect(found?.pieces.reduce((all, { mb }) => all + mb, 0)).toBe(24_000);
    expect(found && sumOf(found, "used")).toBe(5900);
  });
  test("what nobody measured is no zero", () => {
    const [found] = cardsOf([], [anAsset("x", { usage: { ...usage, vram: [card(null, 512)] } })]);
    expect(found).toMatchObject({ totalMb: null, hidden: ["x"], pieces: [{ kind: "promised", asset: "x", mb: 512 }] });
  });
  test("cards by their number; holders by their size", () => {
    expect(cardsOf([gpu(0, 1, "b", 1), gpu(0, 1, "a", 0)], []).map(({ uuid }) => uuid)).toEqual(["a", "b"]);
    expect(holdersOf("GPU-0", [rvc, bark]).map(({ asset }) => asset)).toEqual(["bark", "rvc"]);
    expect(holdersOf("GPU-1", [rvc, bark])).toEqual([]);
  });
});

describe("a stop", () => {
  const hold = { id: "h", actor: "anna", reason: "a song", expires_at: "2026-12-01T12:00:00Z" };
  const hubert = anAsset("hubert", { holds: [hold] });
  const rvc = anAsset("rvc", { usage: { ...usage, jobs: ["j1"], vram: [card(1900, 2048)] } });
  const all = new Map([hubert, rvc].map((asset) => [asset.id, asset]));
  test("what is in the way is that of all that would stop", () => {
    const found = inTheWay("hubert", ["rvc", "hubert"], all);
    expect(found.dependents).toEqual(["rvc"]);
    expect(found.jobs).toEqual([{ asset: "rvc", job: "j1" }]);
    expect(found.holds).toMatchObject([{ asset: "hubert", actor: "anna" }]);
    expect(allowances(found)).toEqual({ cascade: true, force: true });
    expect(allowances(inTheWay("x", ["x"], all))).toEqual({ cascade: false, force: false });
    expect([toFree(["rvc", "hubert"], all), toFree(["hubert"], all)]).toEqual([1900, null]);
  });
  test("the board is another one when somebody starts or takes memory, and not for a mebibyte", () => {
    const more = (mb: number) => [anAsset("rvc", { usage: { ...usage, vram: [card(mb, 0)] } })];
    expect(boardOf(more(1000))).toBe(boardOf(more(1001)));
    expect(boardOf(more(1000))).not.toBe(boardOf(more(1900)));
    expect(boardOf([hubert])).not.toBe(boardOf([{ ...hubert, holds: [] }]));
  });
});

test("a refusal is read as far as it is what it should be", () => {
  const holders = [{ asset: null, gpu: 0, used_mb: 5, reserved_mb: 0, leaked: false, jobs: [] }, "?"];
  const found = refusalOf(new DeskProblem(409, "Conflict", "no room", { holders, stop: ["bark"], jobs: 3 }));
  expect(found).toMatchObject({ reason: "no room", stop: ["bark"], jobs: [], dependents: [] });
  expect(found.holders).toEqual([{ asset: null, gpu: 0, usedMb: 5, reservedMb: 0, leaked: false, jobs: [] }]);
  expect(refusalOf(new Error("?"))).toMatchObject({ reason: "?", stop: null, holders: [] });
  expect(problemsOf(new DeskProblem(422, "", "", { problems: ["a: no"] }))).toEqual(["a: no"]);
});
