import type { Desk } from "../desk.ts";
import { isProblem, unwrap } from "../problem.ts";
import type { Asset, Job, Operation } from "../types.ts";
import { Collection } from "./collection.ts";

const ONE = { params: { query: { limit: 1 } } };

/** All jobs that one may see, or one of them. */
export function jobs(desk: Desk, id?: string): Collection<Job> {
  const any = async () => {
    if (id === undefined) return (await unwrap(desk.rest.GET("/jobs", ONE))).items.length > 0;
    return exists(unwrap(desk.rest.GET("/jobs/{job_id}", { params: { path: { job_id: id } } })));
  };
  const kind = { path: "/jobs/stream", noun: "job", id: (job: Job) => job.job_id, any };
  return new Collection<Job>(desk, kind, id === undefined ? {} : { id });
}

/** All assets. */
export function assets(desk: Desk): Collection<Asset> {
  const any = async () => (await unwrap(desk.rest.GET("/admin/assets"))).items.length > 0;
  return new Collection<Asset>(desk, { path: "/admin/assets/stream", noun: "asset", id: (asset) => asset.id, any });
}

/** Operations that have not ended when the stream begins, and all from then on. */
export function operations(desk: Desk): Collection<Operation> {
  const anyOf = async (state: string) =>
    (await unwrap(desk.rest.GET("/admin/operations", { params: { query: { limit: 1, state } } }))).items.length > 0;
  const any = async () => (await Promise.all([anyOf("pending"), anyOf("running")])).includes(true);
  return new Collection<Operation>(desk, {
    path: "/admin/operations/stream",
    noun: "operation",
    id: (one) => one.id,
    any,
  });
}

async function exists(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (problem) {
    if (isProblem(problem, 404)) return false;
    throw problem;
  }
}
