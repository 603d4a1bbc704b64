"use client";

import type { LogService } from "@mixdesk/client";
import { Search } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { Input } from "@/ui/field";
import { Popover } from "@/ui/popover";
import { logsHref } from "../address";

interface ServiceTabsProps {
  services: readonly LogService[];
  chosen: string | null;
  searching: boolean;
}

/** Tabs that fit a row; the others are in a list with a search. */
const MOST_TABS = 8;

/** The services as tabs: links, so that one opens in a tab of the browser's own too. */
export function ServiceTabs({ services, chosen, searching }: ServiceTabsProps) {
  const shown = services.length > MOST_TABS ? visible(services, chosen) : services;
  return (
    <nav aria-label="Services" className="mb-4 flex items-end gap-2 border-b">
      <ul className="flex min-w-0 gap-1 overflow-x-auto">
        {shown.map((service) => (
          <li key={service.service}>
            <TabLink
              href={logsHref({ service: service.service })}
              current={!searching && service.service === chosen}
              title={titleOf(service)}
            >
              {service.service}
              <span className="text-xs text-soft">{service.readable}</span>
            </TabLink>
          </li>
        ))}
      </ul>
      {services.length > shown.length && <AllServices services={services} />}
      <div className="ml-auto shrink-0">
        <TabLink href={logsHref({ view: "search" })} current={searching}>
          <Search aria-hidden="true" size={15} />
          <span className="sr-only sm:not-sr-only">Search all</span>
        </TabLink>
      </div>
    </nav>
  );
}

interface TabLinkProps {
  href: string;
  current: boolean;
  title?: string;
  children: React.ReactNode;
}

function TabLink({ href, current, title, children }: TabLinkProps) {
  return (
    <Link
      href={href}
      prefetch={false}
      title={title}
      aria-current={current ? "page" : undefined}
      className="-mb-px flex min-h-9 items-center gap-1.5 border-b-2 border-transparent px-3 py-1.5 text-sm font-medium whitespace-nowrap text-soft -outline-offset-2 hover:text-ink aria-[current]:border-accent aria-[current]:text-ink"
    >
      {children}
    </Link>
  );
}

function AllServices({ services }: { services: readonly LogService[] }) {
  const [wish, setWish] = useState("");
  const found = services.filter((one) => one.service.toLowerCase().includes(wish.toLowerCase()));
  return (
    <Popover name="All services" trigger={`All ${services.length}`} width={300} triggerClassName="mb-1 shrink-0">
      {(close) => (
        <div className="space-y-1 p-1">
          <Input
            aria-label="Find a service"
            placeholder="Find a service"
            value={wish}
            onChange={(event) => setWish(event.target.value)}
          />
          <ul>
            {found.map((one) => (
              <li key={one.service}>
                <Link
                  href={logsHref({ service: one.service })}
                  prefetch={false}
                  onClick={close}
                  className={cn(
                    "flex min-h-9 items-center justify-between gap-3 rounded-lg px-2 text-sm -outline-offset-2 hover:bg-raised",
                    one.readable === 0 && "text-soft",
                  )}
                >
                  <span className="wrap-anywhere">{one.service}</span>
                  <span className="text-xs text-soft">{titleOf(one)}</span>
                </Link>
              </li>
            ))}
          </ul>
          {found.length === 0 && <p className="p-2 text-sm text-soft">No service is called so.</p>}
        </div>
      )}
    </Popover>
  );
}

function visible(services: readonly LogService[], chosen: string | null): readonly LogService[] {
  const first = services.slice(0, MOST_TABS);
  if (chosen === null || first.some((one) => one.service === chosen)) return first;
  const own = services.find((one) => one.service === chosen);
  return own === undefined ? first : [...first.slice(0, MOST_TABS - 1), own];
}

function titleOf(service: LogService): string {
  const logs = `${service.readable} of ${service.sources} logs readable`;
  return service.state === null ? logs : `${service.state}, ${logs}`;
}
