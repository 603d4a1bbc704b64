"use client";

export function EmbeddedMetrics() {
  return <main>being built</main>;
}
