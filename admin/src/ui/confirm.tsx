"use client";

import { type ReactNode, useState } from "react";
import { Button, type ButtonProps } from "./button";
import { Dialog } from "./dialog";
import { NotDone } from "./empty";
import { Field, Input } from "./field";

interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The word of the button that does it. */
  confirm: string;
  onConfirm: () => void;
  kind?: ButtonProps["kind"];
  /** The word of the button that does nothing; it has the focus at first. */
  keep?: string;
  /** To be typed before it can be done. */
  typed?: string;
  /** It is being done. */
  busy?: boolean;
  /** Why it could not be done. */
  failed?: Error | null;
  /** Other buttons, between the two. */
  more?: ReactNode;
}

/** Asks before something is done. The safe answer has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog open={props.open} onClose={props.onClose} title={props.title}>
      <Question {...props} />
    </Dialog>
  );
}

function Question({
  onClose,
  children,
  confirm,
  onConfirm,
  kind = "main",
  keep = "Cancel",
  typed,
  busy,
  failed,
  more,
}: ConfirmDialogProps) {
  const [words, setWords] = useState("");
  return (
    <>
      <div className="space-y-3 text-sm">{children}</div>
      {typed !== undefined && (
        <Field label={`Type “${typed}” to go on`} className="mt-4">
          <Input value={words} onChange={(event) => setWords(event.target.value)} />
        </Field>
      )}
      {failed && (
        <div className="mt-4">
          <NotDone error={failed} />
        </div>
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} autoFocus>
          {keep}
        </Button>
        {more}
        <Button kind={kind} onClick={onConfirm} disabled={busy || (typed !== undefined && words.trim() !== typed)}>
          {busy ? `${confirm} …` : confirm}
        </Button>
      </div>
    </>
  );
}
