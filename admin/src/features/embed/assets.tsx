"use client";

export function EmbeddedAssets() {
  return <main>being built</main>;
}
