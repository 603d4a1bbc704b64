"use client";

import type { Operation } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import { duration } from "@/lib/format";
import { Status } from "@/ui/status";
import { exact } from "@/ui/time";
import { isOpen, type Leg, legsOf, ownSteps, type Stage } from "./course";
import { freedWords, type LegResult, resultOf } from "./outcome";

const MARKS: Record<Stage, readonly [sign: string, word: string, colour: string]> = {
  wait: ["○", "waits its turn", "text-soft"],
  loading: ["◔", "is loading", "text-accent"],
  ready: ["✔", "ready", "text-good"],
  stopping: ["◕", "is stopping", "text-accent"],
  stopped: ["■", "stopped", "text-good"],
  failed: ["✘", "failed", "text-bad"],
  left: ["↷", "not begun", "text-soft"],
};

/** How an operation came along: each asset of it with its stage and seconds, and what else was noted. */
export function OperationSteps({ operation }: { operation: Operation }) {
  const legs = legsOf(operation);
  const steps = ownSteps(operation);
  return (
    <div className="space-y-2 text-sm">
      {legs.length > 0 && (
        <ul aria-label="Assets of it" className="divide-y rounded-lg border">
          {legs.map((leg) => (
            <LegLine key={`${leg.does} ${leg.asset}`} leg={leg} result={resultOf(operation, leg.asset)} />
          ))}
        </ul>
      )}
      {steps.length > 0 && (
        <ol aria-label="Steps" className="space-y-0.5 text-soft">
          {steps.map(({ at, step }) => (
            <li key={`${at} ${step}`} className="flex gap-2">
              <time dateTime={at} title={exact(at)} className="w-14 shrink-0 text-right">
                {since(operation, at)}
              </time>
              <span className="min-w-0 break-words">{step}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function LegLine({ leg, result }: { leg: Leg; result: LegResult | null }) {
  const [sign, word, colour] = MARKS[leg.stage];
  const freed = result === null ? null : freedWords(result.freedMb, result.leakedMb);
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-3 py-1.5">
      <span className="font-medium">{leg.asset}</span>
      <span className={`inline-flex items-baseline gap-1.5 font-medium ${colour}`}>
        <span aria-hidden="true">{sign}</span>
        {word}
      </span>
      <LegTime leg={leg} result={result} />
      {freed !== null && <span className="text-soft">{freed}</span>}
      {leg.stage === "failed" && <span className="basis-full break-words text-bad">{leg.said}</span>}
    </li>
  );
}

/** Seconds: those that the desk has measured at the end, those that have gone by until then. */
function LegTime({ leg, result }: { leg: Leg; result: LegResult | null }) {
  if (leg.stage === "ready" && leg.began === leg.ended && result?.seconds == null) {
    return <span className="text-soft">ran already</span>;
  }
  if (leg.began === null) return null;
  if (leg.ended === null) return <Running since={leg.began} />;
  return <span className="text-soft">{duration(result?.seconds ?? (leg.ended - leg.began) / 1000)}</span>;
}

function Running({ since: began }: { since: number }) {
  const now = useNow();
  return <span className="text-soft">{duration(Math.max(0, now - began) / 1000)}</span>;
}

function since(operation: Operation, at: string): string {
  const seconds = (Date.parse(at) - Date.parse(operation.created_at)) / 1000;
  return seconds < 1 ? "at once" : `+${duration(seconds)}`;
}

/** The state of an operation in a word: while it is on its way, how long it has been. */
export function OperationState({ operation }: { operation: Operation }) {
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <Status of={operation.state} />
      {isOpen(operation) ? <Running since={Date.parse(operation.created_at)} /> : null}
    </span>
  );
}
