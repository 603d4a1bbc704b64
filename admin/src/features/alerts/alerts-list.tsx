"use client";

import type { AlertList } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useState } from "react";
import { Empty, Failed, Waiting } from "@/ui/empty";
import { Older } from "@/ui/older";
import { When } from "@/ui/time";
import { AlertCard } from "./alert-card";
import { type AlertFilters, isFiltered } from "./alert-filters";
import { Heard } from "./heard";
import { useAlerts } from "./use-alerts";

/** The desk keeps so many at most. */
const ALL = 1000;
const PAGE = 50;

/** The alerts that the filters leave. */
export function AlertsList({ filters }: { filters: AlertFilters }) {
  const { data, error, dataUpdatedAt } = useAlerts(filters, ALL);
  const { clock } = useDesk();
  if (data === undefined) {
    if (error) return <Failed title="The alerts cannot be shown">{error.message}</Failed>;
    return <Waiting>Asking the desk for its alerts …</Waiting>;
  }
  return (
    <div className="space-y-4">
      {error && (
        <p role="status" className="text-sm font-medium text-warn">
          Stale: {error.message}. This is from <When at={new Date(dataUpdatedAt + clock.offset).toISOString()} />.
        </p>
      )}
      <Heard of={data.alertmanager} />
      {data.items.length > 0 ? <Cards list={data} /> : <Nothing list={data} filtered={isFiltered(filters)} />}
    </div>
  );
}

function Cards({ list }: { list: AlertList }) {
  const [shown, setShown] = useState(PAGE);
  return (
    <section aria-label="Alerts">
      <h2 className="mb-3 font-semibold">{list.firing === 1 ? "1 alert fires" : `${list.firing} alerts fire`}</h2>
      <ul className="space-y-3">
        {list.items.slice(0, shown).map((alert) => (
          <li key={`${alert.fingerprint} ${alert.starts_at}`}>
            <AlertCard alert={alert} />
          </li>
        ))}
      </ul>
      <Older
        shown={Math.min(shown, list.items.length)}
        noun="alerts"
        more={shown < list.items.length}
        onMore={() => setShown(shown + PAGE)}
      />
    </section>
  );
}

function Nothing({ list, filtered }: { list: AlertList; filtered: boolean }) {
  if (filtered) {
    return (
      <Empty title="No alert is like that">
        {list.firing === 0 ? "None fires at all." : `${list.firing} fire in all: choose “Show all”.`}
      </Empty>
    );
  }
  // Heard says all there is to say where nobody ever told of an alert
  if (list.alertmanager === null) return null;
  return (
    <Empty title="Nothing fires">
      <p>
        Those that are over are under <b>State: all</b>. What is watched, and why, is in the{" "}
        <a href="/runbooks/" className="font-medium text-accent underline underline-offset-2">
          runbooks
        </a>
        .
      </p>
    </Empty>
  );
}
