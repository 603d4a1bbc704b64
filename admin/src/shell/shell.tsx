"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Waiting } from "@/ui/empty";
import { AwayBanner } from "./connection-pill";
import { Header } from "./header";
import { NoViewer } from "./no-viewer";
import { Rail } from "./rail";
import { useSession } from "./session";
import { SignIn } from "./sign-in";

const LOGIN = "/login/";

/** The frame of every page but the embeds: the rail, the header, and the sign-in where nobody is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const { state, me, may } = useSession();
  const here = usePathname();
  if (state === "out" || here === LOGIN) return <SignIn away={here === LOGIN} />;
  return (
    <>
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        To the content
      </a>
      <div className="flex min-h-dvh">
        <Rail />
        <div className="flex min-w-0 flex-1 flex-col">
          <Header me={me} />
          <main id="content" tabIndex={-1} className="w-full max-w-screen-2xl flex-1 p-4 pb-24 outline-none sm:p-6">
            {me === null ? (
              <Waiting>
                {state === "unreachable"
                  ? "The desk does not answer. It is asked again …"
                  : "Asking the desk who you are …"}
              </Waiting>
            ) : may("viewer") ? (
              <>
                <AwayBanner />
                {children}
              </>
            ) : (
              <NoViewer me={me} />
            )}
          </main>
        </div>
      </div>
    </>
  );
}
