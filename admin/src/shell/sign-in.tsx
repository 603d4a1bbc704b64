"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { Button } from "@/ui/button";
import { Waiting } from "@/ui/empty";
import { Field, Input } from "@/ui/field";
import { Mark } from "./mark";
import { nextPage, routeOf } from "./next-page";
import { openedByLink, useSession } from "./session";

/**
 * Signs in by the code of a login link, or by a link or token that is pasted. `away` where it is a page of its own, from
 * which one goes on to another; else it stands in place of a page, which comes back by itself.
 */
export function SignIn({ away }: { away: boolean }) {
  const { state, why, enter } = useSession();
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useCallback(
    async (secret: string) => {
      setBusy(true);
      setWrong(null);
      try {
        await enter(secret);
      } catch (problem) {
        setWrong(problem instanceof Error ? problem.message : String(problem));
      }
      setBusy(false);
    },
    [enter],
  );
  useLink(away, attempt);
  useGoOn(away && state === "in");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const secret = new FormData(event.currentTarget).get("secret");
    if (typeof secret === "string") void attempt(secret);
  };
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center p-4 pb-[18vh]">
      <p className="mb-5 flex items-center justify-center gap-2.5 text-xl font-semibold tracking-tight">
        <Mark size={30} />
        Mixdesk
      </p>
      <div className="rounded-2xl border bg-card p-6 shadow-sm">
        <h1 className="text-lg font-semibold">Sign in</h1>
        {why !== null && (
          <p role="status" className="mt-2 rounded-lg border border-warn px-3 py-2 text-sm">
            {why} {!away && "Sign in, and this page goes on where it was."}
          </p>
        )}
        {state === "in" && away ? (
          <Waiting>Signed in. The page opens …</Waiting>
        ) : (
          <SignInForm busy={busy} wrong={wrong} onSubmit={submit} />
        )}
      </div>
    </main>
  );
}

interface FormProps {
  busy: boolean;
  wrong: string | null;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

function SignInForm({ busy, wrong, onSubmit }: FormProps) {
  return (
    <form onSubmit={onSubmit}>
      <p className="mt-2 text-sm text-soft">
        Run <code className="rounded bg-raised px-1 py-0.5 font-mono text-ink">mixdesk login</code> on the desk’s
        machine and open the link it prints, or paste that link or a token here.
      </p>
      <Field label="Login link or token" className="mt-4" hint="A link is for one use, within 10 minutes.">
        <Input name="secret" type="password" required />
      </Field>
      <p role="alert" className="py-2 text-sm font-medium text-bad empty:py-1">
        {wrong}
      </p>
      <Button type="submit" kind="main" disabled={busy} className="w-full">
        {busy ? "Signing in …" : "Sign in"}
      </Button>
    </form>
  );
}

/** Uses the code that a login link brought, once. It stays neither in the address nor in the history. */
function useLink(away: boolean, attempt: (secret: string) => Promise<void>): void {
  const used = useRef(false);
  useEffect(() => {
    if (!away || used.current || !openedByLink()) return;
    used.current = true;
    const code = location.hash;
    if (code.length < 2) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    void attempt(code);
  }, [away, attempt]);
}

/** Leads on to where one wanted to go. */
function useGoOn(now: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!now) return;
    const page = nextPage(location.search, location.origin);
    const route = routeOf(page);
    if (route === null) location.replace(page);
    else router.replace(route);
  }, [now, router]);
}
