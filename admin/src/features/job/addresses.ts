import { webAddress } from "@/lib/web-address";

const TRACE_ID = /\{trace_id\}|%7Btrace_id%7D/gi;
const DASHBOARD = "mixdesk-job";

/** An address that the desk's own settings name: of the web, or a path of this origin. */
function configuredAddress(url: string): string | null {
  return /^\/(?![/\\])/.test(url) ? url : webAddress(url);
}

export function traceUrl(template: string | null | undefined, trace: string | null): string | null {
  if (!template || !trace) return null;
  return configuredAddress(template.replaceAll(TRACE_ID, encodeURIComponent(trace)));
}

export function dashboardUrl(grafana: string | null | undefined, job: string): string | null {
  return grafana ? configuredAddress(`${grafana}/d/${DASHBOARD}?var-job_id=${encodeURIComponent(job)}`) : null;
}
