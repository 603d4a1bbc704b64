"use client";

import type { Asset, Plan } from "@mixdesk/client";
import { Button } from "@/ui/button";
import { Failed, Waiting } from "@/ui/empty";
import { useSay } from "@/ui/toast";
import { boardOf } from "./board";
import { HoldersTable } from "./holders-table";
import { PlanMemory, PlanSteps } from "./plan-view";
import { refusalOf } from "./refusal";
import { shortHolders } from "./short-holders";
import { useStart } from "./use-ask";
import { usePlan } from "./use-plan";
import { listed } from "./words";

interface StartQuestionProps {
  asset: Asset;
  assets: ReadonlyMap<string, Asset>;
  onClose: () => void;
  /** Somebody wants another asset stopped first. */
  onStop: (asset: string) => void;
}

/** Asks before an asset is started: what will be started, whether it fits, and if not, who is to be stopped. */
export function StartQuestion({ asset, assets, onClose, onStop }: StartQuestionProps) {
  const board = boardOf(assets.values());
  const plan = usePlan({ asset: asset.id, action: "start" }, board);
  const short = plan.data?.fits === false;
  const room = usePlan({ asset: asset.id, action: "start", evict: true, enabled: short }, board);
  const start = useStart(asset.id);
  const say = useSay();
  const evicted = short && room.data !== undefined ? room.data.would_stop : [];
  const ask = (evict: boolean) =>
    start.mutate(
      { evict },
      {
        onSuccess: () => {
          say(`start ${asset.name}: asked`);
          onClose();
        },
      },
    );
  return (
    <>
      <div className="space-y-4 text-sm">
        {plan.isPending && <Waiting>Asking the desk what it would do …</Waiting>}
        {plan.isError && <Failed title="It cannot be started as things are">{plan.error.message}</Failed>}
        {plan.data && <Found plan={plan.data} room={room.data} assets={assets} />}
        {start.isError && <Refused problem={start.error} />}
      </div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} autoFocus>
          Leave it
        </Button>
        {short && evicted.length === 0 && <StopFirst ids={plan.data?.stop ?? []} onStop={onStop} />}
        {evicted.length > 0 && (
          <Button kind="main" disabled={start.isPending} onClick={() => ask(true)}>
            {start.isPending ? "Asking …" : `Stop ${listed(evicted)} and start ${asset.name}`}
          </Button>
        )}
        {!short && (
          <Button kind="main" disabled={plan.data === undefined || start.isPending} onClick={() => ask(false)}>
            {start.isPending ? "Asking …" : startWords(plan.data, asset)}
          </Button>
        )}
      </div>
    </>
  );
}

function startWords(plan: Plan | undefined, asset: Asset): string {
  const starts = plan?.steps.filter(({ does, asset: id }) => does === "start" && id !== asset.id) ?? [];
  return starts.length === 0 ? `Start ${asset.name}` : `Start ${asset.name} and ${starts.length} that it needs`;
}

function Found({ plan, room, assets }: { plan: Plan; room: Plan | undefined; assets: ReadonlyMap<string, Asset> }) {
  return (
    <>
      <PlanSteps plan={room !== undefined && room.would_stop.length > 0 && !plan.fits ? room : plan} />
      <PlanMemory plan={plan} />
      {plan.memory.length === 0 && <p className="text-soft">No GPU memory is promised for it.</p>}
      {!plan.fits && (
        <>
          <p className="font-medium text-bad">{adviceWords(plan, room)}</p>
          <HoldersTable holders={shortHolders(plan, assets)} />
        </>
      )}
    </>
  );
}

function adviceWords(plan: Plan, room: Plan | undefined): string {
  const evicted = room?.would_stop ?? [];
  if (evicted.length > 0)
    return `It does not fit. ${listed(evicted)} can be stopped to make room: idle, and evictable.`;
  if (!plan.stop || plan.stop.length === 0) return "It does not fit, and the stop of no asset would make room.";
  return `It does not fit. The smallest set to stop: ${listed(plan.stop)}.`;
}

function StopFirst({ ids, onStop }: { ids: readonly string[]; onStop: (asset: string) => void }) {
  return ids.map((id) => (
    <Button key={id} kind="risky" onClick={() => onStop(id)}>
      {`Stop ${id} first …`}
    </Button>
  ));
}

function Refused({ problem }: { problem: Error }) {
  const refusal = refusalOf(problem);
  return (
    <Failed title="The desk has refused">
      <div className="space-y-3">
        <p className="break-words">{refusal.reason}</p>
        <HoldersTable holders={refusal.holders} />
      </div>
    </Failed>
  );
}
