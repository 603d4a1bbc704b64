"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Checkbox, Field, Input } from "@/ui/field";
import { MadeToken } from "./made-token";
import { MAY, ROLES, type Wanted, wanted } from "./tokens";

/** The form of a new token; once it is made, its secret stands there until the dialog is closed. */
export function NewToken({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { rest } = useDesk();
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (body: Wanted) => unwrap(rest.POST("/admin/tokens", { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const close = () => {
    make.reset();
    onClose();
  };
  const title = make.data ? `${make.data.name} is made` : "New token";
  return (
    <Dialog open={open} onClose={close} title={title}>
      {make.data ? (
        <MadeToken token={make.data} onClose={close} />
      ) : (
        <TokenForm busy={make.isPending} failed={make.error?.message ?? ""} onMake={make.mutate} onClose={close} />
      )}
    </Dialog>
  );
}

interface TokenFormProps {
  busy: boolean;
  failed: string;
  onMake: (body: Wanted) => void;
  onClose: () => void;
}

function TokenForm({ busy, failed, onMake, onClose }: TokenFormProps) {
  const [wrong, setWrong] = useState("");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const asked = wanted(new FormData(event.currentTarget));
    setWrong(typeof asked === "string" ? asked : "");
    if (typeof asked !== "string") onMake(asked);
  };
  return (
    <form onSubmit={submit} noValidate>
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Roles</legend>
        {ROLES.map((role) => (
          <Checkbox key={role} name={`role-${role}`} defaultChecked={role === "reporter"}>
            <span className="font-medium">{role}</span> <span className="text-soft">{MAY[role]}</span>
          </Checkbox>
        ))}
      </fieldset>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        <Field label="Name" hint="Where it will be used: box2, grafana. Empty: its roles.">
          <Input name="name" maxLength={200} />
        </Field>
        <Field label="Owner" hint="Bound to one person's jobs; empty: to nobody.">
          <Input name="owner" maxLength={200} />
        </Field>
        <Field label="Days" hint="How long it works; empty: until it is revoked.">
          <Input name="days" inputMode="decimal" />
        </Field>
      </div>
      <p role="alert" className="min-h-6 py-1 text-sm text-bad">
        {wrong || failed}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="main" disabled={busy}>
          {busy ? "Making it …" : "Make the token"}
        </Button>
      </div>
    </form>
  );
}
