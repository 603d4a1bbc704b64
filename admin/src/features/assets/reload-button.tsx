"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failed } from "@/ui/empty";
import { problemsOf } from "./refusal";
import { listed } from "./words";

/** Reads the registry anew: says what it brought, or each line that is wrong with it. */
export function ReloadButton() {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const reload = useMutation({
    mutationFn: () => unwrap(desk.rest.POST("/admin/assets/reload")),
    onSettled: () => setOpen(true),
  });
  return (
    <>
      <Button disabled={reload.isPending} onClick={() => reload.mutate()}>
        {reload.isPending ? "Reading it …" : "Reload registry"}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={reload.isError ? "The registry is wrong" : "The registry was read"}
      >
        {reload.isError && <Wrong problem={reload.error} />}
        {reload.data && <Brought answer={reload.data} />}
        <div className="mt-5 flex justify-end">
          <Button autoFocus onClick={() => setOpen(false)}>
            Close
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function Wrong({ problem }: { problem: Error }) {
  const problems = problemsOf(problem);
  return (
    <Failed title="The one that was there holds on.">
      {problems.length === 0 ? (
        <p className="break-words">{problem.message}</p>
      ) : (
        <ul className="list-disc space-y-1 pl-5 break-words">
          {problems.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Failed>
  );
}

interface Answer {
  added: string[];
  removed: string[];
  changed: string[];
  left_running: string[];
}

function Brought({ answer }: { answer: Answer }) {
  const lines = [
    ["Added", answer.added],
    ["Removed", answer.removed],
    ["Changed", answer.changed],
    ["Runs on, and is no asset any more", answer.left_running],
  ] as const;
  const told = lines.filter(([, ids]) => ids.length > 0);
  if (told.length === 0) return <p className="text-sm">Nothing has changed in it.</p>;
  return (
    <ul className="space-y-1 text-sm">
      {told.map(([word, ids]) => (
        <li key={word}>
          <span className="text-soft">{word}:</span> {listed(ids)}
        </li>
      ))}
    </ul>
  );
}
