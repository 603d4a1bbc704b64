"use client";

import { isFinal, type Job, type JobHistory, shownStatus, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

const AGAIN_MS = 30_000;

/** What happened to a job: asked again when its status, phase or files change, and now and then while it runs. */
export function useHistory(job: Job): JobHistory | undefined {
  const desk = useDesk();
  const changes = [shownStatus(job), job.current_step.key, job.checkpoints[0]?.path ?? ""];
  const asked = useQuery({
    queryKey: ["history", job.job_id, ...changes],
    queryFn: () => unwrap(desk.rest.GET("/jobs/{job_id}/history", { params: { path: { job_id: job.job_id } } })),
    placeholderData: keepPreviousData,
    refetchInterval: isFinal(job) ? false : AGAIN_MS,
  });
  return asked.data;
}
