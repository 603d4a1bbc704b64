"use client";

import type { Job, JobHistory } from "@mixdesk/client";
import { useState } from "react";
import { bytes, count } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { CopyButton } from "@/ui/copy";
import { Code, Empty, Failed } from "@/ui/empty";
import { Older } from "@/ui/older";
import { Panel } from "@/ui/panel";
import { Table, Td, Th, Tr } from "@/ui/table";
import { When } from "@/ui/time";
import { keepsCheckpoints } from "./actions/possible";
import { checkpointsOf, type Saved } from "./checkpoint-list";
import { baseName } from "./request-words";

const PAGE = 10;
const HASH_SHOWN = 12;

/** The files that a run can go on from. */
export function Checkpoints({ job, history }: { job: Job; history: JobHistory | undefined }) {
  const [shown, setShown] = useState(PAGE);
  const all = checkpointsOf(job, history);
  if (all.length === 0) return keepsCheckpoints(job) ? <NoneYet job={job} /> : null;
  return (
    <Panel title="Checkpoints" aside={`${all.length} saved`}>
      <LastFailure job={job} />
      <Table label="Files of the checkpoints" className="relative">
        <thead>
          <tr>
            <Th>File</Th>
            <Th>Position</Th>
            <Th>Size</Th>
            <Th>Saved</Th>
            <Th>Why</Th>
            <Th>Hash</Th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, shown).map((one) => (
            <CheckpointRow key={one.path} saved={one} />
          ))}
        </tbody>
      </Table>
      {all.length > PAGE && (
        <Older
          shown={Math.min(shown, all.length)}
          noun="checkpoints"
          more={all.length > shown}
          onMore={() => setShown(shown + PAGE)}
        />
      )}
    </Panel>
  );
}

function CheckpointRow({ saved }: { saved: Saved }) {
  return (
    <Tr>
      <Td className="min-w-64">
        <span className="flex items-center gap-2">
          <Badge tone={saved.verified ? "good" : "warn"}>{saved.verified ? "✔ verified" : "not verified"}</Badge>
          <CopyButton text={saved.path} label={`Copy the path of ${baseName(saved.path)}`} className="-my-2" />
        </span>
        <code className="wrap-anywhere" title={saved.path}>
          {baseName(saved.path)}
        </code>
      </Td>
      <Td className="whitespace-nowrap">
        epoch {count(saved.epoch)}, step {count(saved.step)}
      </Td>
      <Td className="whitespace-nowrap">{bytes(saved.size)}</Td>
      <Td className="whitespace-nowrap">
        <When at={saved.saved_at} />
      </Td>
      <Td className="whitespace-nowrap">{saved.reason}</Td>
      <Td className="whitespace-nowrap">
        <code title={saved.hash}>{saved.hash.slice(0, HASH_SHOWN)}</code>
        <CopyButton text={saved.hash} label={`Copy the hash of ${baseName(saved.path)}`} className="-my-2" />
      </Td>
    </Tr>
  );
}

/** The newest save failed: nobody need have asked for it. */
function LastFailure({ job }: { job: Job }) {
  const { checkpoint_status: status, checkpoint_error: error } = job.details;
  if (status !== "failed") return null;
  return (
    <div className="mb-3">
      <Failed title="The last save failed">
        <p className="wrap-anywhere">{error ?? "its trainer did not say why"}</p>
      </Failed>
    </div>
  );
}

function NoneYet({ job }: { job: Job }) {
  return (
    <Panel title="Checkpoints">
      <LastFailure job={job} />
      <Empty title="Nothing is saved yet">
        <p>
          What the trainer registers is saved every 15 minutes by itself, and when somebody asks for it here. A trainer
          registers it with
        </p>
        <Code>job.register(net=net, optimizer=optimizer)</Code>
      </Empty>
    </Panel>
  );
}
