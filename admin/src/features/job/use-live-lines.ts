"use client";

import type { Job } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useEffect, useState } from "react";
import { EMPTY, extended, finite, type Line } from "./lines";

export interface LiveLines {
  /** By the name of the logged number. */
  numbers: ReadonlyMap<string, Line>;
  utilization: Line;
  memory: Line;
}

const NOTHING: LiveLines = { numbers: new Map(), utilization: EMPTY, memory: EMPTY };

/** What a job told since the page was opened: its numbers as of its reports, its GPU as of when it was heard. */
export function useLiveLines(job: Job): LiveLines {
  const { clock } = useDesk();
  const [lines, setLines] = useState(NOTHING);
  useEffect(() => {
    setLines((known) => withJob(known, job, clock.now()));
  }, [job, clock]);
  return lines;
}

function withJob(known: LiveLines, job: Job, now: number): LiveLines {
  const { gpu_utilization: utilization, vram_usage_mb: memory } = job.details;
  const numbers = new Map(known.numbers);
  const reported = job.last_report_at === null ? now : Date.parse(job.last_report_at);
  for (const [name, { value }] of Object.entries(job.metrics)) {
    numbers.set(name, extended(numbers.get(name) ?? EMPTY, reported, finite(value)));
  }
  return {
    numbers,
    utilization: utilization === undefined ? known.utilization : extended(known.utilization, now, utilization),
    memory: memory === undefined ? known.memory : extended(known.memory, now, memory),
  };
}
