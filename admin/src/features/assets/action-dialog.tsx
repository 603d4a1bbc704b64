"use client";

import type { Asset } from "@mixdesk/client";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { StartQuestion } from "./start-question";
import { StopQuestion } from "./stop-question";

/** What somebody is about to ask of an asset. */
export interface Ask {
  readonly action: "start" | "stop";
  readonly asset: string;
}

interface ActionDialogProps {
  ask: Ask | null;
  assets: ReadonlyMap<string, Asset>;
  onAsk: (ask: Ask | null) => void;
}

/** The question before a start or stop. It stays in the page while it is closed, so that it can give the focus back. */
export function ActionDialog({ ask, assets, onAsk }: ActionDialogProps) {
  const asset = ask === null ? undefined : assets.get(ask.asset);
  const close = () => onAsk(null);
  return (
    <Dialog open={ask !== null} onClose={close} title={titleOf(ask, asset)}>
      {ask !== null && asset === undefined && <Empty title={`${ask.asset} has left the registry.`} />}
      {ask?.action === "start" && asset && (
        <StartQuestion
          key={asset.id}
          asset={asset}
          assets={assets}
          onClose={close}
          onStop={(id) => onAsk({ action: "stop", asset: id })}
        />
      )}
      {ask?.action === "stop" && asset && <StopQuestion key={asset.id} asset={asset} assets={assets} onClose={close} />}
    </Dialog>
  );
}

function titleOf(ask: Ask | null, asset: Asset | undefined): string {
  if (ask === null) return "";
  return `${ask.action === "start" ? "Start" : "Stop"} ${asset?.name ?? ask.asset}?`;
}
