// @mixdesk/client: one desk with types. `./react` has the hooks, `./server` what a page's own back end needs.
export { DeskClock } from "./clock.ts";
export { Desk, type DeskOptions, PROTOCOL } from "./desk.ts";
export { DeskProblem, problemOf, unwrap } from "./problem.ts";
export { isFinal, may, shownStatus } from "./status.ts";
export { assets, Collection, jobs, operations } from "./streams/collection.ts";
export { Connection, type StreamOptions, type StreamState } from "./streams/connection.ts";
export { MetricsHistory } from "./streams/metrics.ts";
export { SharedSource, type Source, type View } from "./streams/source.ts";
export type * from "./types.ts";
