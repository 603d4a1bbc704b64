"use client";

import { DeskProblem } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { ask, type Question } from "./ask";
import type { Cut, Hit } from "./ndjson";

export interface Search {
  phase: "idle" | "running" | "done" | "stopped" | "failed";
  hits: readonly Hit[];
  cut: Cut | null;
  /** What went wrong, in the desk's words. */
  wrong: string;
}

const IDLE: Search = { phase: "idle", hits: [], cut: null, wrong: "" };
const TELL_MS = 150;

/** One search at a time: hits appear as they are found, and it can be stopped. */
export function useSearch() {
  const desk = useDesk();
  const [search, setSearch] = useState<Search>(IDLE);
  const running = useRef<AbortController | null>(null);
  const stop = useCallback(() => running.current?.abort(), []);
  const start = useCallback(
    async (question: Question) => {
      running.current?.abort();
      const mine = new AbortController();
      running.current = mine;
      const tell = (told: Search) => running.current === mine && setSearch(told);
      tell({ ...IDLE, phase: "running" });
      const hits: Hit[] = [];
      let cut: Cut | null = null;
      let told = 0;
      try {
        for await (const answers of ask(desk, question, mine.signal)) {
          for (const answer of answers) {
            if ("hit" in answer) hits.push(answer.hit);
            else cut = answer.cut;
          }
          if (performance.now() - told < TELL_MS) continue;
          told = performance.now();
          tell({ phase: "running", hits: hits.slice(), cut, wrong: "" });
        }
        tell({ phase: "done", hits, cut, wrong: "" });
      } catch (problem) {
        if (mine.signal.aborted) tell({ phase: "stopped", hits, cut, wrong: "" });
        else tell({ phase: "failed", hits, cut, wrong: wordsOf(problem) });
      }
    },
    [desk],
  );
  useEffect(() => stop, [stop]);
  return { search, start, stop };
}

function wordsOf(problem: unknown): string {
  if (problem instanceof DeskProblem) return problem.message;
  return "the answer broke off: the desk was stopped, or the network is gone";
}
