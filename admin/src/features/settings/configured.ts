import type { Settings } from "./read";
import type { Group } from "./row";
import { beside, logged, told } from "./rows-around";
import { admitted, listening } from "./rows-of-desk";
import { kept, metered } from "./rows-of-work";

/** Everything that is configured, in groups, in words. Neither addresses of receivers nor what assets run with is in it. */
export function configured(settings: Settings, stateDir: string): Group[] {
  return [
    { name: "Where it listens", rows: listening(settings) },
    { name: "Who may come", rows: admitted(settings) },
    { name: "Jobs and what is kept", rows: kept(settings, stateDir) },
    { name: "Meters, GPUs and assets", rows: metered(settings) },
    { name: "Logs", rows: logged(settings) },
    { name: "Programs beside it", rows: beside(settings) },
    { name: "Messages about jobs", rows: told(settings) },
  ];
}
