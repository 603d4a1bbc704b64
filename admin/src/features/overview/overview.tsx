"use client";

import { Waiting } from "@/ui/empty";

export function Overview() {
  return <Waiting>Overview: being built.</Waiting>;
}
