"use client";

import { Waiting } from "@/ui/empty";

export function AuditPage() {
  return <Waiting>Audit: being built.</Waiting>;
}
