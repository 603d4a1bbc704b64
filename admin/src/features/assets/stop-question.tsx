"use client";

import type { Asset } from "@mixdesk/client";
import { useState } from "react";
import { mebibytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { Failed, Waiting } from "@/ui/empty";
import { Field, Input } from "@/ui/field";
import { useSay } from "@/ui/toast";
import { boardOf } from "./board";
import { PlanSteps } from "./plan-view";
import { HeldWarning, JobsWarning } from "./stop-warnings";
import { allowances, inTheWay, toFree } from "./stopping";
import { useStop } from "./use-ask";
import { usePlan } from "./use-plan";
import { listed } from "./words";

interface StopQuestionProps {
  asset: Asset;
  assets: ReadonlyMap<string, Asset>;
  onClose: () => void;
}

/** Asks before an asset is stopped: who stops with it, which jobs would end, who holds it, what comes back. */
export function StopQuestion({ asset, assets, onClose }: StopQuestionProps) {
  const plan = usePlan({ asset: asset.id, action: "stop" }, boardOf(assets.values()));
  const stop = useStop(asset.id);
  const say = useSay();
  const [typed, setTyped] = useState("");
  const stops = plan.data?.would_stop ?? [];
  const way = inTheWay(asset.id, stops, assets);
  const freed = toFree(stops, assets);
  const mustType = way.jobs.length > 0;
  const ready = plan.data !== undefined && !stop.isPending && (!mustType || typed.trim() === asset.id);
  const ask = () =>
    stop.mutate(allowances(way), {
      onSuccess: () => {
        say(`stop ${asset.name}: asked`);
        onClose();
      },
    });
  return (
    <>
      <div className="space-y-4 text-sm">
        {plan.isPending && <Waiting>Asking the desk what it would do …</Waiting>}
        {plan.isError && <Failed title="It cannot be stopped as things are">{plan.error.message}</Failed>}
        {plan.data && <PlanSteps plan={plan.data} />}
        {way.dependents.length > 0 && (
          <p className="font-medium text-warn">
            {`${listed(way.dependents)} ${way.dependents.length === 1 ? "needs" : "need"} it and would be stopped first.`}
          </p>
        )}
        <JobsWarning jobs={way.jobs} />
        <HeldWarning holds={way.holds} />
        {freed !== null && <p>{`About ${mebibytes(freed)} of GPU memory should come back.`}</p>}
        {mustType && (
          <Field label={`Type “${asset.id}” to stop it in spite of that`}>
            <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
          </Field>
        )}
        {stop.isError && <Failed title="The desk has refused">{stop.error.message}</Failed>}
      </div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose} autoFocus>
          Keep it running
        </Button>
        <Button kind={mustType || way.holds.length > 0 ? "risky" : "main"} disabled={!ready} onClick={ask}>
          {stop.isPending ? "Asking …" : stopWords(asset, way.dependents)}
        </Button>
      </div>
    </>
  );
}

function stopWords(asset: Asset, dependents: readonly string[]): string {
  return dependents.length === 0 ? `Stop ${asset.name}` : `Stop ${listed([...dependents, asset.name])}`;
}
