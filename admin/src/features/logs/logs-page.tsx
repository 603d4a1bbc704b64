"use client";

import { Waiting } from "@/ui/empty";

export function LogsPage() {
  return <Waiting>Logs: being built.</Waiting>;
}
