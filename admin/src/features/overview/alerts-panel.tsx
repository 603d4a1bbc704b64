"use client";

import Link from "next/link";
import { NO_FILTERS } from "@/features/alerts/alert-filters";
import { runbookOf } from "@/features/alerts/alert-words";
import { Severity } from "@/features/alerts/severity";
import { useAlerts } from "@/features/alerts/use-alerts";
import { Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { When } from "@/ui/time";

const SHOWN = 5;
const FIRING = { ...NO_FILTERS, state: "firing" };
const LINK = "text-accent underline underline-offset-2";

/** What fires, the worst first. */
export function AlertsPanel() {
  const { data, error } = useAlerts(FIRING, SHOWN);
  return (
    <Panel
      title={
        <Link href="/alerts/" prefetch={false} className="hover:text-accent">
          Alerts
        </Link>
      }
      aside={data && data.firing > 0 && `${data.firing} firing`}
    >
      {error && <p className="mb-2 text-sm font-medium text-warn">Stale: {error.message}</p>}
      {data === undefined ? !error && <Waiting>Asking for alerts …</Waiting> : <Firing list={data} />}
    </Panel>
  );
}

function Firing({ list }: { list: NonNullable<ReturnType<typeof useAlerts>["data"]> }) {
  if (list.items.length === 0) return <Quiet alertmanager={list.alertmanager} />;
  return (
    <ul className="divide-y text-sm">
      {list.items.map((alert) => (
        <li key={`${alert.fingerprint} ${alert.starts_at}`} className="py-2 first:pt-0 last:pb-0">
          <div className="flex flex-wrap items-baseline gap-x-2">
            <Severity of={alert.severity} />
            <span className="font-medium wrap-anywhere">{alert.name}</span>
            <When at={alert.starts_at} className="ml-auto text-soft" />
          </div>
          <p className="mt-0.5 text-soft wrap-anywhere">
            {alert.summary}{" "}
            {runbookOf(alert) !== null && (
              <a href={runbookOf(alert) ?? undefined} className={LINK}>
                what to do<span className="sr-only"> about {alert.name}</span>
              </a>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Quiet({ alertmanager }: { alertmanager: { silent: boolean } | null }) {
  if (alertmanager === null) {
    return (
      <p className="text-sm text-soft">
        No Alertmanager tells this desk anything yet.{" "}
        <Link href="/alerts/" prefetch={false} className={LINK}>
          How to set one up
        </Link>
      </p>
    );
  }
  if (alertmanager.silent) {
    return (
      <p className="text-sm font-medium text-warn">
        Nothing is known to fire, but Alertmanager is silent.{" "}
        <Link href="/alerts/" prefetch={false} className={LINK}>
          What to do
        </Link>
      </p>
    );
  }
  return (
    <p className="text-sm text-soft">
      <span aria-hidden="true" className="text-good">
        ✔{" "}
      </span>
      Nothing fires.
    </p>
  );
}
