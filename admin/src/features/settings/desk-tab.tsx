"use client";

import { Failed, Waiting } from "@/ui/empty";
import { Facts } from "@/ui/facts";
import { Panel } from "@/ui/panel";
import { aboutOf, useSettings } from "./asked";
import { configured } from "./configured";
import type { Group } from "./row";
import { receiver } from "./rows-around";
import { WebhookTest } from "./webhook-test";

export function DeskTab() {
  const asked = useSettings();
  if (asked.error) return <Failed title="The settings were not told">{asked.error.message}</Failed>;
  if (!asked.data) return <Waiting>Asking the desk what it runs with …</Waiting>;
  const about = aboutOf(asked.data);
  return (
    <div className="gap-4 lg:columns-2 [&>*]:mb-4 [&>*]:break-inside-avoid">
      <Panel title="This desk">
        <Facts
          of={[
            ["Version", about.version ?? "—"],
            ["State folder", <code key="state">{about.stateDir ?? "—"}</code>],
            ["Settings file", about.file === null ? "none: all is as it comes" : <code key="file">{about.file}</code>],
          ]}
        />
        <p className="mt-3 text-sm text-soft">
          Settings are changed in {about.file === null ? "a file mixdesk.toml" : "that file"} or by variables
          (MIXDESK_SERVER__PORT) and hold from the next start on. docs/desk.md lists them all.
        </p>
      </Panel>
      <Panel title="Messages to your receiver">
        <WebhookTest receiver={receiver(about.settings)} />
      </Panel>
      {configured(about.settings, about.stateDir ?? "").map((group) => (
        <Configured key={group.name} group={group} />
      ))}
    </div>
  );
}

function Configured({ group }: { group: Group }) {
  return (
    <Panel title={group.name}>
      <dl className="divide-y text-sm">
        {group.rows.map((row) => (
          <div key={row.key} className="grid gap-x-4 py-2 first:pt-0 last:pb-0 sm:grid-cols-[2fr_3fr]">
            <dt>
              {row.says}
              <code className="block text-xs text-soft">{row.key}</code>
            </dt>
            <dd className={row.value === null ? "text-soft" : "font-medium wrap-anywhere"}>
              {row.value ?? row.otherwise ?? "—"}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
