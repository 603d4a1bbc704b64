"use client";

import { useNow } from "@mixdesk/client/react";
import { useState } from "react";
import { nameOf } from "@/features/jobs/position";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { NotDone } from "@/ui/empty";
import { Field, Input } from "@/ui/field";
import type { DialogProps } from "./action-bar";
import { isDear, lossInWords, lossOf } from "./loss";
import { keepsCheckpoints } from "./possible";
import { closing } from "./save-dialog";
import { useAsk } from "./use-ask";
import { IfLost, SaveTime } from "./words";

const TYPED = "lose it";

/** Three ways: keep it, save and cancel, cancel without saving. What would be lost is said before. */
export function CancelDialog(props: DialogProps) {
  const ask = useAsk(props.job.job_id, props.onClose);
  const close = closing(ask, props.onClose);
  return (
    <Dialog open={props.open} onClose={close} title={`Cancel ${nameOf(props.job)}?`}>
      {props.job.status === "queued" ? (
        <Unbegun {...props} ask={ask} close={close} />
      ) : (
        <Begun {...props} ask={ask} close={close} />
      )}
    </Dialog>
  );
}

type Asking = DialogProps & { ask: ReturnType<typeof useAsk>; close: () => void };

function Begun({ job, history, ask, close }: Asking) {
  const [typed, setTyped] = useState("");
  const loss = lossOf(job, history?.transitions ?? [], useNow());
  const dear = isDear(loss);
  const saves = keepsCheckpoints(job);
  return (
    <>
      <div className="space-y-3 text-sm">
        {saves && (
          <p>
            <b>Save & cancel</b> saves at the next step boundary and ends the run once the file is verified; where
            saving fails, the run goes on. <SaveTime history={history} />
          </p>
        )}
        <p>
          <b>Cancel without saving</b> ends the run at the next step boundary and{" "}
          {saves ? lossInWords(loss) : "keeps nothing of it"}.
        </p>
        <IfLost job={job} />
      </div>
      {dear && (
        <Field label={`To cancel without saving, type “${TYPED}”`} className="mt-4">
          <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
        </Field>
      )}
      <Refused ask={ask} />
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={close} autoFocus>
          Keep running
        </Button>
        <Button
          kind="risky"
          disabled={ask.isPending || (dear && typed.trim() !== TYPED)}
          onClick={() => ask.mutate({ action: "cancel" })}
        >
          Cancel without saving
        </Button>
        {saves && (
          <Button
            kind="main"
            disabled={ask.isPending}
            onClick={() => ask.mutate({ action: "checkpoint", andCancel: true })}
          >
            Save & cancel
          </Button>
        )}
      </div>
    </>
  );
}

function Unbegun({ ask, close }: Asking) {
  return (
    <>
      <p className="text-sm">
        It is queued and has done nothing yet: it ends at once. A process that takes it up later leaves by itself.
      </p>
      <Refused ask={ask} />
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={close} autoFocus>
          Keep it
        </Button>
        <Button kind="risky" disabled={ask.isPending} onClick={() => ask.mutate({ action: "cancel" })}>
          Cancel it
        </Button>
      </div>
    </>
  );
}

function Refused({ ask }: { ask: ReturnType<typeof useAsk> }) {
  if (ask.error === null) return null;
  return (
    <div className="mt-4">
      <NotDone error={ask.error} />
    </div>
  );
}
