"use client";

import type { Asset } from "@mixdesk/client";
import { Button } from "@/ui/button";
import type { Ask } from "./action-dialog";

interface AssetActionsProps {
  asset: Asset;
  onAsk: (ask: Ask) => void;
}

/** Start, stop, or both where a start has failed and it runs all the same. */
export function AssetActions({ asset, onAsk }: AssetActionsProps) {
  const startable = asset.status === "stopped" || asset.status === "error";
  const action = startable ? "start" : "stop";
  return (
    <div className="flex justify-end gap-2">
      {asset.status === "error" && asset.usage.started_at !== null && (
        <AskButton action="stop" asset={asset} onAsk={onAsk} />
      )}
      <AskButton action={action} asset={asset} onAsk={onAsk} />
    </div>
  );
}

function AskButton({ action, asset, onAsk }: AssetActionsProps & { action: Ask["action"] }) {
  const word = action === "start" ? "Start" : "Stop";
  return (
    <Button aria-label={`${word} ${asset.name}`} onClick={() => onAsk({ action, asset: asset.id })}>
      {`${word} …`}
    </Button>
  );
}
