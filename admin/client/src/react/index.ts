// React hooks over one desk. Everything below a <DeskProvider> shares its streams.
export { DeskProvider, useDesk } from "./desk.tsx";
export { useLogTail } from "./logs.ts";
export { useMe } from "./me.ts";
export { useNow } from "./now.ts";
export { useAssets, useJob, useJobs, useMetrics, useOperation, useOperations, useSource } from "./streams.ts";
