"use client";

import { Fault, type FaultProps } from "@/shell/fault";
import "./globals.css";

export default function GlobalErrorPage(props: FaultProps) {
  return (
    <html lang="en">
      <body>
        <title>Mixdesk</title>
        <main className="p-4">
          <Fault {...props} />
        </main>
      </body>
    </html>
  );
}
