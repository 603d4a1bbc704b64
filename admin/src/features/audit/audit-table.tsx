"use client";

import type { AuditLine } from "@mixdesk/client";
import Link from "next/link";
import { Table, Td, Th, Tr } from "@/ui/table";
import { When } from "@/ui/time";
import { hrefOf, lookOf } from "./lines";

/** Who asked what of which target, when, from where, and how it ended. */
export function AuditTable({ lines }: { lines: readonly AuditLine[] }) {
  return (
    <Table label="Audit, newest first">
      <thead>
        <tr>
          <Th>When</Th>
          <Th>Who</Th>
          <Th>What</Th>
          <Th>Of</Th>
          <Th>How it ended</Th>
          <Th>From</Th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Tr key={line.id}>
            <Td className="whitespace-nowrap">
              <When at={line.at} />
            </Td>
            <Td className="whitespace-nowrap">
              {line.actor}
              <span className="block text-xs text-soft">by {line.via}</span>
            </Td>
            <Td className="whitespace-nowrap">{line.action}</Td>
            <Td className="max-w-56 wrap-anywhere">
              <Target line={line} />
            </Td>
            <Td className="min-w-40">
              <Outcome outcome={line.outcome} />
              {line.detail !== null && <span className="block text-xs wrap-anywhere text-soft">{line.detail}</span>}
            </Td>
            <Td className="whitespace-nowrap text-soft">{line.origin}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** The same on a phone. */
export function AuditCards({ lines }: { lines: readonly AuditLine[] }) {
  return (
    <ul aria-label="Audit, newest first" className="space-y-2 text-sm">
      {lines.map((line) => (
        <li key={line.id} className="rounded-xl border bg-card p-3">
          <div className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="font-medium">{line.action}</span>
            <Outcome outcome={line.outcome} />
          </div>
          <p className="wrap-anywhere">
            <Target line={line} />
          </p>
          {line.detail !== null && <p className="text-xs wrap-anywhere text-soft">{line.detail}</p>}
          <p className="mt-1 text-xs text-soft">
            {line.actor} by {line.via}, <When at={line.at} />
            {line.origin && ` from ${line.origin}`}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Target({ line }: { line: AuditLine }) {
  const href = hrefOf(line);
  if (href === null) return line.target;
  return (
    <Link href={href} prefetch={false} className="underline underline-offset-2">
      {line.target}
    </Link>
  );
}

function Outcome({ outcome }: { outcome: string }) {
  const [sign, colour] = lookOf(outcome);
  return (
    <span className={`font-medium whitespace-nowrap ${colour}`}>
      <span aria-hidden="true">{sign} </span>
      {outcome}
    </span>
  );
}
