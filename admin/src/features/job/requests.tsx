"use client";

import type { Job, Operation } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import { isOpen } from "@/features/operations/course";
import { savedFile } from "@/features/operations/outcome";
import { useTakeBack } from "@/features/operations/use-take-back";
import { useSession } from "@/shell/session";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Panel } from "@/ui/panel";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";
import { askedFor, fileOf, remarkOn, stageOf } from "./request-words";

const RECENT_MS = 600_000;
const SHOWN = 5;

/** What was asked of the job and what became of it: the open ones, and those of the last minutes. */
export function Requests({ job, operations }: { job: Job; operations: readonly Operation[] }) {
  const now = useNow();
  const recent = operations.filter((one) => isOpen(one) || now - Date.parse(one.ended_at ?? "") < RECENT_MS);
  if (recent.length === 0) return null;
  return (
    <Panel title="Requests">
      <Said operation={recent[0]} />
      <ul className="divide-y">
        {recent.slice(0, SHOWN).map((operation) => (
          <Request key={operation.id} operation={operation} lost={job.lost} />
        ))}
      </ul>
    </Panel>
  );
}

/** The newest one for screen readers, told when it changes: without its age, which changes all the time. */
function Said({ operation }: { operation: Operation | undefined }) {
  if (operation === undefined) return null;
  const words = [stageOf(operation), fileOf(operation), operation.error].filter((word) => word !== null);
  return (
    <p role="status" className="sr-only">
      Asked to {askedFor(operation)}: {words.join(", ")}
    </p>
  );
}

function Request({ operation, lost }: { operation: Operation; lost: boolean }) {
  const { me, may } = useSession();
  const file = fileOf(operation);
  const remark = lost && isOpen(operation) ? "kept until its trainer is heard again" : remarkOn(operation);
  const who = operation.actor === me?.name ? "You" : operation.actor || "Somebody";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2 text-sm first:pt-0 last:pb-0">
      <Status of={stageOf(operation)} />
      <span className="min-w-0 wrap-anywhere">
        {who} asked to {askedFor(operation)} <When at={operation.created_at} className="text-soft" />
      </span>
      {file !== null && (
        <span className="inline-flex min-w-0 items-center gap-1">
          <code className="min-w-0 wrap-anywhere">{file}</code>
          <CopyButton text={savedFile(operation) ?? file} label="Copy the path" />
        </span>
      )}
      {remark !== null && (
        <span className={operation.state === "failed" ? "min-w-0 wrap-anywhere text-bad" : "text-soft"}>{remark}</span>
      )}
      {operation.state === "pending" && may("operator") && <TakeBack operation={operation} />}
    </li>
  );
}

function TakeBack({ operation }: { operation: Operation }) {
  const takeBack = useTakeBack();
  return (
    <Button kind="quiet" className="ml-auto" disabled={takeBack.isPending} onClick={() => takeBack.mutate(operation)}>
      Take back
    </Button>
  );
}
