"use client";

import type { Job, JobHistory } from "@mixdesk/client";
import { useMemo, useState } from "react";
import { figure, mebibytes, percent, UNKNOWN } from "@/lib/format";
import { lookup } from "@/lib/lookup";
import { Button } from "@/ui/button";
import { Chart, type ChartUnit, MEBIBYTES, PERCENT, PLAIN } from "@/ui/chart";
import { Empty } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { joined, type Line, namesOf } from "./lines";
import { useLiveLines } from "./use-live-lines";

const SHOWN = 6;
/** Points come as seldom as the trainer logs: a line is not broken by a long step. */
const UNBROKEN = Number.POSITIVE_INFINITY;
const GPU_GAP_MS = 15_000;

interface NumbersProps {
  job: Job;
  history: JobHistory | undefined;
  live: boolean;
}

/** What the trainer logged, and what its process holds of the GPUs, over time. */
export function Numbers({ job, history, live }: NumbersProps) {
  const lines = useLiveLines(job);
  const names = namesOf(job, history);
  const [all, setAll] = useState(false);
  const shown = all ? names : names.slice(0, SHOWN);
  return (
    <>
      <Panel title="Logged numbers">
        {names.length === 0 ? (
          <NoNumbers live={live} />
        ) : (
          <div className="grid gap-6 md:grid-cols-2 xl:grid-cols-3">
            {shown.map((name) => (
              <LoggedNumber
                key={name}
                name={name}
                now={lookup(job.metrics, name)?.value}
                points={lookup(history?.points ?? {}, name)}
                live={lines.numbers.get(name)}
              />
            ))}
          </div>
        )}
        {names.length > shown.length && (
          <Button className="mt-4" onClick={() => setAll(true)}>
            Show all {names.length} numbers
          </Button>
        )}
      </Panel>
      {lines.memory.times.length + lines.utilization.times.length > 0 && (
        <Panel title="GPU of this job" aside="since this page was opened">
          <div className="grid gap-6 md:grid-cols-2">
            <Drawn
              title="GPU utilization"
              name={percent(job.details.gpu_utilization)}
              line={lines.utilization}
              unit={PERCENT}
              gap={GPU_GAP_MS}
            />
            <Drawn
              title="GPU memory"
              name={mebibytes(job.details.vram_usage_mb)}
              line={lines.memory}
              unit={MEBIBYTES}
              gap={GPU_GAP_MS}
            />
          </div>
        </Panel>
      )}
    </>
  );
}

interface LoggedNumberProps {
  name: string;
  now: number | string | undefined;
  points: JobHistory["points"][string] | undefined;
  live: Line | undefined;
}

function LoggedNumber({ name, now, points, live }: LoggedNumberProps) {
  const line = useMemo(() => joined(points, live), [points, live]);
  const words = now === undefined ? UNKNOWN : figure(now);
  return (
    <div className="min-w-0">
      <Drawn title={name} name={words} line={line} unit={PLAIN} gap={UNBROKEN} />
      {typeof now === "string" && line.times.length > 1 && <p className="text-sm font-medium text-bad">now {words}</p>}
    </div>
  );
}

interface DrawnProps {
  title: string;
  /** The newest value in words. */
  name: string;
  line: Line;
  unit: ChartUnit;
  gap: number;
}

function Drawn({ title, name, line, unit, gap }: DrawnProps) {
  const series = useMemo(() => [{ name: title, values: line.values }], [title, line]);
  if (line.times.length < 2) {
    return (
      <p className="text-sm">
        <span className="font-medium">{title}</span> {name}
      </p>
    );
  }
  return <Chart title={title} times={line.times} series={series} unit={unit} gap={gap} />;
}

function NoNumbers({ live }: { live: boolean }) {
  return (
    <Empty title="No numbers were logged">
      {live && (
        <p>
          The trainer logs them with <code>job.log(loss=loss)</code>, any name, at each step.
        </p>
      )}
    </Empty>
  );
}
