"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Waiting } from "@/ui/empty";
import { PLACES } from "./places";
import { useSession } from "./session";
import { SignIn } from "./sign-in";

/** The frame of every page but the embeds: the rail, the header, and the sign-in where nobody is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const session = useSession();
  const here = usePathname();
  if (session.state === "out" || here === "/login/") return <SignIn />;
  return (
    <div className="mx-auto flex min-h-screen max-w-screen-2xl flex-col sm:flex-row">
      <nav
        aria-label="Pages"
        className="fixed inset-x-0 bottom-0 z-40 flex overflow-x-auto border-t bg-card sm:sticky sm:top-0 sm:h-screen sm:w-48 sm:flex-col sm:border-t-0 sm:border-r sm:p-3"
      >
        {PLACES.filter((place) => session.may(place.needs)).map(({ href, name, icon: Icon }) => (
          <Link
            key={href}
            href={href}
            prefetch={false}
            aria-current={here === href ? "page" : undefined}
            className="flex items-center gap-2 rounded-lg px-3 py-2 text-sm text-soft hover:text-ink aria-[current]:bg-raised aria-[current]:text-ink"
          >
            <Icon aria-hidden="true" size={18} />
            {name}
          </Link>
        ))}
      </nav>
      <main className="min-w-0 flex-1 p-4 pb-24 sm:p-6">
        {session.me ? children : <Waiting>Asking the desk who you are …</Waiting>}
      </main>
    </div>
  );
}
