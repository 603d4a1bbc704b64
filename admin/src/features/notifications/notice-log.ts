import { forgetStored } from "@/lib/stored";
import { KINDS, type Notice } from "./events";
import { Kept } from "./kept";

/** One line of the bell. */
export interface Told extends Notice {
  readonly read: boolean;
}

const MOST = 50;
const KEY = "mixdesk-notices ";

/** What one person was told last, newest first: kept over reloads, the same in all tabs. */
export class NoticeLog {
  readonly kept: Kept<readonly Told[]>;

  constructor(person: string) {
    this.kept = new Kept(`${KEY}${person}`, readTold);
  }

  /** Adds what is not there yet, and gives back what that is: of several tabs, one gets it. */
  async add(notices: readonly Notice[]): Promise<Notice[]> {
    return exclusively(() => {
      const known = this.kept.get();
      const keys = new Set(known.map((told) => told.key));
      const fresh = notices.filter((one) => !keys.has(one.key));
      if (fresh.length > 0) {
        const told = fresh.map((one) => ({ ...one, read: false })).reverse();
        this.kept.set([...told, ...known].slice(0, MOST));
      }
      return fresh;
    });
  }

  readAll(): void {
    if (this.kept.get().every((told) => told.read)) return;
    this.kept.set(this.kept.get().map((told) => ({ ...told, read: true })));
  }

  clear(): void {
    this.kept.set([]);
  }
}

/** Takes what anybody was told out of this browser: names of jobs and their errors stay with who is signed in. */
export function forgetNotices(): void {
  forgetStored("local", KEY);
}

/** One tab at a time, where the browser can tell: over plain http from afar it cannot. */
async function exclusively<T>(work: () => T): Promise<T> {
  return navigator.locks ? navigator.locks.request("mixdesk-notices", work) : work();
}

const isText = (value: unknown): value is string => typeof value === "string";

function isTold(value: unknown): value is Told {
  if (typeof value !== "object" || value === null) return false;
  const { key, kind, jobId, name, at, more, read } = value as Record<string, unknown>;
  return (
    [key, jobId, name].every(isText) &&
    KINDS.some((one) => one === kind) &&
    [at, more].every((one) => one === null || isText(one)) &&
    typeof read === "boolean"
  );
}

/** The lines from what was stored; what is no line is left out. */
export function readTold(text: string | null): readonly Told[] {
  try {
    const known: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(known) ? known.filter(isTold) : [];
  } catch {
    return [];
  }
}
