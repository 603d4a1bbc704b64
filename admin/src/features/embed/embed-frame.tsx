"use client";

import { Desk, type DeskProblem, type Me } from "@mixdesk/client";
import { DeskProvider, useMe } from "@mixdesk/client/react";
import { type ReactNode, useEffect, useState } from "react";
import { Failed, Waiting } from "@/ui/empty";
import { tellParent } from "./parent";
import { takeTicket } from "./ticket";
import { useHeightTold } from "./use-height-told";

interface EmbedFrameProps {
  title: string;
  children: (me: Me) => ReactNode;
}

/** A page without chrome, for a frame elsewhere. It speaks by the ticket of its address, else by the session. */
export function EmbedFrame({ title, children }: EmbedFrameProps) {
  const [desk, setDesk] = useState<Desk | null>(null);
  const [over, setOver] = useState<DeskProblem | null>(null);
  const main = useHeightTold();
  useEffect(() => {
    const ticket = takeTicket();
    setDesk(new Desk(ticket === null ? {} : { ticket, onExpired: setOver }));
  }, []);
  useEffect(() => {
    if (over !== null) tellParent({ type: "mixdesk:expired" });
  }, [over]);
  return (
    <main ref={main} className="min-w-0 p-3">
      <h1 className="sr-only">{title}</h1>
      {over !== null && <Over problem={over} />}
      {desk === null ? (
        <Waiting>Connecting to the desk…</Waiting>
      ) : (
        <DeskProvider desk={desk}>
          <Inside over={over !== null}>{children}</Inside>
        </DeskProvider>
      )}
    </main>
  );
}

function Inside({ over, children }: { over: boolean; children: EmbedFrameProps["children"] }) {
  const { me, problem } = useMe();
  if (me) return children(me);
  if (over) return null;
  if (me === null) return <SignedOut />;
  if (problem === null) return <Waiting>Connecting to the desk…</Waiting>;
  return <Waiting>The desk does not answer; it is tried again by itself.</Waiting>;
}

function Over({ problem }: { problem: DeskProblem }) {
  return (
    <div className="mb-3">
      <Failed title="This view has ended">
        <p>Reload the page around it: that brings a new ticket. ({problem.message})</p>
      </Failed>
    </div>
  );
}

function SignedOut() {
  return (
    <Failed title="Nobody is signed in here">
      <p>
        <a href="/ui/login/" target="_blank" rel="noopener" className="text-accent underline">
          Sign in at the desk
        </a>{" "}
        and come back, or reload the page around this view: that brings a new ticket where it hands out any.
      </p>
    </Failed>
  );
}
