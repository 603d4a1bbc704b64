import { KINDS, type Kind } from "./events";
import { Kept } from "./kept";

/** What is told, and whether the browser shows it too. */
export interface Switches {
  readonly kinds: Readonly<Record<Kind, boolean>>;
  readonly browser: boolean;
}

const SWITCHES_KEY = "mixdesk-notify";

export const AT_FIRST: Switches = {
  kinds: {
    succeeded: true,
    failed: true,
    canceled: true,
    lost: true,
    saved: true,
    autosaved: false,
    save_failed: true,
  },
  browser: true,
};

/** The switches from what was stored; what is missing or strange is as at first. */
export function readSwitches(text: string | null): Switches {
  let known: unknown;
  try {
    known = JSON.parse(text ?? "null");
  } catch {
    return AT_FIRST;
  }
  const of = (from: unknown, key: string): unknown =>
    typeof from === "object" && from !== null ? Object.entries(from).find(([name]) => name === key)?.[1] : undefined;
  const kinds = { ...AT_FIRST.kinds };
  for (const kind of KINDS) {
    const set = of(of(known, "kinds"), kind);
    if (typeof set === "boolean") kinds[kind] = set;
  }
  return { kinds, browser: of(known, "browser") !== false };
}

export const switches = new Kept<Switches>(SWITCHES_KEY, readSwitches);
