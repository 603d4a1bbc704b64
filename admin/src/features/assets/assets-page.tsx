"use client";

import { Waiting } from "@/ui/empty";

export function AssetsPage() {
  return <Waiting>Assets: being built.</Waiting>;
}
