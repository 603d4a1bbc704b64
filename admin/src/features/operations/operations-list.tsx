"use client";

import { type Operation, unwrap } from "@mixdesk/client";
import { useDesk, useOperations } from "@mixdesk/client/react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useQueryState } from "@/lib/query-state";
import { Empty, Failed, Waiting } from "@/ui/empty";
import { Field, Input, Select } from "@/ui/field";
import { Older } from "@/ui/older";
import { merged } from "./merged";
import { OperationCard } from "./operation-card";

const PAGE = 20;
const STATES = ["pending", "running", "succeeded", "failed", "superseded", "moot", "canceled"] as const;
const ACTIONS = ["start", "stop", "checkpoint", "pause", "resume", "cancel"] as const;

interface Filters {
  kind?: Operation["kind"];
  state?: string;
  action?: string;
  target?: string;
}

/** What was asked of jobs and assets and what became of it: live, with older ones on demand. Filters in the address. */
export function OperationsList({ kind }: { kind?: Operation["kind"] }) {
  const [query, set] = useQueryState();
  const filters: Filters = {
    ...(kind === undefined ? {} : { kind }),
    state: query.get("state") ?? "",
    action: query.get("action") ?? "",
    target: query.get("of") ?? "",
  };
  return (
    <div className="space-y-3">
      <form className="flex flex-wrap items-end gap-3" onSubmit={(event) => event.preventDefault()}>
        <Choice name="State" value={filters.state} of={STATES} onChange={(state) => set({ state })} />
        <Choice name="Action" value={filters.action} of={actionsOf(kind)} onChange={(action) => set({ action })} />
        <Field label="Of" className="w-48">
          <Input
            value={filters.target}
            onChange={(event) => set({ of: event.target.value })}
            placeholder="id of a job or asset"
          />
        </Field>
      </form>
      <Found filters={filters} />
    </div>
  );
}

function Found({ filters }: { filters: Filters }) {
  const desk = useDesk();
  const live = useOperations();
  const pages = useInfiniteQuery({
    queryKey: ["operations", filters],
    queryFn: ({ pageParam }) =>
      unwrap(desk.rest.GET("/admin/operations", { params: { query: asked(filters, pageParam) } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (pages.isPending) return <Waiting>Asking the desk what was asked of it …</Waiting>;
  if (pages.isError) return <Failed title="The operations cannot be shown">{pages.error.message}</Failed>;
  const wanted = (one: Operation) =>
    (["kind", "state", "action", "target"] as const).every((name) => !filters[name] || one[name] === filters[name]);
  const all = merged(
    pages.data.pages.flatMap((page) => page.items),
    live.data.values(),
    wanted,
  );
  if (all.length === 0) return <None filtered={Boolean(filters.state || filters.action || filters.target)} />;
  return (
    <div className="space-y-3">
      {all.map((one) => (
        <OperationCard key={one.id} operation={one} />
      ))}
      <Older
        shown={all.length}
        noun="operations"
        more={pages.hasNextPage}
        busy={pages.isFetchingNextPage}
        onMore={() => void pages.fetchNextPage()}
      />
    </div>
  );
}

function None({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty title="Nothing like that was asked">Choose other filters above.</Empty>;
  return (
    <Empty title="Nothing was asked yet">
      Start or stop an asset, or save a checkpoint of a job: each request shows here with its steps and its outcome.
    </Empty>
  );
}

function asked(filters: Filters, cursor: string) {
  const given = Object.entries(filters).filter(([, value]) => value);
  return { limit: PAGE, ...Object.fromEntries(given), ...(cursor ? { cursor } : {}) };
}

function actionsOf(kind: Operation["kind"] | undefined): readonly string[] {
  if (kind === undefined) return ACTIONS;
  return kind === "asset" ? ACTIONS.slice(0, 2) : ACTIONS.slice(2);
}

interface ChoiceProps {
  name: string;
  value: string | undefined;
  of: readonly string[];
  onChange: (value: string) => void;
}

function Choice({ name, value, of, onChange }: ChoiceProps) {
  return (
    <Field label={name}>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">all</option>
        {of.map((word) => (
          <option key={word}>{word}</option>
        ))}
      </Select>
    </Field>
  );
}
