"use client";

import type { Me } from "@mixdesk/client";
import Link from "next/link";
import { NotificationBell } from "@/features/notifications/bell";
import { ConnectionPill } from "./connection-pill";
import { HostPicker } from "./host-picker";
import { Mark } from "./mark";
import { useSession } from "./session";
import { ThemeMenu } from "./theme-menu";
import { UserMenu } from "./user-menu";

/** Over every page: the host, how the page stands with the desk, what happened, the theme, who is signed in. */
export function Header({ me }: { me: Me | null }) {
  const looks = useSession().may("viewer");
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b bg-paper/90 px-4 backdrop-blur sm:px-6">
      <Link href="/" prefetch={false} aria-label="Mixdesk: overview" className="mr-2 rounded-lg sm:hidden">
        <Mark />
      </Link>
      {looks && <HostPicker />}
      <div className="min-w-0 flex-1">{looks && <ConnectionPill />}</div>
      {me && looks && <NotificationBell key={me.name} me={me} />}
      <ThemeMenu />
      {me && <UserMenu me={me} />}
    </header>
  );
}
