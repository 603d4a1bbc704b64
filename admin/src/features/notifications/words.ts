import type { Kind, Notice } from "./events";

interface Words {
  /** What it is called where it is switched on and off. */
  setting: string;
  /** After the name of the job. */
  happened: string;
  sign: string;
  colour: string;
}

export const WORDS: Record<Kind, Words> = {
  succeeded: { setting: "A job succeeds", happened: "succeeded", sign: "✔", colour: "text-good" },
  failed: { setting: "A job fails", happened: "failed", sign: "✘", colour: "text-bad" },
  canceled: { setting: "A job is canceled", happened: "was canceled", sign: "■", colour: "text-warn" },
  lost: { setting: "A job is lost", happened: "is lost: it reports no more", sign: "?", colour: "text-bad" },
  saved: { setting: "A requested checkpoint is saved", happened: "saved a checkpoint", sign: "✔", colour: "text-good" },
  autosaved: {
    setting: "Any other checkpoint is saved",
    happened: "saved a checkpoint by itself",
    sign: "✔",
    colour: "text-soft",
  },
  save_failed: {
    setting: "A checkpoint cannot be saved",
    happened: "could not save a checkpoint",
    sign: "✘",
    colour: "text-bad",
  },
};

/** `anton saved a checkpoint`. */
export function headline(notice: Notice): string {
  return `${notice.name} ${WORDS[notice.kind].happened}`;
}
