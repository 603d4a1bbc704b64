import { expect, test } from "vitest";
import { dashboardUrl, traceUrl, webAddress } from "./addresses";

test.each([
  ["https://x.example/a?b=c", "https://x.example/a?b=c"],
  ["http://x.example", "http://x.example/"],
  ["/grafana/d/x", "/grafana/d/x"],
  ["//evil.example/", null],
  ["/\\evil.example", null],
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
  ["file:///etc/passwd", null],
  ["nothing", null],
  ["", null],
  [null, null],
])("%s", (url, shown) => {
  expect(webAddress(url)).toBe(shown);
});

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
