import type { Me } from "@mixdesk/client";
import type { ReactNode } from "react";
import { Failed } from "@/ui/empty";

/** For views that a ticket for one job may not see: says so without asking the desk. */
export function NotForOneJob({ me, what, children }: { me: Me; what: string; children: ReactNode }) {
  if (me.job_id === null || me.job_id === undefined) return children;
  return (
    <Failed title={`This ticket does not show ${what}`}>
      <p>
        It is for job {me.job_id} alone. A ticket for an owner, or a session at the desk on the same site, shows {what}.
      </p>
    </Failed>
  );
}
