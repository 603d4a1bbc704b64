"use client";

import { Fault, type FaultProps } from "@/shell/fault";

export default function ErrorPage(props: FaultProps) {
  return (
    <main className="p-4">
      <Fault {...props} />
    </main>
  );
}
