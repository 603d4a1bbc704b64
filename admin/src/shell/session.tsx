"use client";

import { type Desk, DeskProblem, type Me, may, type Role } from "@mixdesk/client";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";

/** Who is signed in. `unreachable` while the desk gives no answer: what is shown stays, and is said to be stale. */
interface Session {
  me: Me | null;
  state: "asking" | "in" | "out" | "unreachable";
  may: (role: Role) => boolean;
  again: () => Promise<void>;
}

const Context = createContext<Session | null>(null);
const AGAIN_MS = 2000;

export function SessionProvider({ desk, children }: { desk: Desk; children: ReactNode }) {
  const [me, setMe] = useState<Me | null>(null);
  const [state, setState] = useState<Session["state"]>("asking");
  const again = useCallback(async () => {
    try {
      setMe(await desk.me());
      setState("in");
    } catch (problem) {
      const signedOut = problem instanceof DeskProblem && problem.signedOut;
      if (signedOut) setMe(null);
      setState(signedOut ? "out" : "unreachable");
    }
  }, [desk]);
  useEffect(() => {
    void again();
  }, [again]);
  useEffect(() => {
    if (state !== "unreachable") return;
    const timer = setInterval(() => void again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [state, again]);
  const value = useMemo<Session>(() => ({ me, state, again, may: (role) => may(me, role) }), [me, state, again]);
  return <Context value={value}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error("there is no <SessionProvider> above this component");
  return session;
}
