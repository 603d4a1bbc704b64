"use client";

import { Suspense } from "react";
import { Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { BoardTabs } from "./boards-tabs";
import { NativeCharts } from "./native-charts";
import { useGrafana } from "./use-grafana";
import { useBoardView } from "./use-view";
import { WithoutGrafana } from "./without-grafana";

export function DashboardsPage() {
  return (
    <>
      <PageHeader title="Dashboards" />
      <Suspense fallback={<Waiting>Reading what the address asks for …</Waiting>}>
        <Dashboards />
      </Suspense>
    </>
  );
}

function Dashboards() {
  const grafana = useGrafana();
  const [view, change] = useBoardView();
  if (grafana.state === "there" || grafana.state === "blind") {
    return (
      <>
        {grafana.state === "blind" && <Elsewhere />}
        <BoardTabs grafana={grafana.address} view={view} change={change} />
      </>
    );
  }
  return (
    <div className="space-y-4">
      <WithoutGrafana grafana={grafana} />
      {grafana.state !== "asking" && <NativeCharts />}
    </div>
  );
}

/** A page cannot see whether a frame of another origin holds anything. */
function Elsewhere() {
  return (
    <details className="mb-4 text-sm text-soft">
      <summary>This Grafana is at an address of its own. The frame stays empty or refuses?</summary>
      <p className="mt-1">
        Then it is away, or it does not allow to be framed: it needs <code>allow_embedding = true</code>, and cookies
        with <code>SameSite=None</code> or a sign-in that needs none. “Open in Grafana” works all the same. Behind one
        proxy with the desk, as in the compose file, nothing of that is needed.
      </p>
    </details>
  );
}
