"use client";

import { Waiting } from "@/ui/empty";

export function AlertsPage() {
  return <Waiting>Alerts: being built.</Waiting>;
}
