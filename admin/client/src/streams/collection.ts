import type { Desk } from "../desk.ts";
import type { Asset, Job, Operation } from "../types.ts";
import { Connection, type StreamState } from "./connection.ts";
import { SharedSource } from "./source.ts";

type Items<T> = ReadonlyMap<string, T>;

interface Kind<T> {
  path: string;
  /** The name of the item in a frame. */
  noun: string;
  id: (item: T) => string;
}

const GAP_MS = 50;

/** All things of one kind, kept up to date: `{"revision", noun}` changes one, `deleted` takes it out, `reset` all. */
export class Collection<T> extends SharedSource<Items<T>> {
  #items = new Map<string, T>();
  #revision: number | undefined;
  #connection: Connection | null = null;
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly kind: Kind<T>,
    private readonly query: Record<string, string> = {},
  ) {
    super(new Map());
  }

  protected open(): void {
    this.#connection ??= new Connection(this.desk, {
      path: this.kind.path,
      query: () => ({ ...this.query, after: this.#revision }),
      onFrame: (frame) => this.#take(frame as Record<string, unknown>),
      onState: (state) => this.#stands(state),
    });
  }

  protected close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  #stands(state: StreamState): void {
    this.tell({ state });
    // an empty desk sends no frame at all: it is known to be empty once nothing has come for a moment
    if (state.phase === "live") this.#soon(300);
  }

  #take(frame: Record<string, unknown>): void {
    if (frame.reset) this.#items.clear();
    const item = frame[this.kind.noun] as T | undefined;
    if (item !== undefined) this.#items.set(this.kind.id(item), item);
    else if (typeof frame.deleted === "string") this.#items.delete(frame.deleted);
    if (typeof frame.revision === "number") this.#revision = frame.revision;
    this.#soon(GAP_MS);
  }

  #soon(wait: number): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.tell({ data: new Map(this.#items), ready: true });
    }, wait);
  }
}

export const jobs = (desk: Desk, id?: string): Collection<Job> =>
  new Collection<Job>(desk, { path: "/jobs/stream", noun: "job", id: (job) => job.job_id }, id ? { id } : {});

export const assets = (desk: Desk): Collection<Asset> =>
  new Collection<Asset>(desk, { path: "/admin/assets/stream", noun: "asset", id: (asset) => asset.id });

export const operations = (desk: Desk): Collection<Operation> =>
  new Collection<Operation>(desk, { path: "/admin/operations/stream", noun: "operation", id: (one) => one.id });
