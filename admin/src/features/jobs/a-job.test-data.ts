import type { Job, Phase } from "@mixdesk/client";

const DETAILS: Job["details"] = {
  exp_name: "anton",
  phase: "training",
  current_epoch: 3,
  total_epochs: 20,
  current_step: 14,
  total_steps: 50,
  checkpoint_status: "idle",
  checkpoint_error: null,
  last_checkpoint_at: null,
  last_checkpoint_path: null,
  items_done: 0,
  items_total: null,
  bytes_done: 0,
  bytes_total: null,
  output_artifacts: [],
};

/** A running training, with what a test changes of it. */
export function aJob(change: Partial<Job> = {}): Job {
  return {
    job_id: "0198f3c2",
    job_type: "training_rvc",
    status: "running",
    progress_percent: 20,
    current_step: { key: "training", label: "Training", step_index: 3, step_count: 6, step_progress_percent: 20 },
    details: DETAILS,
    log_stream: null,
    created_at: "2026-11-24T11:00:00Z",
    started_at: "2026-11-24T11:00:00Z",
    completed_at: null,
    error: null,
    name: "anton",
    version: "0.5",
    owner: null,
    host: "box1",
    pid: 4711,
    attempt: 1,
    parent_id: null,
    trace_id: null,
    eta_seconds: null,
    eta_low_seconds: null,
    eta_high_seconds: null,
    steps_per_second: null,
    metrics: {},
    phases: [],
    last_report_at: "2026-11-24T12:00:00Z",
    lost: false,
    resuming: false,
    desired: { generation: 0, run: { state: "running", generation: 0 }, checkpoint: null },
    checkpoints: [],
    revision: 1,
    ...change,
  };
}

export function aPhase(key: string, weight: number, change: Partial<Phase> = {}): Phase {
  return {
    key,
    label: key,
    weight,
    state: "pending",
    progress_percent: null,
    done: 0,
    total: null,
    unit: "items",
    started_at: null,
    ended_at: null,
    ...change,
  };
}
