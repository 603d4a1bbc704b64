import type { Token } from "@mixdesk/client";
import { describe, expect, it } from "vitest";
import { stateOf, usage, wanted, whatEnds, whyNotRevoked } from "./tokens";

const NOW = Date.parse("2026-12-01T12:00:00Z");

function token(fields: Partial<Token>): Token {
  return {
    id: "t1",
    name: "box2",
    roles: ["reporter"],
    owner: null,
    source: "created",
    created_at: "2026-11-01T12:00:00Z",
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
    token: null,
    ...fields,
  };
}

function form(fields: Record<string, string>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
}

describe("a token", () => {
  it("is valid, expired or revoked by the desk's clock", () => {
    expect(stateOf(token({}), NOW)).toBe("valid");
    expect(stateOf(token({ expires_at: "2026-12-01T11:59:59Z" }), NOW)).toBe("expired");
    expect(stateOf(token({ expires_at: "2026-12-01T12:00:01Z" }), NOW)).toBe("valid");
    expect(stateOf(token({ revoked_at: "2026-11-30T00:00:00Z", expires_at: null }), NOW)).toBe("revoked");
  });

  it("says what ends with it", () => {
    expect(whatEnds(token({ roles: ["reporter"] })).join(" ")).toContain("go lost");
    expect(whatEnds(token({ roles: ["viewer"] })).join(" ")).toContain("signed out");
    expect(whatEnds(token({ roles: ["admin"], name: "admin", source: "state" })).join(" ")).toContain("tokens/admin");
  });

  it("cannot be revoked where a file gives it", () => {
    expect(whyNotRevoked(token({ source: "given" }))).toContain("token_files");
    expect(whyNotRevoked(token({}))).toBeNull();
  });

  it("comes with the lines for where it is used", () => {
    expect(usage(["reporter"], "https://desk.example", "mxd_x")).toEqual([
      { title: "For a trainer", lines: "export MIXDESK_URL=https://desk.example\nexport MIXDESK_TOKEN=mxd_x" },
    ]);
    expect(usage(["scraper", "viewer"], "http://box:9770", "mxd_x").map((one) => one.lines)).toEqual([
      expect.stringContaining('targets: ["box:9770"]'),
      expect.stringContaining("MIXDESK_CLI_TOKEN=mxd_x"),
    ]);
  });
});

describe("a token that is wanted", () => {
  it("is what the form says", () => {
    expect(wanted(form({ "role-viewer": "on", "role-reporter": "on", name: " box2 ", owner: "", days: "30" }))).toEqual(
      {
        roles: ["viewer", "reporter"],
        name: "box2",
        days: 30,
      },
    );
  });

  it("is refused in words", () => {
    expect(wanted(form({ name: "x" }))).toContain("at least one role");
    expect(wanted(form({ "role-admin": "on", owner: "anna" }))).toContain("leave the owner out");
    for (const days of ["0", "-1", "soon"]) expect(wanted(form({ "role-viewer": "on", days }))).toContain("Days");
  });
});
