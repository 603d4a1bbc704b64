import { describe, expect, it } from "vitest";
import { configured } from "./configured";
import type { Row } from "./row";
import { receiver } from "./rows-around";

const SETTINGS = {
  server: { host: ["127.0.0.1", "10.0.0.5"], port: 9770, public_url: null, allowed_origins: [] },
  jobs: { keep_days: 90, lease_s: 10, lost_fail_s: 600, weights: { training_rvc: { training: 70 } } },
  assets: [{ id: "bark", process: { env: { HF_TOKEN: "hf_secret" } }, http: { headers: { Authorization: "secret" } } }],
  gpu: { headroom_mb: 512 },
  logs: { redact: false, services: { api: {} } },
  store: { url: "" },
  notify: { url: "https://hooks.example/***", events: ["job.failed"], format: "slack", stalled_s: 900 },
};

function rows(settings: Record<string, unknown>): Map<string, Row> {
  return new Map(configured(settings, "/state").flatMap((group) => group.rows.map((row) => [row.key, row])));
}

describe("what is configured", () => {
  it("says it in words, with units", () => {
    const found = rows(SETTINGS);
    expect(found.get("server.host")?.value).toBe("127.0.0.1, 10.0.0.5");
    expect(found.get("jobs.keep_days")?.value).toBe("90 days");
    expect(found.get("jobs.lost_fail_s")?.value).toBe("10 min");
    expect(found.get("gpu.headroom_mb")?.value).toBe("512 MiB");
    expect(found.get("logs.redact")?.value).toBe("shown as they are");
    expect(found.get("assets")?.value).toBe("1");
  });

  it("says what holds where nothing is set", () => {
    const found = rows(SETTINGS);
    expect(found.get("server.public_url")?.value).toBeNull();
    expect(found.get("server.public_url")?.otherwise).toContain("the address it is asked by");
    expect(found.get("store.url")?.otherwise).toBe("SQLite: /state/mixdesk.db");
  });

  it("shows nothing of what assets run with", () => {
    expect(JSON.stringify(configured(SETTINGS, "/state"))).not.toContain("secret");
  });

  it("survives a desk that says something else", () => {
    for (const odd of [{}, { server: null, jobs: 7, assets: "x", logs: [], notify: { events: "all" } }]) {
      expect(configured(odd, "/state").length).toBe(7);
    }
  });

  it("names the receiver by its host or its file", () => {
    expect(receiver(SETTINGS)).toBe("https://hooks.example/***");
    expect(receiver({ notify: { url: null, url_file: "/run/secrets/hook" } })).toBe("the address in /run/secrets/hook");
    expect(receiver({})).toBeNull();
  });
});
