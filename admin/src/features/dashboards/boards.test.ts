import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BOARDS, boardAddress, viewOf } from "./boards";

const SHIPPED = new URL("../../../../grafana/dashboards/", import.meta.url);
const KIOSK = { theme: "dark", kiosk: true };

interface Shipped {
  uid: string;
  title: string;
  templating: { list: { name: string }[] };
}

const shipped = readdirSync(SHIPPED)
  .filter((name) => name.endsWith(".json"))
  .map((name): Shipped => JSON.parse(readFileSync(new URL(name, SHIPPED), "utf-8")));

describe("the tabs", () => {
  it("are the dashboards that are shipped", () => {
    const byUid = (one: { uid: string }, other: { uid: string }) => one.uid.localeCompare(other.uid);
    const tabs = BOARDS.map(({ uid, title }) => ({ uid: String(uid), title: String(title) })).sort(byUid);
    expect(tabs).toEqual(shipped.map(({ uid, title }) => ({ uid, title })).sort(byUid));
  });

  it("hand on variables that their dashboard has", () => {
    for (const { uid, variables } of BOARDS) {
      const names = shipped.find((one) => one.uid === uid)?.templating.list.map((one) => one.name);
      expect(names).toEqual(expect.arrayContaining([...variables]));
    }
  });
});

describe("the address of the page", () => {
  it("chooses tab, time and what the dashboards are of", () => {
    const view = viewOf(new URLSearchParams("board=mixdesk-job&range=6h&job_id=a%20b&evil=1"));
    expect(view).toMatchObject({ board: { uid: "mixdesk-job" }, range: "6h", variables: { job_id: "a b" } });
  });

  it("may leave all of it out, or be wrong", () => {
    const view = viewOf(new URLSearchParams("board=none&range=9y"));
    expect(view).toEqual({ board: BOARDS[0], range: "3h", variables: {} });
  });
});

describe("the address of a frame", () => {
  it("has theme, time, kiosk and the variables of its dashboard alone", () => {
    const view = { range: "1h", variables: { job_id: "a&b", host: "box" } };
    const address = new URL(boardAddress("https://desk.example/grafana", BOARDS[1], view, KIOSK));
    expect(address.pathname).toBe("/grafana/d/mixdesk-job");
    expect(Object.fromEntries(address.searchParams)).toEqual({
      orgId: "1",
      from: "now-1h",
      to: "now",
      refresh: "10s",
      theme: "dark",
      "var-job_id": "a&b",
      kiosk: "true",
    });
  });

  it("of a tab of its own is no kiosk", () => {
    const view = { range: "1h", variables: {} };
    expect(boardAddress("http://g", BOARDS[0], view, { theme: "light", kiosk: false })).not.toContain("kiosk");
  });
});
