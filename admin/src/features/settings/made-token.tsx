"use client";

import type { Token } from "@mixdesk/client";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Code } from "@/ui/empty";
import { usage } from "./tokens";

/** The secret, once, with the lines to paste where it is used. */
export function MadeToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const secret = token.token ?? "";
  return (
    <div className="space-y-4 text-sm">
      <p>
        <strong>This is the only time its secret is shown.</strong> The desk keeps a checksum of it and nothing else.
      </p>
      <Part title="The token" lines={secret} />
      {usage(token.roles, location.origin, secret).map((part) => (
        <Part key={part.title} {...part} />
      ))}
      <div className="flex justify-end">
        <Button kind="main" onClick={onClose} autoFocus>
          I have it
        </Button>
      </div>
    </div>
  );
}

function Part({ title, lines }: { title: string; lines: string }) {
  return (
    <div>
      <div className="mb-1 flex flex-wrap items-center justify-between gap-2">
        <p className="font-medium">{title}</p>
        <CopyButton text={lines} label={`Copy: ${title}`} />
      </div>
      <Code>{lines}</Code>
    </div>
  );
}
