"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { Button } from "@/ui/button";
import { Waiting } from "@/ui/empty";
import { Field, Input } from "@/ui/field";
import { Mark } from "./mark";
import { nextPage, routeOf } from "./next-page";
import { mayBeSignedIn, openedByLink, useSession } from "./session";

/**
 * Signs in by the code of a login link, or by a link or token that is pasted. `away` where it is a page of its own, from
 * which one goes on to another; else it stands in place of a page, which comes back by itself.
 */
export function SignIn({ away }: { away: boolean }) {
  const { me, state, why, enter } = useSession();
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
  const [link, drop] = useLink(away);
  useEffect(() => {
    if (link === null || state === "in" || (state !== "out" && mayBeSignedIn())) return;
    drop();
    void attempt(link);
  }, [link, state, drop, attempt]);
  useGoOn(away && state === "in" && link === null);
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
        {state !== "in" || !away ? (
          <SignInForm busy={busy} wrong={wrong} onSubmit={submit} />
        ) : link === null ? (
          <Waiting>Signed in. The page opens …</Waiting>
        ) : (
          <OtherLink
            name={me?.name ?? ""}
            onStay={drop}
            onSwitch={() => {
              drop();
              void attempt(link);
            }}
          />
        )}
      </div>
    </main>
  );
}

interface OtherLinkProps {
  name: string;
  onStay: () => void;
  onSwitch: () => void;
}

/** Any page may lead to a login link: one that would put somebody else in place of who is signed in is asked about. */
function OtherLink({ name, onStay, onSwitch }: OtherLinkProps) {
  return (
    <>
      <p className="mt-2 text-sm">
        You are signed in as <b>{name}</b>. Sign in by this link instead? All tabs of this browser follow.
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button onClick={onStay} autoFocus>
          Stay {name}
        </Button>
        <Button kind="main" onClick={onSwitch}>
          Sign in by the link
        </Button>
      </div>
    </>
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

/** What a login link brought, and how to drop it. It stays neither in the address nor in the history. */
function useLink(away: boolean): [link: string | null, drop: () => void] {
  const [link, setLink] = useState<string | null>(null);
  const used = useRef(false);
  useEffect(() => {
    if (!away || used.current || !openedByLink()) return;
    used.current = true;
    if (location.hash.length < 2) return;
    setLink(location.hash);
    history.replaceState(history.state, "", location.pathname + location.search);
  }, [away]);
  return [link, useCallback(() => setLink(null), [])];
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
