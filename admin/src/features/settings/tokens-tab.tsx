"use client";

import { type Token, unwrap } from "@mixdesk/client";
import { useDesk, useNow } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/ui/button";
import { Failed, Waiting } from "@/ui/empty";
import { Checkbox } from "@/ui/field";
import { Table, Th } from "@/ui/table";
import { NewToken } from "./new-token";
import { RevokeToken } from "./revoke-token";
import { TokenRow } from "./token-row";
import { stateOf } from "./tokens";

const MINUTE_MS = 60_000;

/** Who may come in: the tokens with their roles, new ones, and the end of old ones. */
export function TokensTab() {
  const { rest } = useDesk();
  const now = useNow(MINUTE_MS);
  const asked = useQuery({ queryKey: ["tokens"], queryFn: () => unwrap(rest.GET("/admin/tokens")) });
  const [ended, setEnded] = useState(false);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  if (asked.error) return <Failed title="The tokens were not told">{asked.error.message}</Failed>;
  if (!asked.data) return <Waiting>Asking the desk for its tokens …</Waiting>;
  const tokens = asked.data.items.filter((token) => ended || stateOf(token, now) === "valid");
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-sm text-soft">
          Trainers, commands and browsers come in by tokens. The desk keeps no secret: each is shown once, when it is
          made.
        </p>
        <div className="flex flex-wrap items-center gap-3">
          <Checkbox checked={ended} onChange={(event) => setEnded(event.target.checked)}>
            Show ended ones too
          </Checkbox>
          <Button kind="main" onClick={() => setMaking(true)}>
            New token
          </Button>
        </div>
      </div>
      <Table label="Tokens, newest first">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Roles</Th>
            <Th>Bound to</Th>
            <Th>Last used</Th>
            <Th>Expires</Th>
            <Th>Made</Th>
            <Th hidden>Actions</Th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} state={stateOf(token, now)} onRevoke={() => setRevoking(token)} />
          ))}
        </tbody>
      </Table>
      <NewToken open={making} onClose={() => setMaking(false)} />
      <RevokeToken token={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}
