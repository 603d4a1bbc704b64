"use client";

import { useAssets } from "@mixdesk/client/react";
import { Suspense } from "react";
import { Empty, Waiting } from "@/ui/empty";
import { AssetList } from "./asset-list";
import { NotForOneJob } from "./bound";
import { EmbedFrame } from "./embed-frame";
import { StaleNote } from "./stale-note";
import { waitingFor } from "./words";

/** `/ui/embed/assets/`: what is loaded, and what memory of which GPU it holds. */
export function EmbeddedAssets() {
  return (
    <Suspense fallback={<Waiting>Connecting to the desk…</Waiting>}>
      <EmbedFrame title="Assets">
        {(me) => (
          <NotForOneJob me={me} what="assets">
            <AllAssets />
          </NotForOneJob>
        )}
      </EmbedFrame>
    </Suspense>
  );
}

function AllAssets() {
  const { data, state, ready } = useAssets();
  if (!ready) return <Waiting>{waitingFor("assets", state.reason)}</Waiting>;
  return (
    <>
      <StaleNote state={state} />
      {data.size === 0 ? (
        <Empty title="No assets yet">
          Whoever runs the desk registers them: <code>mixdesk assets init</code> writes a registry of what runs there.
        </Empty>
      ) : (
        <AssetList assets={[...data.values()]} stale={state.phase !== "live"} />
      )}
    </>
  );
}
