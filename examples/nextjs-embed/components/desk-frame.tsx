"use client";

import { embedUrl } from "@mixdesk/client/server";
import { useCallback, useEffect, useRef, useState } from "react";
import { askForTicket } from "@/lib/ticket";

interface Props {
  /** The desk as browsers call it. */
  desk: string;
  job: string;
  /** Minted by the server as it made this page. */
  ticket: string;
}

const START_HEIGHT = 160;

/** The desk's own view of a job. It says how high it is, and when its right has ended: then it gets a new ticket. */
export function DeskFrame({ desk, job, ticket }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(START_HEIGHT);
  const [address, setAddress] = useState(() => embedUrl(desk, { view: "job", id: job, ticket }));
  const [round, setRound] = useState(0);
  const renew = useCallback(async () => {
    const next = await askForTicket(job);
    setAddress(embedUrl(desk, { view: "job", id: job, ticket: next }));
    setRound((last) => last + 1); // only the fragment differs, so the frame has to be made anew
  }, [desk, job]);
  useEffect(() => {
    const heard = (event: MessageEvent) => {
      if (event.source !== frame.current?.contentWindow || event.origin !== new URL(desk).origin) return;
      if (event.data.type === "mixdesk:height") setHeight(event.data.height);
      if (event.data.type === "mixdesk:expired") renew().catch(() => undefined); // the frame says what is wrong
    };
    window.addEventListener("message", heard);
    return () => window.removeEventListener("message", heard);
  }, [desk, renew]);
  return <iframe key={round} ref={frame} src={address} title="Job" style={{ width: "100%", height, border: 0 }} />;
}
