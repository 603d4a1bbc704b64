"use client";

import { useAssets, useOperations } from "@mixdesk/client/react";
import dynamic from "next/dynamic";
import { Suspense, useCallback, useState } from "react";
import { useQueryState } from "@/lib/query-state";
import { actsOnAll } from "@/lib/rights";
import { useNarrow } from "@/lib/use-narrow";
import { useSession } from "@/shell/session";
import { Empty, Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { Stale } from "@/ui/stale";
import { Tab, TabList, TabPanel, Tabs } from "@/ui/tabs";
import type { Ask } from "./action-dialog";
import { AssetCards } from "./asset-cards";
import { AssetFilters } from "./asset-filters";
import { AssetTable } from "./asset-table";
import { NoAssets } from "./assets-empty";
import { OwnGpus } from "./own-gpus";
import { ReloadButton } from "./reload-button";
import { shownAssets, sortOf } from "./shown";
import { byAsset } from "./under-way";
import { UnderWayPanel } from "./under-way-panel";
import { useNeededBy } from "./use-needed-by";
import { useRegistry } from "./use-registry";

const ActionDialog = dynamic(() => import("./action-dialog").then((part) => part.ActionDialog), { ssr: false });
const DependencyView = dynamic(() => import("./dependency-view").then((part) => part.DependencyView));
const OperationsList = dynamic(() =>
  import("@/features/operations/operations-list").then((part) => part.OperationsList),
);

/** What there is to start and stop, what each one holds, and what is under way. */
export function AssetsPage() {
  return (
    <Suspense fallback={<Waiting>Opening the assets …</Waiting>}>
      <Assets />
    </Suspense>
  );
}

function Assets() {
  const assets = useAssets();
  const operations = useOperations();
  const acts = actsOnAll(useSession().me);
  const [ask, setAsk] = useState<Ask | null>(null);
  return (
    <>
      <PageHeader title="Assets" aside={acts ? <ReloadButton /> : undefined}>
        What you start to make music, and stop to have its GPU memory back.
      </PageHeader>
      {!assets.ready ? (
        <Waiting>Asking the desk for its assets …</Waiting>
      ) : (
        <Stale state={assets.state}>
          {assets.data.size === 0 ? (
            <NoAssets />
          ) : (
            <div className="space-y-5">
              <OwnGpus assets={assets.data} />
              <UnderWayPanel operations={operations.data} />
              <Views onAsk={acts ? setAsk : undefined} />
            </div>
          )}
        </Stale>
      )}
      {acts && <ActionDialog ask={ask} assets={assets.data} onAsk={setAsk} />}
    </>
  );
}

const VIEWS = { table: "List", graph: "Dependencies", operations: "Operations" } as const;
type ViewName = keyof typeof VIEWS;

function Views({ onAsk }: { onAsk: ((ask: Ask) => void) | undefined }) {
  const [query, set] = useQueryState();
  const assets = useRegistry();
  const chosen = query.get("view") ?? "";
  const view: ViewName = chosen === "graph" || chosen === "operations" ? chosen : "table";
  return (
    <Tabs value={view} onChange={(next) => set({ view: next === "table" ? null : next })}>
      <TabList label="How to see them">
        {Object.entries(VIEWS).map(([name, words]) => (
          <Tab key={name} value={name}>
            {words}
          </Tab>
        ))}
      </TabList>
      <TabPanel value="table">
        <List onAsk={onAsk} />
      </TabPanel>
      <TabPanel value="graph">
        <DependencyView
          assets={assets}
          onOpen={(asset) => set({ view: null, asset, q: null, status: null, type: null })}
        />
      </TabPanel>
      <TabPanel value="operations">
        <OperationsList kind="asset" />
      </TabPanel>
    </Tabs>
  );
}

function List({ onAsk }: { onAsk: ((ask: Ask) => void) | undefined }) {
  const [query, set] = useQueryState();
  const all = useRegistry();
  const operations = useOperations();
  const narrow = useNarrow();
  const wanted = {
    q: query.get("q") ?? "",
    status: query.get("status") ?? "",
    type: query.get("type") ?? "",
    sort: sortOf(query.get("sort")),
  };
  const shown = shownAssets(all, wanted);
  const neededBy = useNeededBy(all);
  const open = useCallback((asset: string | null) => set({ asset }), [set]);
  const AsList = narrow ? AssetCards : AssetTable;
  return (
    <div className="space-y-3">
      <AssetFilters wanted={wanted} onChange={set} />
      {shown.length === 0 ? (
        <Empty title="No asset is like that">{`There are ${all.length}; choose other filters above.`}</Empty>
      ) : (
        <AsList
          assets={shown}
          neededBy={neededBy}
          operations={byAsset(operations.data.values())}
          open={query.get("asset")}
          onOpen={open}
          onAsk={onAsk}
        />
      )}
    </div>
  );
}
