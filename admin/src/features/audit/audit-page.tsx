"use client";

import { type AuditLine, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { useQueryState } from "@/lib/query-state";
import { actsOnAll } from "@/lib/rights";
import { useNarrow } from "@/lib/use-narrow";
import { useSession } from "@/shell/session";
import { Button } from "@/ui/button";
import { Empty, Failed, Waiting } from "@/ui/empty";
import { Older } from "@/ui/older";
import { PageHeader } from "@/ui/page-header";
import { AuditFilters } from "./audit-filters";
import { AuditCards, AuditTable } from "./audit-table";
import { asCsv, asJson, keep } from "./export";
import { type Filters, filtersOf, setOnes } from "./lines";

const PAGE = 50;
const AGAIN_MS = 10_000;

/** Who asked what of which target, and how it ended. */
export function AuditPage() {
  const reads = actsOnAll(useSession().me);
  return (
    <>
      {reads ? (
        <Suspense fallback={<Waiting>Opening the audit …</Waiting>}>
          <Audit />
        </Suspense>
      ) : (
        <>
          <PageHeader title="Audit" />
          <Empty title="The audit is an operator's">
            It names everybody who has asked for something. Sign in with an operator's token that is bound to no owner.
          </Empty>
        </>
      )}
    </>
  );
}

function Audit() {
  const desk = useDesk();
  const [query, set] = useQueryState();
  const filters = filtersOf(query);
  const narrow = useNarrow();
  const pages = useInfiniteQuery({
    queryKey: ["audit", filters],
    queryFn: ({ pageParam: cursor }) =>
      unwrap(
        desk.rest.GET("/admin/audit", {
          params: { query: { limit: PAGE, ...setOnes(filters), ...(cursor ? { cursor } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: (asked) => (asked.state.data?.pages.length === 1 ? AGAIN_MS : false),
  });
  const lines = pages.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title="Audit" aside={<Export lines={lines} />}>
        Who asked what of which target, when, from where, and how it ended.
      </PageHeader>
      <div className="space-y-4">
        <AuditFilters filters={filters} lines={lines} onChange={set} />
        {pages.isPending && <Waiting>Asking the desk for the audit …</Waiting>}
        {pages.isError && <Failed title="The audit cannot be shown as it is now">{pages.error.message}</Failed>}
        {pages.data && lines.length === 0 && <None filters={filters} />}
        {lines.length > 0 && (narrow ? <AuditCards lines={lines} /> : <AuditTable lines={lines} />)}
        {lines.length > 0 && (
          <Older
            shown={lines.length}
            noun="lines"
            more={pages.hasNextPage}
            busy={pages.isFetchingNextPage}
            onMore={() => void pages.fetchNextPage()}
          />
        )}
      </div>
    </>
  );
}

function None({ filters }: { filters: Filters }) {
  if (Object.values(filters).some(Boolean)) {
    return <Empty title="No line is like that">Filters compare whole values: asset.start, not start.</Empty>;
  }
  return (
    <Empty title="Nothing was asked of this desk yet">
      Each request to a job or an asset becomes a line here, and each one that was refused.
    </Empty>
  );
}

/** What is shown, as a file. */
function Export({ lines }: { lines: readonly AuditLine[] }) {
  const name = `mixdesk-audit-${lines[0]?.at.slice(0, 10) ?? "empty"}`;
  return (
    <>
      <Button disabled={lines.length === 0} onClick={() => keep(`${name}.csv`, "text/csv", asCsv(lines))}>
        Save as CSV
      </Button>
      <Button disabled={lines.length === 0} onClick={() => keep(`${name}.json`, "application/json", asJson(lines))}>
        Save as JSON
      </Button>
    </>
  );
}
