"use client";

import { Checkbox } from "@/ui/field";
import { KINDS } from "./events";
import { useKept } from "./kept";
import { PermissionLine } from "./permission-line";
import { AT_FIRST, switches } from "./switches";
import { WORDS } from "./words";

/** What is told in this browser, and whether the browser shows it. */
export function NotificationSettings() {
  const now = useKept(switches, AT_FIRST);
  return (
    <div className="space-y-3">
      <fieldset>
        <legend className="text-sm text-soft">Tell me when</legend>
        {KINDS.map((kind) => (
          <Checkbox
            key={kind}
            checked={now.kinds[kind]}
            onChange={(event) => switches.set({ ...now, kinds: { ...now.kinds, [kind]: event.target.checked } })}
          >
            {WORDS[kind].setting}
          </Checkbox>
        ))}
      </fieldset>
      <Checkbox checked={now.browser} onChange={(event) => switches.set({ ...now, browser: event.target.checked })}>
        Show them as notifications of the browser
      </Checkbox>
      <PermissionLine />
    </div>
  );
}
