"use client";

import { Suspense, useMemo } from "react";
import { useQueryState } from "@/lib/query-state";
import { Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { alertFiltersOf } from "./alert-filters";
import { AlertsList } from "./alerts-list";
import { AlertFilterBar } from "./filter-bar";

export function AlertsPage() {
  return (
    <>
      <PageHeader title="Alerts">What Prometheus’ rules found, told by Alertmanager; the worst first.</PageHeader>
      <Suspense fallback={<Waiting>Reading what the address asks for …</Waiting>}>
        <Filtered />
      </Suspense>
    </>
  );
}

function Filtered() {
  const [query, set] = useQueryState();
  const filters = useMemo(() => alertFiltersOf(query), [query]);
  return (
    <>
      <AlertFilterBar filters={filters} change={(changes) => set({ ...changes })} />
      <AlertsList filters={filters} />
    </>
  );
}
