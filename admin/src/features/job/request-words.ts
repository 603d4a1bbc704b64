import type { Operation } from "@mixdesk/client";
import { savedFile } from "@/features/operations/outcome";

const ASKED: Readonly<Record<string, string>> = {
  checkpoint: "save a checkpoint",
  "checkpoint cancel": "save a checkpoint and cancel",
  pause: "pause it",
  resume: "let it go on",
  cancel: "cancel it without saving",
};
const DONE: Readonly<Record<string, string>> = {
  checkpoint: "saved",
  pause: "paused",
  resume: "running",
  cancel: "canceled",
};

/** `save a checkpoint and cancel`: what somebody asked for. */
export function askedFor(operation: Operation): string {
  const then = operation.params.then === "cancel" ? " cancel" : "";
  return ASKED[operation.action + then] ?? operation.action;
}

/** How far it is, as a word that the page shows with its sign: requested, saving, saved, failed ... */
export function stageOf(operation: Operation): string {
  switch (operation.state) {
    case "pending":
      return "requested";
    case "running":
      return workingOn(operation);
    case "succeeded":
      return DONE[operation.action] ?? "done";
    case "canceled":
      return "taken back";
    default:
      return operation.state;
  }
}

function workingOn(operation: Operation): string {
  if (operation.action !== "checkpoint") return "taken up";
  return operation.steps.some(({ step }) => step === "saved") ? "saved" : "saving";
}

/** What is to be said beside the stage; null where the word says it all. */
export function remarkOn(operation: Operation): string | null {
  if (operation.error) return operation.error;
  if (operation.state === "superseded") return "a newer request took its place";
  if (operation.state === "moot") return "the job ended, or was canceled, before it";
  if (stageOf(operation) === "saved" && operation.state === "running") return "saved, the run is leaving";
  if (operation.state === "pending") return "the trainer obeys at its next step boundary";
  return null;
}

/** The file's name without its folders; null where there is none. */
export function fileOf(operation: Operation): string | null {
  const path = savedFile(operation);
  return path === null ? null : baseName(path);
}

export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}
