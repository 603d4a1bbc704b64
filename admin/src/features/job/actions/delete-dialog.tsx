"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { nameOf } from "@/features/jobs/position";
import { ConfirmDialog } from "@/ui/confirm";
import { useSay } from "@/ui/toast";
import type { DialogProps } from "./action-bar";
import { closing } from "./save-dialog";

export function DeleteDialog({ job, open, onClose }: DialogProps) {
  const desk = useDesk();
  const router = useRouter();
  const say = useSay();
  const remove = useMutation({
    mutationFn: () => unwrap(desk.rest.DELETE("/jobs/{job_id}", { params: { path: { job_id: job.job_id } } })),
    onSuccess: () => {
      say(`${nameOf(job)} is deleted`);
      router.push("/jobs/");
    },
  });
  return (
    <ConfirmDialog
      open={open}
      onClose={closing(remove, onClose)}
      title={`Delete ${nameOf(job)}?`}
      keep="Keep it"
      confirm="Delete"
      kind="risky"
      busy={remove.isPending}
      failed={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <p>
        The desk forgets the job with its history and its numbers; this cannot be undone. Its files, checkpoints above
        all, stay where they are.
      </p>
    </ConfirmDialog>
  );
}
