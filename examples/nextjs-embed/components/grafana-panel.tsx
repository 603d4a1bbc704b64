/** The panel "Loss" of the dashboard `mixdesk-job`. */
const LOSS = "204";

/** One panel of the dashboard that comes with Mixdesk. docs/grafana.md has the rest: themes, tabs, who may look. */
export function GrafanaPanel({ url, job }: { url: string | undefined; job: string }) {
  if (!url) return <p>No Grafana: set GRAFANA_URL to show a panel here.</p>;
  const query = new URLSearchParams({
    orgId: "1",
    from: "now-1h",
    to: "now",
    refresh: "10s",
    panelId: LOSS,
    "var-job_id": job,
  });
  return (
    <iframe
      src={`${url.replace(/\/+$/, "")}/d-solo/mixdesk-job?${query}`}
      title="Grafana"
      loading="lazy"
      style={{ width: "100%", height: 300, border: 0 }}
    />
  );
}
