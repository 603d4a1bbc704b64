"use client";

import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { Failed, Waiting } from "@/ui/empty";
import { hashOf } from "../text/identity";
import { ask } from "./ask";
import { HitView } from "./hit-view";
import type { Hit } from "./ndjson";

interface FoundElsewhereProps {
  service: string;
  source: string;
  line: string;
  text: string;
}

const LIMIT = 200;

/** A line that is no more in the tail: as a search through its log and the rotated files finds it. */
export function FoundElsewhere({ service, source, line, text }: FoundElsewhereProps) {
  const desk = useDesk();
  const query = useQuery({
    queryKey: ["logs", "line", service, source, line, text],
    queryFn: async ({ signal }): Promise<Hit[]> => {
      const asked = { q: text, regex: "", level: null, since: "", until: "", service: null, limit: LIMIT };
      const hits: Hit[] = [];
      for await (const answers of ask(desk, { ...asked, source: `${service}/${source}` }, signal)) {
        for (const answer of answers) if ("hit" in answer) hits.push(answer.hit);
      }
      return hits;
    },
    enabled: text !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (text === "") return <p className="text-soft">The link says nothing of its text, so it cannot be searched for.</p>;
  if (query.isPending) return <Waiting>Searching this log and its rotated files for it …</Waiting>;
  if (query.isError) return <Failed title="It could not be searched for">{query.error.message}</Failed>;
  const exact = query.data.find((hit) => hashOf(hit.text) === line);
  const near = exact ?? query.data[0];
  if (near === undefined) {
    return (
      <p className="py-1 text-warn">
        It is no longer within reach: neither this log nor its rotated files have it. It was rotated away.
      </p>
    );
  }
  return (
    <div className="py-1">
      <p>{exact ? "This is it, further back in the log:" : "A line that begins with the same words:"}</p>
      <HitView hit={near} needle="" open={false} />
    </div>
  );
}
