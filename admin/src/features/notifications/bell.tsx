"use client";

import type { Me } from "@mixdesk/client";
import { useJobs } from "@mixdesk/client/react";
import { Bell } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useMemo } from "react";
import { Button } from "@/ui/button";
import { Popover } from "@/ui/popover";
import { When } from "@/ui/time";
import { useKept } from "./kept";
import { NoticeLog, type Told } from "./notice-log";
import { PermissionLine } from "./permission-line";
import { titleHead, useTitleHead } from "./tab-title";
import { useWatch } from "./watch";
import { headline, WORDS } from "./words";

const WIDTH = 380;
const MOST_SHOWN = 9;
const NONE: readonly Told[] = [];

export const jobPage = (jobId: string): string => `/jobs/detail/?id=${encodeURIComponent(jobId)}`;

/** The bell: what happened to jobs while a page was open, kept over reloads. It watches on every page. */
export function NotificationBell({ me }: { me: Me }) {
  const router = useRouter();
  const log = useMemo(() => new NoticeLog(`${me.name} ${me.owner ?? ""}`), [me.name, me.owner]);
  const open = useCallback((jobId: string) => router.push(jobPage(jobId)), [router]);
  useWatch(log, open);
  const jobs = useJobs();
  const told = useKept(log.kept, NONE);
  const unread = told.filter((one) => !one.read).length;
  useTitleHead(titleHead(jobs.data.values(), unread, jobs.state.phase === "live"));
  return (
    <Popover
      name="Notifications"
      label={unread > 0 ? `Notifications: ${unread} unread` : "Notifications"}
      width={WIDTH}
      triggerClassName="relative size-9 p-0"
      onOpenChange={(isOpen) => !isOpen && log.readAll()}
      trigger={
        <>
          <Bell aria-hidden="true" size={18} />
          {unread > 0 && (
            <span
              aria-hidden="true"
              className="absolute top-0 right-0 min-w-4 rounded-full bg-bad px-1 text-xs leading-4 font-semibold text-on-bad"
            >
              {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
            </span>
          )}
        </>
      }
    >
      {(close) => <Notices told={told} onClear={() => log.clear()} onGo={close} />}
    </Popover>
  );
}

function Notices({ told, onClear, onGo }: { told: readonly Told[]; onClear: () => void; onGo: () => void }) {
  return (
    <div className="text-sm">
      <div className="flex items-center justify-between gap-2 px-2 py-1">
        <h2 className="font-semibold">Notifications</h2>
        {told.length > 0 && (
          <Button kind="quiet" onClick={onClear}>
            Clear
          </Button>
        )}
      </div>
      {told.length === 0 ? (
        <p className="px-2 pb-2 text-soft">
          Nothing yet. Once a job ends, fails, is lost or saves a checkpoint, it stands here.
        </p>
      ) : (
        <ul>
          {told.map((one) => (
            <li key={one.key}>
              <Line told={one} onGo={onGo} />
            </li>
          ))}
        </ul>
      )}
      <div className="mt-1 border-t px-2 pt-2 pb-1">
        <PermissionLine />
        <Link
          href="/settings/"
          prefetch={false}
          onClick={onGo}
          className="mt-1 inline-block text-accent hover:underline"
        >
          What is told
        </Link>
      </div>
    </div>
  );
}

function Line({ told, onGo }: { told: Told; onGo: () => void }) {
  const { sign, colour } = WORDS[told.kind];
  return (
    <Link
      href={jobPage(told.jobId)}
      prefetch={false}
      onClick={onGo}
      className="flex items-baseline gap-2.5 rounded-lg px-2 py-1.5 -outline-offset-2 hover:bg-raised"
    >
      <span aria-hidden="true" className={colour}>
        {sign}
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className={told.read ? "" : "font-semibold"}>{headline(told)}</span>
        {!told.read && <span className="sr-only"> (unread)</span>}
        {told.more !== null && <span className="block text-soft">{told.more}</span>}
      </span>
      <When at={told.at} className="shrink-0 text-xs text-soft" />
    </Link>
  );
}
