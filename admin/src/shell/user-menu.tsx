"use client";

import type { Me } from "@mixdesk/client";
import { CircleUser, LogOut } from "lucide-react";
import { Badge } from "@/ui/badge";
import { Menu, MenuItem } from "@/ui/menu";
import { When } from "@/ui/time";
import { useSay } from "@/ui/toast";
import { useSession } from "./session";

const WIDTH = 260;

/** Who is signed in, with which rights and until when, and the way out. */
export function UserMenu({ me }: { me: Me }) {
  const { leave } = useSession();
  const say = useSay();
  const signOut = () => leave().catch((problem: Error) => say(`Not signed out: ${problem.message}`, "bad"));
  return (
    <Menu
      name="Signed in"
      label={`Signed in as ${me.name}`}
      width={WIDTH}
      triggerClassName="max-w-40 px-2"
      trigger={
        <>
          <CircleUser aria-hidden="true" size={18} className="shrink-0" />
          <span className="hidden truncate md:inline">{me.name}</span>
        </>
      }
    >
      <div role="presentation" className="border-b px-2.5 pt-1.5 pb-2.5 text-sm">
        <p className="font-medium wrap-anywhere">{me.name}</p>
        <p className="mt-1.5 flex flex-wrap gap-1">
          {me.roles.map((role) => (
            <Badge key={role}>{role}</Badge>
          ))}
          {me.owner && <Badge tone="accent">jobs of {me.owner}</Badge>}
        </p>
        {me.expires_at && (
          <p className="mt-1.5 text-soft">
            signed out by itself <When at={me.expires_at} />
          </p>
        )}
      </div>
      <MenuItem onClick={signOut} className="mt-1">
        <LogOut aria-hidden="true" size={16} />
        Sign out
      </MenuItem>
    </Menu>
  );
}
