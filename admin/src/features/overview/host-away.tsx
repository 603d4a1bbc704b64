"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk, useNow } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { Code, Empty, Waiting } from "@/ui/empty";
import { When } from "@/ui/time";

const AGAIN_MS = 5000;
const OLD_MS = 10_000;

/** No reading has come yet: why, in the desk's words. */
export function HostAway({ host }: { host: string | undefined }) {
  const desk = useDesk();
  const { error } = useQuery({
    queryKey: ["metrics", host ?? ""],
    queryFn: () => unwrap(desk.rest.GET("/admin/metrics", { params: { query: { host } } })),
    refetchInterval: AGAIN_MS,
    networkMode: "always",
    retry: false,
  });
  if (error === null) return <Waiting>Waiting for the first reading …</Waiting>;
  return (
    <Empty title="No figures of this host">
      <p>{error.message}</p>
      <p>What the desk asks for figures, and whether it answers, says</p>
      <Code>mixdesk doctor</Code>
    </Empty>
  );
}

/** Says so where the newest reading is not new: its exporter is silent while the desk answers. */
export function ReadingAge({ at }: { at: string }) {
  const now = useNow();
  if (now - Date.parse(at) < OLD_MS) return null;
  return (
    <p className="mb-2 text-sm font-medium text-warn">
      This host’s last reading came <When at={at} />; its exporter does not answer.
    </p>
  );
}
