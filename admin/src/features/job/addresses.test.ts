import { expect, test } from "vitest";
import { dashboardUrl, traceUrl } from "./addresses";

test("a trace has its id in the place of the template's", () => {
  expect(traceUrl("https://t.example/trace/{trace_id}", "4bf9")).toBe("https://t.example/trace/4bf9");
  expect(traceUrl("https://t.example/x?q=%7Btrace_id%7D", "4bf9")).toBe("https://t.example/x?q=4bf9");
  expect(traceUrl(null, "4bf9")).toBeNull();
  expect(traceUrl("https://t.example/{trace_id}", null)).toBeNull();
});

test("the dashboard knows its job", () => {
  expect(dashboardUrl("/grafana", "a b")).toBe("/grafana/d/mixdesk-job?var-job_id=a%20b");
  expect(dashboardUrl(null, "a")).toBeNull();
});
