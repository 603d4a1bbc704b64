import type { AlertList } from "@mixdesk/client";
import { Code, Empty } from "@/ui/empty";
import { When } from "@/ui/time";

/** Whether Alertmanager is heard at all: without it, no alert would mean nothing. */
export function Heard({ of }: { of: AlertList["alertmanager"] }) {
  if (of === null) return <NeverHeard />;
  if (!of.silent) {
    return (
      <p className="text-sm text-soft">
        Alertmanager was heard <When at={of.last_heard_at} />.
      </p>
    );
  }
  return (
    <div role="status" className="rounded-lg border border-warn p-4 text-sm">
      <p className="font-medium text-warn">
        Alertmanager is silent: its Watchdog came last <When at={of.watchdog_at ?? of.last_heard_at} />
      </p>
      <p className="mt-1">
        It fires always and comes each minute, so what stands here may be old, and new alerts would not arrive. See
        whether Prometheus and Alertmanager run:
      </p>
      <Code>docker compose -f docker-compose.observability.yml ps prometheus alertmanager</Code>
    </div>
  );
}

function NeverHeard() {
  return (
    <Empty title="No Alertmanager has told this desk anything yet">
      <p>
        Alerts come from a Prometheus with Mixdesk’s rules, by way of Alertmanager. Both come with the compose file, set
        up for this desk:
      </p>
      <Code>docker compose -f docker-compose.observability.yml up -d</Code>
      <p>
        To an Alertmanager of your own, add a webhook receiver to <code>/admin/alerts/webhook</code> of this desk with
        the token of a reporter. Without one the desk still tells of jobs, checkpoints and small disks by itself: set{" "}
        <code>[notify]</code>.
      </p>
    </Empty>
  );
}
