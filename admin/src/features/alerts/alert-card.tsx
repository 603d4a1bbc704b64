import type { Alert } from "@mixdesk/client";
import Link from "next/link";
import { webAddress } from "@/lib/web-address";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";
import { labelsOf, placesOf, runbookOf } from "./alert-words";
import { Severity } from "./severity";

const LINK = "font-medium text-accent underline underline-offset-2";

/** One alert: what is wrong, since when, what to do, and where. */
export function AlertCard({ alert }: { alert: Alert }) {
  return (
    <article aria-label={`${alert.name}, ${alert.state}`} className="min-w-0 rounded-xl border bg-card p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Status of={alert.state} />
        <Severity of={alert.severity} />
        <h3 className="font-medium wrap-anywhere">{alert.name}</h3>
        <Times alert={alert} />
      </div>
      {alert.summary !== null && <p className="mt-2 wrap-anywhere">{alert.summary}</p>}
      {alert.description !== null && (
        <p className="mt-1 text-sm whitespace-pre-line text-soft wrap-anywhere">{alert.description}</p>
      )}
      <Links alert={alert} />
      <Labels alert={alert} />
    </article>
  );
}

function Times({ alert }: { alert: Alert }) {
  return (
    <span className="ml-auto text-soft">
      began <When at={alert.starts_at} />
      {alert.state === "resolved" && (
        <>
          , over <When at={alert.ends_at} />
        </>
      )}
      {alert.state === "stale" && (
        <>
          , last heard <When at={alert.heard_at} />
        </>
      )}
    </span>
  );
}

function Links({ alert }: { alert: Alert }) {
  const runbook = runbookOf(alert);
  const source = webAddress(alert.source);
  const places = placesOf(alert.labels);
  if (runbook === null && source === null && places.length === 0) return null;
  return (
    <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {runbook !== null && (
        <a href={runbook} className={LINK}>
          What to do
        </a>
      )}
      {places.map((place) => (
        <Link key={place.href} href={place.href} prefetch={false} className={LINK}>
          {place.kind === "job" ? "The job" : `Asset ${place.id}`}
        </Link>
      ))}
      {source !== null && (
        <a href={source} target="_blank" rel="noreferrer" className={LINK}>
          Its query<span className="sr-only"> (opens a new tab)</span>
        </a>
      )}
    </p>
  );
}

function Labels({ alert }: { alert: Alert }) {
  const labels = labelsOf(alert);
  if (labels.length === 0) return null;
  return (
    <dl className="mt-3 flex flex-wrap gap-1.5 font-mono text-xs">
      {labels.map(([name, value]) => (
        <div key={name} className="flex max-w-full rounded-md border">
          <dt className="bg-raised px-1.5 py-0.5 text-soft">{name}</dt>
          <dd className="min-w-0 px-1.5 py-0.5 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
