"use client";

import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/lib/cn";
import { Popover } from "@/ui/popover";
import { Mark } from "./mark";
import { isHere, nameOf, type Place, placesOf } from "./places";
import { useSession } from "./session";

const IN_BAR = 4;
const MORE_WIDTH = 220;

function PlaceLink({ place, bar = false, onGo }: { place: Place; bar?: boolean; onGo?: () => void }) {
  const { me } = useSession();
  const here = isHere(place.href, usePathname());
  const Icon = place.icon;
  return (
    <Link
      href={place.href}
      prefetch={false}
      aria-current={here ? "page" : undefined}
      onClick={onGo}
      className={cn(
        "flex items-center rounded-lg font-medium text-soft -outline-offset-2 transition-colors hover:bg-raised hover:text-ink aria-[current]:bg-raised aria-[current]:text-ink",
        bar ? "flex-1 flex-col gap-0.5 px-1 py-1.5 text-xs" : "gap-2.5 px-2.5 py-2 text-sm",
      )}
    >
      <Icon aria-hidden="true" size={bar ? 20 : 17} className={here ? "text-accent" : undefined} />
      {nameOf(place, me)}
    </Link>
  );
}

/** The pages: a rail at the left, on a phone a bar at the bottom with the rest under "More". */
export function Rail() {
  const { me } = useSession();
  const places = placesOf(me);
  return (
    <>
      <nav
        aria-label="Pages"
        className="sticky top-0 hidden h-dvh w-52 shrink-0 flex-col gap-0.5 overflow-y-auto border-r bg-card p-3 sm:flex"
      >
        <Link href="/" prefetch={false} className="mb-4 flex items-center gap-2.5 rounded-lg px-2 py-1.5 font-semibold">
          <Mark />
          Mixdesk
        </Link>
        {places.map((place) => (
          <PlaceLink key={place.href} place={place} />
        ))}
      </nav>
      <nav
        aria-label="Pages"
        className="fixed inset-x-0 bottom-0 z-40 flex items-stretch gap-0.5 border-t bg-card px-1.5 pt-1 pb-[max(0.25rem,env(safe-area-inset-bottom))] sm:hidden"
      >
        {places.slice(0, IN_BAR).map((place) => (
          <PlaceLink key={place.href} place={place} bar />
        ))}
        <More places={places.slice(IN_BAR)} />
      </nav>
    </>
  );
}

function More({ places }: { places: readonly Place[] }) {
  const path = usePathname();
  const here = places.some((place) => isHere(place.href, path));
  return (
    <Popover
      name="More pages"
      width={MORE_WIDTH}
      triggerClassName={cn(
        "h-auto flex-1 flex-col gap-0.5 px-1 py-1.5 text-xs text-soft -outline-offset-2",
        here && "bg-raised text-ink",
      )}
      trigger={
        <>
          <Ellipsis aria-hidden="true" size={20} className={here ? "text-accent" : undefined} />
          More
        </>
      }
    >
      {(close) => places.map((place) => <PlaceLink key={place.href} place={place} onGo={close} />)}
    </Popover>
  );
}
