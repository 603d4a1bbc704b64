"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { store, stored } from "@/lib/stored";
import { useSession } from "./session";

interface Host {
  /** The chosen one; undefined: the desk's first. */
  host: string | undefined;
  /** All that can be asked for. */
  hosts: readonly string[];
  choose: (host: string) => void;
}

const KEY = "mixdesk-host";
const EVERY_MS = 60_000;
const Context = createContext<Host>({ host: undefined, hosts: [], choose: () => {} });

/** Which host the pages show: from `?host=` in the address, else the one that was chosen last in this tab. */
export function HostProvider({ children }: { children: ReactNode }) {
  const [host, setHost] = useState<string>();
  useEffect(() => {
    setHost(new URLSearchParams(location.search).get("host") ?? stored("session", KEY) ?? undefined);
  }, []);
  const choose = useCallback((name: string) => {
    setHost(name);
    store("session", KEY, name);
    const address = new URL(location.href);
    address.searchParams.set("host", name);
    history.replaceState(history.state, "", address);
  }, []);
  const hosts = useHosts();
  const value = useMemo(() => ({ host, hosts, choose }), [host, hosts, choose]);
  return <Context value={value}>{children}</Context>;
}

const NONE: readonly string[] = [];

function useHosts(): readonly string[] {
  const desk = useDesk();
  const session = useSession();
  const asked = useQuery({
    queryKey: ["hosts"],
    queryFn: async () => (await unwrap(desk.rest.GET("/admin/metrics"))).hosts,
    enabled: session.state === "in" && session.may("viewer"),
    refetchInterval: EVERY_MS,
    retry: false,
  });
  return asked.data ?? NONE;
}

export function useHost(): Host {
  return useContext(Context);
}
