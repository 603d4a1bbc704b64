"use client";

import { useSearchParams } from "next/navigation";
import { Suspense, useCallback, useMemo } from "react";
import { Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { type AlertFilters, alertFiltersOf, alertQueryOf } from "./alert-filters";
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
  const query = useSearchParams();
  const filters = useMemo(() => alertFiltersOf(query), [query]);
  const change = useCallback((changes: Partial<AlertFilters>) => {
    const now = alertFiltersOf(new URLSearchParams(window.location.search));
    const text = new URLSearchParams(alertQueryOf({ ...now, ...changes })).toString();
    window.history.replaceState(null, "", text === "" ? window.location.pathname : `?${text}`);
  }, []);
  return (
    <>
      <AlertFilterBar filters={filters} change={change} />
      <AlertsList filters={filters} />
    </>
  );
}
