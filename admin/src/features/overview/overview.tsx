"use client";

import { useSession } from "@/shell/session";
import { PageHeader } from "@/ui/page-header";
import { AlertsPanel } from "./alerts-panel";
import { AssetsPanel } from "./assets-panel";
import { ErrorsPanel } from "./errors-panel";
import { GpuPanel } from "./gpu-panel";
import { HostPanel } from "./host-panel";
import { JobsPanel } from "./jobs-panel";

/** The desk at a glance: what runs, what the machine does, what is wrong. */
export function Overview() {
  return (
    <>
      <PageHeader title="Overview" />
      <Panels />
    </>
  );
}

// on a phone there are no columns: alerts come before the long part
const COLUMN = "contents lg:grid lg:min-w-0 lg:grid-cols-1 lg:gap-4";
const PLACE = "min-w-0";

function Panels() {
  const { me, may } = useSession();
  // logs of all services are an operator's who is bound to no owner
  const readsLogs = may("operator") && !me?.owner;
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
      <div className={`${COLUMN} lg:col-span-2`}>
        <div className={`${PLACE} order-1`}>
          <JobsPanel />
        </div>
        <div className={`${PLACE} order-3`}>
          <HostPanel />
        </div>
      </div>
      <div className={COLUMN}>
        <div className={`${PLACE} order-2`}>
          <AlertsPanel />
        </div>
        <div className={`${PLACE} order-4 space-y-4`}>
          <GpuPanel />
          <AssetsPanel />
          {readsLogs && <ErrorsPanel />}
        </div>
      </div>
    </div>
  );
}
