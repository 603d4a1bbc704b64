"use client";

import { Waiting } from "@/ui/empty";

export function DashboardsPage() {
  return <Waiting>Dashboards: being built.</Waiting>;
}
