const TRACE_ID = /\{trace_id\}|%7Btrace_id%7D/gi;
const DASHBOARD = "mixdesk-job";

/** An address as it may stand in a link: of the web, or of this desk; null for anything else. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url) return null;
  if (/^\/(?![/\\])/.test(url)) return url;
  try {
    const { protocol, href } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

export function traceUrl(template: string | null | undefined, trace: string | null): string | null {
  if (!template || !trace) return null;
  return webAddress(template.replaceAll(TRACE_ID, encodeURIComponent(trace)));
}

export function dashboardUrl(grafana: string | null | undefined, job: string): string | null {
  return grafana ? webAddress(`${grafana}/d/${DASHBOARD}?var-job_id=${encodeURIComponent(job)}`) : null;
}
