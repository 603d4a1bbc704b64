"use client";

import { DeskProblem } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { ToastProvider } from "@/ui/toast";
import { HostProvider } from "./host";
import { SessionProvider, useSession } from "./session";

/** What every page stands on: the desk that served it, the session, one cache of answers, short messages. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <SessionProvider>
      <Answers>
        <ToastProvider>
          <HostProvider>{children}</HostProvider>
        </ToastProvider>
      </Answers>
    </SessionProvider>
  );
}

const FRESH_MS = 5000;

/** The answers of one session; nobody sees those of another. */
function Answers({ children }: { children: ReactNode }) {
  const desk = useDesk();
  const { again } = useSession();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new desk object is a new session
  const queries = useMemo(() => newCache(again), [desk, again]);
  return <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
}

function newCache(onSignedOut: () => void): QueryClient {
  const onError = (problem: unknown) => {
    if (problem instanceof DeskProblem && problem.signedOut) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        // what the desk refused it would refuse again
        retry: (failures, problem) => failures < 1 && !(problem instanceof DeskProblem && problem.status >= 400),
      },
    },
  });
}
