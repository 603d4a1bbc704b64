import type { Desk } from "../desk.ts";
import type { SystemMetrics } from "../types.ts";
import { Connection } from "./connection.ts";
import { SharedSource } from "./source.ts";

/** Readings of one host, oldest first: two minutes of history at once, then one a second. */
export class MetricsHistory extends SharedSource<readonly SystemMetrics[]> {
  #connection: Connection | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly host?: string,
    private readonly keep = 600,
  ) {
    super([]);
  }

  protected open(): void {
    this.#connection ??= new Connection(this.desk, {
      path: "/admin/metrics/stream",
      query: () => ({ host: this.host }),
      onFrame: (frame) => this.#take(frame as SystemMetrics),
      onState: (state) => this.tell({ state }),
    });
  }

  protected close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  #take(reading: SystemMetrics): void {
    const known = this.view().data;
    // after a reconnect the desk sends its history again
    const before = known.filter((one) => one.timestamp < reading.timestamp);
    this.tell({ data: [...before, reading].slice(-this.keep), ready: true });
  }
}
