"use client";

import type { Job } from "@mixdesk/client";
import { useDesk, useJobs } from "@mixdesk/client/react";
import { useEffect, useRef } from "react";
import { showNotice } from "./browser";
import { type Notice, noticesOf } from "./events";
import type { NoticeLog } from "./notice-log";
import { switches } from "./switches";

/** Compares the jobs at each change with what was seen of them, and tells what happened: in the bell, and by the browser. */
export function useWatch(log: NoticeLog, open: (jobId: string) => void): void {
  const { clock } = useDesk();
  const jobs = useJobs();
  const seen = useRef(new Seen(clock.now()));
  useEffect(() => {
    const told = seen.current.look(jobs.data).filter(({ kind }) => switches.get().kinds[kind]);
    if (told.length > 0) void tell(log, told, open);
  }, [jobs, log, open]);
}

async function tell(log: NoticeLog, told: readonly Notice[], open: (jobId: string) => void): Promise<void> {
  const fresh = await log.add(told);
  if (!switches.get().browser) return;
  for (const notice of fresh) showNotice(notice, open);
}

/** The jobs as they were when they were last looked at; also those that a stream, sent anew, has not come to yet. */
export class Seen {
  readonly #jobs = new Map<string, Job>();

  /** `openedAt`: since when things are told, in milliseconds by the desk. */
  constructor(private readonly openedAt: number) {}

  look(jobs: ReadonlyMap<string, Job>): Notice[] {
    const happened: Notice[] = [];
    for (const [id, job] of jobs) {
      const before = this.#jobs.get(id);
      if (before === job) continue;
      happened.push(...noticesOf(before, job, this.openedAt));
      this.#jobs.set(id, job);
    }
    return happened;
  }
}
