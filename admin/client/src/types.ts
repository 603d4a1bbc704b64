// The nouns of the API under short names. The shapes are the desk's own: `api.ts` is made from its description.
import type { components } from "./api.ts";

type Schemas = components["schemas"];

export type Job = Schemas["JobProgress"] & { details: JobDetails };
export type JobHistory = Schemas["JobHistory"];
export type JobStatus = Job["status"];
/** What is shown of a job: its status, or `lost` where its lease has run out. */
export type ShownStatus = JobStatus | "lost";
export type Phase = Schemas["PhaseProgress"];
export type Checkpoint = Schemas["SavedCheckpoint"];
export type Asset = Schemas["AssetInfo"];
export type Plan = Schemas["PlanAnswer"];
export type Operation = Schemas["OperationInfo"];
export type SystemMetrics = Schemas["SystemMetrics"];
export type Gpu = Schemas["GpuUsage"];
export type Alert = Schemas["AlertInfo"];
export type AlertList = Schemas["AlertList"];
export type LogService = Schemas["LogServiceInfo"];
export type LogSource = Schemas["LogSourceInfo"];
export type AuditLine = Schemas["AuditLine"];
export type Token = Schemas["TokenInfo"];
export type Finding = Schemas["FindingList"]["items"][number];
export type Me = Schemas["Me"];
export type Role = "viewer" | "operator" | "admin" | "reporter" | "scraper";

/** What a job holds of one GPU. */
export type HeldGpu = Schemas["HeldGpu"];

/** Of a training; the other kinds of job have some of these alone. */
export type JobDetails = Partial<
  Schemas["TrainingJobDetails"] & Schemas["GenerationJobDetails"] & Schemas["ItemJobDetails"]
> & { gpu_utilization?: number; vram_usage_mb?: number };
