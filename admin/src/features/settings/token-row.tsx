"use client";

import type { Token } from "@mixdesk/client";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Td, Tr } from "@/ui/table";
import { When } from "@/ui/time";
import { sourceOf, type TokenState, whyNotRevoked } from "./tokens";

interface TokenRowProps {
  token: Token;
  state: TokenState;
  onRevoke: () => void;
}

export function TokenRow({ token, state, onRevoke }: TokenRowProps) {
  return (
    <Tr className={state === "valid" ? undefined : "text-soft"}>
      <Td>
        <span className="font-medium wrap-anywhere">{token.name}</span>
        <code className="block text-xs text-soft">{token.id}</code>
      </Td>
      <Td>
        <span className="flex flex-wrap gap-1">
          {token.roles.map((role) => (
            <Badge key={role} tone={role === "admin" ? "accent" : "plain"}>
              {role}
            </Badge>
          ))}
        </span>
      </Td>
      <Td>{token.owner ?? <span className="text-soft">nobody</span>}</Td>
      <Td>{token.last_used_at ? <When at={token.last_used_at} /> : <span className="text-soft">never</span>}</Td>
      <Td>{token.expires_at ? <When at={token.expires_at} /> : <span className="text-soft">never</span>}</Td>
      <Td>
        <When at={token.created_at} />
        <span className="block text-xs text-soft">{sourceOf(token)}</span>
      </Td>
      <Td className="text-right">
        <End token={token} state={state} onRevoke={onRevoke} />
      </Td>
    </Tr>
  );
}

function End({ token, state, onRevoke }: TokenRowProps) {
  if (state === "revoked") {
    return (
      <span className="whitespace-nowrap">
        revoked <When at={token.revoked_at} />
      </span>
    );
  }
  if (state === "expired") return <span>expired</span>;
  const why = whyNotRevoked(token);
  if (why !== null) {
    return (
      <details className="max-w-xs text-left text-soft">
        <summary>Why not here</summary>
        {why}
      </details>
    );
  }
  return (
    <Button kind="risky" onClick={onRevoke} aria-label={`Revoke ${token.name}`}>
      Revoke
    </Button>
  );
}
