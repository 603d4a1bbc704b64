"use client";

import { useEffect } from "react";
import { isMissingPart, reloadForNewVersion } from "@/lib/version";
import { Button } from "@/ui/button";

export interface FaultProps {
  error: Error & { digest?: string };
  reset: () => void;
}

/** In place of a page that failed: what it said, and the ways on. After a new version of the desk it reloads by itself. */
export function Fault({ error, reset }: FaultProps) {
  useEffect(() => {
    reloadForNewVersion(error);
  }, [error]);
  const old = isMissingPart(error);
  return (
    <div role="alert" className="mx-auto my-[12vh] max-w-lg rounded-2xl border bg-card p-6">
      <h1 className="text-lg font-semibold">{old ? "The desk has a new version" : "This page failed"}</h1>
      <p className="mt-2 text-sm text-soft">
        {old
          ? "A part of this page could not be loaded. It is most likely of a version that the desk no longer has: a reload brings the new one."
          : "It is a fault of the page, not of your jobs: they go on. The desk and its other pages are not touched by it."}
      </p>
      <pre className="mt-3 rounded-lg bg-raised p-3 font-mono text-sm whitespace-pre-wrap wrap-anywhere">
        {error.message}
      </pre>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button kind="main" onClick={() => location.reload()}>
          Reload
        </Button>
        {!old && <Button onClick={reset}>Try again</Button>}
      </div>
    </div>
  );
}
