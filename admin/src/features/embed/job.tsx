"use client";

export function EmbeddedJob() {
  return <main>being built</main>;
}
