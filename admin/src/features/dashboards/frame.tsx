"use client";

import { useEffect, useState } from "react";
import { useThemeName } from "@/shell/theme";
import { type Board, type BoardView, boardAddress } from "./boards";

// a dashboard that is open for days grows
const ANEW_MS = 4 * 60 * 60_000;

// a Grafana of another origin may do all that it needs, but not lead the page around it elsewhere
const FOREIGN =
  "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";

function isForeign(address: string): boolean {
  return new URL(address, location.href).origin !== location.origin;
}

interface FrameProps {
  grafana: string;
  board: Board;
  view: BoardView;
}

/** One dashboard of Grafana without Grafana's own frame. */
export function DashboardFrame({ grafana, board, view }: FrameProps) {
  const theme = useThemeName();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setRound((last) => last + 1), ANEW_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <iframe
      key={round}
      src={boardAddress(grafana, board, view, { theme, kiosk: true })}
      title={`Grafana dashboard ${board.title}`}
      loading="lazy"
      sandbox={isForeign(grafana) ? FOREIGN : undefined}
      referrerPolicy="same-origin"
      className="h-[max(32rem,calc(100dvh-16rem))] w-full rounded-xl border bg-card"
    />
  );
}
