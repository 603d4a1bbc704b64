// @mixdesk/client: one desk with types. `./react` has the hooks, `./server` what a page's own back end needs.

export { Bearer, type TicketSource, type Traded } from "./bearer.ts";
export { DeskClock } from "./clock.ts";
export { Desk, type DeskOptions, PROTOCOL } from "./desk.ts";
export { entriesOf, type LogEntry, type LogMark, type LogRecord } from "./logs/entries.ts";
export { isLogLevel, LOG_LEVELS, type LogFrame, type LogLevel } from "./logs/frames.ts";
export { LogRing } from "./logs/ring.ts";
export { LogTail, type LogTailOptions, type LogTailView } from "./logs/tail.ts";
export { DeskProblem, isProblem, problemOf, unwrap } from "./problem.ts";
export { isFinal, isOver, may, shownStatus } from "./status.ts";
export { Backoff } from "./streams/backoff.ts";
export { Collection, type Kind } from "./streams/collection.ts";
export { Connection, type StreamOptions, type StreamState } from "./streams/connection.ts";
export { assets, jobs, operations } from "./streams/kinds.ts";
export { MetricsHistory } from "./streams/metrics.ts";
export { OperationSource } from "./streams/operation.ts";
export { SharedSource, type Source, type View } from "./streams/source.ts";
export type * from "./types.ts";
