"use client";

import type { Operation } from "@mixdesk/client";
import Link from "next/link";
import type { ReactNode } from "react";
import { actsOnAll } from "@/lib/rights";
import { useSession } from "@/shell/session";
import { Button } from "@/ui/button";
import { When } from "@/ui/time";
import { isOpen, legsOf } from "./course";
import { OperationState, OperationSteps } from "./operation-steps";
import { askedWords, freedBy, savedFile } from "./outcome";
import { targetHref } from "./target";
import { useTakeBack } from "./use-take-back";

interface OperationCardProps {
  operation: Operation;
  /** What stands at the end of its head, such as a button that puts it away. */
  children?: ReactNode;
}

/** One operation with all that is known of it; who may, can take it back while it is on its way. */
export function OperationCard({ operation, children }: OperationCardProps) {
  const href = targetHref(operation.kind, operation.target);
  return (
    <article aria-label={`${askedWords(operation)} ${operation.target}`} className="space-y-2 rounded-lg border p-3">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="min-w-0 font-medium break-words">
          {askedWords(operation)}{" "}
          {href === null ? (
            operation.target
          ) : (
            <Link href={href} prefetch={false} className="underline underline-offset-2">
              {operation.target}
            </Link>
          )}
        </h3>
        <OperationState operation={operation} />
        <span className="text-sm text-soft">
          by {operation.actor || "somebody"}, <When at={operation.created_at} />
        </span>
        <span className="ml-auto flex gap-2">
          <TakeBack operation={operation} />
          {children}
        </span>
      </header>
      <Outcome operation={operation} />
      <OperationSteps operation={operation} />
    </article>
  );
}

function Outcome({ operation }: { operation: Operation }) {
  // of a single asset its line says it
  const freed = legsOf(operation).length > 1 ? freedBy(operation) : null;
  const file = savedFile(operation);
  return (
    <>
      {operation.error !== null && <p className="text-sm break-words text-bad">{operation.error}</p>}
      {freed !== null && <p className="text-sm font-medium">{freed}</p>}
      {file !== null && <p className="font-mono text-sm break-all">{file}</p>}
    </>
  );
}

function TakeBack({ operation }: { operation: Operation }) {
  const session = useSession();
  const takeBack = useTakeBack();
  const acts = operation.kind === "asset" ? actsOnAll(session.me) : session.may("operator");
  if (!isOpen(operation) || !acts) return null;
  return (
    <Button disabled={takeBack.isPending} onClick={() => takeBack.mutate(operation)}>
      Take back
    </Button>
  );
}
