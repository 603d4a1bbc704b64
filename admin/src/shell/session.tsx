"use client";

import { Desk, may, type Role, unwrap } from "@mixdesk/client";
import { DeskProvider } from "@mixdesk/client/react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { forgetNotices } from "@/features/notifications/notice-log";
import { store, stored } from "@/lib/stored";
import { credentialsOf } from "./next-page";
import { afterProblem, type Standing, signedIn, signedOut, UNASKED } from "./standing";
import { TabsChannel } from "./tabs-channel";

/** Who is signed in. `unreachable` while the desk gives no answer: what is shown stays, and is said to be stale. */
interface Session extends Standing {
  may: (role: Role) => boolean;
  /** Asks the desk anew who is signed in. */
  again: () => Promise<void>;
  /** Signs in by a login link or a token. Throws DeskProblem where it is refused. */
  enter: (secret: string) => Promise<void>;
  /** Signs out. Throws DeskProblem where the desk does not answer. */
  leave: () => Promise<void>;
}

const Context = createContext<Session | null>(null);
const AGAIN_MS = 2000;

/** The desk that served the page, and who is signed in there. Whoever signs in anew gets streams of their own. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [desk, setDesk] = useState(() => new Desk());
  const [standing, setStanding] = useState<Standing>(UNASKED);

  const again = useCallback(async () => setStanding(await asked(desk)), [desk]);
  const renew = useCallback(async () => {
    const fresh = new Desk();
    setStanding(await asked(fresh));
    setDesk(fresh);
  }, []);

  const channel = useRef<TabsChannel | null>(null);
  useEffect(() => {
    channel.current = new TabsChannel(() => void renew());
    return () => channel.current?.close();
  }, [renew]);

  const enter = useCallback(async (secret: string) => {
    const fresh = new Desk();
    const credentials = credentialsOf(secret);
    try {
      await unwrap(fresh.rest.POST("/auth/login", { body: credentials }));
    } catch (problem) {
      // a link that is opened a second time is used up, but the first time has signed in
      const answer = "code" in credentials ? await asked(fresh) : null;
      if (answer?.(UNASKED).state !== "in") {
        setStanding(signedOut(null));
        throw problem;
      }
    }
    setStanding(await asked(fresh));
    setDesk(fresh);
    channel.current?.tellSignedIn();
  }, []);
  const leave = useCallback(async () => {
    await unwrap(desk.rest.POST("/auth/logout"));
    setStanding(signedOut("You are signed out."));
  }, [desk]);

  useFirstQuestion(again);
  useEffect(() => {
    if (standing.state === "in") store("local", SIGNED_IN, "yes");
    if (standing.state !== "out") return;
    store("local", SIGNED_IN, null);
    forgetNotices();
  }, [standing.state]);
  useEffect(() => {
    if (standing.state !== "unreachable") return;
    const timer = setInterval(() => void again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [standing.state, again]);

  const value = useMemo<Session>(
    () => ({ ...standing, again, enter, leave, may: (role) => may(standing.me, role) }),
    [standing, again, enter, leave],
  );
  return (
    <Context value={value}>
      <DeskProvider desk={desk}>{children}</DeskProvider>
    </Context>
  );
}

/** Asks the desk who one is: what its answer makes of how one stood before. */
async function asked(desk: Desk): Promise<(before: Standing) => Standing> {
  try {
    const me = await desk.me();
    return () => signedIn(me);
  } catch (problem) {
    return (before) => afterProblem(before, problem);
  }
}

const SIGNED_IN = "mixdesk-signed-in";

/** Whether somebody may still be signed in here, as far as this browser remembers. */
export function mayBeSignedIn(): boolean {
  return stored("local", SIGNED_IN) !== null;
}

/**
 * Asks once who is signed in. Not where the page was opened by a login link in a browser in which nobody is: the link
 * answers that by itself.
 */
function useFirstQuestion(again: () => Promise<void>): void {
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    if (!openedByLink() || mayBeSignedIn()) void again();
  }, [again]);
}

let byLink: boolean | undefined;

/** Whether this page was opened by a login link. Settled at the first question, since its code is taken out at once. */
export function openedByLink(): boolean {
  byLink ??= location.pathname.endsWith("/login/") && location.hash.length > 1;
  return byLink;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error("there is no <SessionProvider> above this component");
  return session;
}
