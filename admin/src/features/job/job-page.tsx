"use client";

import { Waiting } from "@/ui/empty";

export function JobPage() {
  return <Waiting>Job: being built.</Waiting>;
}
