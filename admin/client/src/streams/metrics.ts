import type { Desk } from "../desk.ts";
import { unwrap } from "../problem.ts";
import type { SystemMetrics } from "../types.ts";
import { Connection } from "./connection.ts";
import { SharedSource } from "./source.ts";

/** The desk sends its history without a pause: it is told as one change. */
const TELL_MS = 20;
/** One reading a second comes: so long without one is worth a question. */
const SILENCE_MS = 5000;
const KEPT = 600;

/**
 * Readings of one host, oldest first: two minutes of history at once, then one a second. Times are the host's own. What
 * is sent again after a break comes in once; where readings are missing there is a gap in their times.
 */
export class MetricsHistory extends SharedSource<readonly SystemMetrics[]> {
  #waiting: SystemMetrics[] = [];
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly host?: string,
    private readonly keep = KEPT,
  ) {
    super([]);
  }

  protected connect(): Connection {
    return new Connection(this.desk, {
      path: "/admin/metrics/stream",
      query: () => ({ host: this.host }),
      onFrame: (frame) => this.#take(frame as SystemMetrics),
      onState: (state) => this.tell({ state }),
      check: () => unwrap(this.desk.rest.GET("/admin/metrics", { params: { query: { host: this.host } } })),
      silence: SILENCE_MS,
    });
  }

  protected left(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#waiting = [];
  }

  #take(reading: SystemMetrics): void {
    this.#waiting.push(reading);
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      const data = joined(this.view().data, this.#waiting).slice(-this.keep);
      this.#waiting = [];
      this.tell({ data, ready: true });
    }, TELL_MS);
  }
}

/** Both in the order of their times, each time once; what came later replaces what was there. */
export function joined(known: readonly SystemMetrics[], come: readonly SystemMetrics[]): SystemMetrics[] {
  const newest = known.at(-1);
  const first = come[0];
  if (newest === undefined || first === undefined) return inOrder(come.length > 0 ? come : known);
  if (come.length === 1 && Date.parse(first.timestamp) > Date.parse(newest.timestamp)) return [...known, first];
  return inOrder([...known, ...come]);
}

function inOrder(readings: readonly SystemMetrics[]): SystemMetrics[] {
  const byTime = new Map(readings.map((one) => [Date.parse(one.timestamp), one]));
  return [...byTime].sort(([one], [other]) => one - other).map(([, reading]) => reading);
}
