"use client";

import { Desk } from "@mixdesk/client";
import { DeskProvider } from "@mixdesk/client/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ToastProvider } from "@/ui/toast";
import { SessionProvider } from "./session";

/** What every page stands on: the desk that served it, the session, one cache of answers, short messages. */
export function Providers({ children }: { children: ReactNode }) {
  const [desk] = useState(() => new Desk());
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 5000 } } }));
  return (
    <DeskProvider desk={desk}>
      <QueryClientProvider client={queries}>
        <SessionProvider desk={desk}>
          <ToastProvider>{children}</ToastProvider>
        </SessionProvider>
      </QueryClientProvider>
    </DeskProvider>
  );
}
