"use client";

import { type Asset, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";
import { actsOnAll } from "@/lib/rights";
import { useSession } from "@/shell/session";
import { Button } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { When } from "@/ui/time";
import { useSay } from "@/ui/toast";

const MINUTE_S = 60;
const LENGTHS = [5, 15, 60, 240] as const;

/** Who uses the asset until when; who may, holds it too, or lets go of a hold. */
export function Holds({ asset }: { asset: Asset }) {
  const acts = actsOnAll(useSession().me);
  return (
    <section aria-label={`Holds of ${asset.name}`}>
      <h4 className="text-xs font-medium text-soft">Holds: nobody stops it meanwhile without force</h4>
      {asset.holds.length === 0 && <p className="mt-1 text-sm text-soft">Nobody holds it.</p>}
      <ul className="mt-1 space-y-1 text-sm">
        {asset.holds.map((hold) => (
          <li key={hold.id} className="flex flex-wrap items-center gap-x-2">
            <span className="font-medium">{hold.actor || "somebody"}</span>
            {hold.reason && <span>{hold.reason}</span>}
            <span className="text-soft">
              ends <When at={hold.expires_at} />
            </span>
            {acts && <Release asset={asset.id} hold={hold.id} />}
          </li>
        ))}
      </ul>
      {acts && <HoldForm asset={asset} />}
    </section>
  );
}

function Release({ asset, hold }: { asset: string; hold: string }) {
  const desk = useDesk();
  const say = useSay();
  const release = useMutation({
    mutationFn: () =>
      unwrap(
        desk.rest.DELETE("/admin/assets/{asset_id}/holds/{hold_id}", {
          params: { path: { asset_id: asset, hold_id: hold } },
        }),
      ),
    onError: (problem) => say(problem.message, "bad"),
  });
  return (
    <Button kind="quiet" disabled={release.isPending} onClick={() => release.mutate()}>
      Release
    </Button>
  );
}

function HoldForm({ asset }: { asset: Asset }) {
  const desk = useDesk();
  const say = useSay();
  const id = useId();
  const hold = useMutation({
    mutationFn: (body: { ttl_s: number; reason: string | null }) =>
      unwrap(desk.rest.POST("/admin/assets/{asset_id}/holds", { params: { path: { asset_id: asset.id } }, body })),
    onSuccess: () => say(`${asset.name} is held`),
    onError: (problem) => say(problem.message, "bad"),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    hold.mutate({
      ttl_s: Number(form.get("minutes")) * MINUTE_S,
      reason: String(form.get("reason") ?? "").trim() || null,
    });
  };
  return (
    <form onSubmit={submit} className="mt-2 flex flex-wrap items-end gap-2 text-sm">
      <label htmlFor={`${id}-minutes`} className="text-soft">
        Hold for{" "}
        <Select id={`${id}-minutes`} name="minutes" className="w-auto">
          {LENGTHS.map((minutes) => (
            <option key={minutes} value={minutes}>{`${minutes} min`}</option>
          ))}
        </Select>
      </label>
      <label htmlFor={`${id}-reason`} className="text-soft">
        because of <Input id={`${id}-reason`} name="reason" maxLength={200} className="w-40" />
      </label>
      <Button type="submit" disabled={hold.isPending}>
        Hold it
      </Button>
    </form>
  );
}
