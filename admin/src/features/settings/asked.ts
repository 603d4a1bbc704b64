"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { at, type Settings, text } from "./read";

/** What the desk runs with: an admin's alone. */
export function useSettings() {
  const { rest } = useDesk();
  return useQuery({
    queryKey: ["settings"],
    queryFn: async (): Promise<Settings> => unwrap(rest.GET("/admin/settings")),
  });
}

export interface About {
  version: string | null;
  stateDir: string | null;
  file: string | null;
  settings: Settings;
}

export function aboutOf(answer: Settings): About {
  const inside = at(answer, "settings");
  return {
    version: text(answer, "version"),
    stateDir: text(answer, "state_dir"),
    file: text(answer, "file"),
    settings: typeof inside === "object" && inside !== null ? { ...inside } : {},
  };
}
