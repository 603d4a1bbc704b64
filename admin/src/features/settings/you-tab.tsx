"use client";

import type { Me } from "@mixdesk/client";
import { NotificationSettings } from "@/features/notifications/settings";
import { useSession } from "@/shell/session";
import { Facts } from "@/ui/facts";
import { Panel } from "@/ui/panel";
import { When } from "@/ui/time";

const VIA: Readonly<Record<string, string>> = {
  session: "a session of this browser",
  token: "a token",
  proxy: "the proxy in front of the desk",
  embed: "a ticket of another page",
};

/** What everybody may see of themselves and choose for themselves. */
export function YouTab() {
  const { me } = useSession();
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="Signed in">{me && <Session me={me} />}</Panel>
      <Panel title="Notifications in this browser">
        <NotificationSettings />
      </Panel>
    </div>
  );
}

function Session({ me }: { me: Me }) {
  return (
    <Facts
      of={[
        ["As", me.name],
        ["Roles", me.roles.join(", ")],
        ["Sees", me.owner ? `the jobs of ${me.owner} alone` : "everything its roles allow"],
        ["By", VIA[me.via] ?? me.via],
        [
          "Ends",
          me.expires_at ? <When key="ends" at={me.expires_at} /> : "14 days after signing in, or with its token",
        ],
      ]}
    />
  );
}
