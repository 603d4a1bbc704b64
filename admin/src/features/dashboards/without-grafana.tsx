import { Code, Empty, Failed, Waiting } from "@/ui/empty";
import type { Grafana } from "./grafana-state";

const COMPOSE = "docker compose -f docker-compose.observability.yml";

/** Why there is no dashboard, and what to do about it. */
export function WithoutGrafana({ grafana }: { grafana: Grafana }) {
  switch (grafana.state) {
    case "asking":
      return <Waiting>Asking whether Grafana is there …</Waiting>;
    case "unknown":
      return <Failed title="Where Grafana is cannot be asked">{grafana.reason}</Failed>;
    case "absent":
      return <Absent />;
    case "closed":
      return (
        <Empty title="Grafana is closed to you">
          <p>It shows the jobs of all, and you see those of one owner. The figures below are the desk’s own.</p>
        </Empty>
      );
    case "down":
      return (
        <Empty title={`Grafana does not answer: ${grafana.reason}`}>
          <p>It is asked again every 15 seconds and shown once it is there. See whether it runs:</p>
          <Code>{`${COMPOSE} ps grafana`}</Code>
        </Empty>
      );
    default:
      return null;
  }
}

function Absent() {
  return (
    <Empty title="No Grafana is set">
      <p>It is an addition: history over days, and five dashboards. All of it comes with the compose file:</p>
      <Code>{`${COMPOSE} up -d`}</Code>
      <p>
        One of your own is shown here once <code>mixdesk.toml</code> says where browsers find it:
      </p>
      <Code>{`[grafana]
browser_url = "https://grafana.example"`}</Code>
    </Empty>
  );
}
