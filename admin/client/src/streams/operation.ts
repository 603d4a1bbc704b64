import type { Desk } from "../desk.ts";
import { isProblem, unwrap } from "../problem.ts";
import { isOver } from "../status.ts";
import type { Operation } from "../types.ts";
import type { Collection } from "./collection.ts";
import type { StreamState } from "./connection.ts";
import type { Source, View } from "./source.ts";

type Known = Operation | null | undefined;

/**
 * One operation until its end. The stream begins with those that have not ended, so one that had is asked for once by
 * REST; after a break too, as its end may lie in it. Undefined until it is known, null where there is none.
 */
export class OperationSource implements Source<Known> {
  #asked: Known;
  #asking = false;
  #phase: StreamState["phase"] | null = null;
  #view: View<Known> | null = null;
  #seen: unknown;
  readonly #listeners = new Set<() => void>();
  #leave: (() => void) | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly stream: Collection<Operation>,
    private readonly id: string,
  ) {}

  view(): View<Known> {
    const under = this.stream.view();
    if (this.#view !== null && this.#seen === under) return this.#view;
    const streamed = under.data.get(this.id);
    const data = newest(streamed, this.#asked);
    this.#seen = under;
    this.#view = { data, state: under.state, ready: data !== undefined };
    return this.#view;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#leave ??= this.stream.listen(() => this.#changed());
    void this.#ask();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#leave?.();
      this.#leave = undefined;
    };
  }

  #changed(): void {
    const { phase } = this.stream.view().state;
    if (phase === "live" && this.#phase !== "live") void this.#ask();
    this.#phase = phase;
    this.#tell();
  }

  async #ask(): Promise<void> {
    const known = this.view().data;
    if (this.#asking || (known && isOver(known))) return;
    this.#asking = true;
    try {
      const path = { operation_id: this.id };
      this.#asked = await unwrap(this.desk.rest.GET("/admin/operations/{operation_id}", { params: { path } }));
    } catch (problem) {
      if (isProblem(problem, 404)) this.#asked = null;
    } finally {
      this.#asking = false;
    }
    this.#view = null;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Of two words on one operation that which is an end, else the stream's. */
function newest(streamed: Operation | undefined, asked: Known): Known {
  if (streamed === undefined) return asked;
  return asked && isOver(asked) && !isOver(streamed) ? asked : streamed;
}
