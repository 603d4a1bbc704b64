"use client";

import { isFinal, type Job, type JobHistory } from "@mixdesk/client";
import { Panel } from "@/ui/panel";
import { Artifacts } from "./artifacts";
import { Checkpoints } from "./checkpoints";
import { Continued } from "./continued";
import { JobLogPanel } from "./job-log-panel";
import { scoresInWords } from "./score-words";
import { Transitions } from "./transitions";

/** What stays of a job: its files, its log, what happened when, and how good its time left was. */
export function Records({ job, history }: { job: Job; history: JobHistory | undefined }) {
  const scores = scoresInWords(history?.scores ?? null);
  return (
    <>
      <Checkpoints job={job} history={history} />
      <Artifacts job={job} />
      <JobLogPanel job={job} />
      <div className="grid gap-4 lg:grid-cols-2">
        <Transitions history={history} />
        {scores.length > 0 && (
          <Panel title="How good the time left was">
            <ul className="space-y-1 text-sm">
              {scores.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </Panel>
        )}
        {(isFinal(job) || job.lost) && <Continued job={job} />}
      </div>
    </>
  );
}
