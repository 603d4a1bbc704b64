"use client";

import { useEffect, useState } from "react";
import { DeskProblem } from "../problem.ts";
import { onMoments } from "../streams/moments.ts";
import type { Me } from "../types.ts";
import { useDesk } from "./desk.tsx";

export interface WhoAsks {
  /** Undefined until the desk has said; null where nobody is signed in. */
  me: Me | null | undefined;
  /** Why it is not known. */
  problem: DeskProblem | null;
}

const AGAIN_MS = 3000;

/** Who asks; asked again where the desk does not answer, and when the page is looked at again. */
export function useMe(): WhoAsks {
  const desk = useDesk();
  const [who, setWho] = useState<WhoAsks>({ me: undefined, problem: null });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async () => {
      try {
        const me = await desk.check();
        if (!gone) setWho({ me, problem: null });
      } catch (cause) {
        if (gone) return;
        const problem = cause instanceof DeskProblem ? cause : new DeskProblem(0, "", String(cause));
        setWho(({ me }) => ({ me: problem.signedOut ? null : me, problem }));
        if (problem.unreachable) timer = setTimeout(ask, AGAIN_MS);
      }
    };
    void ask();
    const leave = onMoments(() => {
      clearTimeout(timer);
      // one may have signed in in another tab
      desk.doubt();
      void ask();
    });
    return () => {
      gone = true;
      leave();
      clearTimeout(timer);
    };
  }, [desk]);
  return who;
}
