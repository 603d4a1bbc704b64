"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation } from "@tanstack/react-query";
import { duration } from "@/lib/format";
import { Button } from "@/ui/button";
import { Code, Empty, Failed } from "@/ui/empty";

const EXAMPLE = '[notify]\nurl_file = "/etc/mixdesk/notify.url"   # or url = "https://..."\nformat = "slack"';

/** One message to the receiver of `[notify]` now, and what it answered. */
export function WebhookTest({ receiver }: { receiver: string | null }) {
  const { rest } = useDesk();
  const test = useMutation({ mutationFn: () => unwrap(rest.POST("/admin/notify/test")) });
  if (receiver === null) {
    return (
      <Empty title="Nobody is told of jobs that end, fail or are lost">
        <p>Name a receiver in mixdesk.toml (json, slack, discord, ntfy) and start the desk again:</p>
        <Code>{EXAMPLE}</Code>
      </Empty>
    );
  }
  return (
    <div className="space-y-3 text-sm">
      <p>
        Jobs are told to <span className="font-medium wrap-anywhere">{receiver}</span>.
      </p>
      <Button onClick={() => test.mutate()} disabled={test.isPending}>
        {test.isPending ? "Sending … (15 s at most)" : "Send a test message"}
      </Button>
      <div aria-live="polite">
        {test.data && (
          <p className="text-good">
            ✔ {test.data.receiver} took it: it answered {test.data.status} after {duration(test.data.seconds)}.
          </p>
        )}
      </div>
      {test.error && (
        <Failed title="The message was not taken">
          <p className="wrap-anywhere">{test.error.message}</p>
          <p className="mt-1 text-soft">docs/notifications.md says what each answer means.</p>
        </Failed>
      )}
    </div>
  );
}
