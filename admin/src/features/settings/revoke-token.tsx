"use client";

import { type Token, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ConfirmDialog } from "@/ui/confirm";
import { useSay } from "@/ui/toast";
import { whatEnds } from "./tokens";

/** Asks before a token ends, with all that ends by it. */
export function RevokeToken({ token, onClose }: { token: Token | null; onClose: () => void }) {
  const { rest } = useDesk();
  const queries = useQueryClient();
  const say = useSay();
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(rest.DELETE("/admin/tokens/{token_id}", { params: { path: { token_id: id } } })),
    onSuccess: (gone) => {
      say(`${gone.name} is revoked.`);
      close();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const close = () => {
    revoke.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      open={token !== null}
      onClose={close}
      title={`Revoke ${token?.name ?? ""}?`}
      confirm="Revoke"
      kind="risky"
      keep="Keep it"
      busy={revoke.isPending}
      failed={revoke.error}
      onConfirm={() => token && revoke.mutate(token.id)}
    >
      <ul className="list-disc space-y-1 pl-5">{token && whatEnds(token).map((line) => <li key={line}>{line}</li>)}</ul>
    </ConfirmDialog>
  );
}
