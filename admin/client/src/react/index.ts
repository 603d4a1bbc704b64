// React hooks over one desk. Everything below a <DeskProvider> shares its streams.
export { DeskProvider, useDesk } from "./desk.tsx";
export { useNow } from "./now.ts";
export { useAssets, useJob, useJobs, useMetrics, useOperations } from "./streams.ts";
