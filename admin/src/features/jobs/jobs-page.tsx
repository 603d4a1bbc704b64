"use client";

import { Waiting } from "@/ui/empty";

export function JobsPage() {
  return <Waiting>Jobs: being built.</Waiting>;
}
