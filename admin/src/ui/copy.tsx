"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

const SAID_MS = 2000;

/** Puts a text on the clipboard; works over plain http too, where browsers have no clipboard for pages. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "sr-only";
  // within an open dialog, since nothing outside of it can be selected
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

interface CopyButtonProps {
  text: string;
  /** What is copied, for screen readers: `Copy the path`. */
  label: string;
  /** The label is shown too. */
  worded?: boolean;
  className?: string;
}

export function CopyButton({ text, label, worded = false, className }: CopyButtonProps) {
  const [said, setSaid] = useState<"" | "Copied" | "Not copied: select it by hand">("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(text)) ? "Copied" : "Not copied: select it by hand");
  return (
    <Button
      kind={worded ? "plain" : "quiet"}
      onClick={copy}
      className={className}
      title={label}
      aria-label={worded ? undefined : label}
    >
      {said === "Copied" ? <Check aria-hidden="true" size={16} /> : <Copy aria-hidden="true" size={16} />}
      {worded && label}
      <span role="status" className={said.startsWith("Not") ? "" : "sr-only"}>
        {said}
      </span>
    </Button>
  );
}
