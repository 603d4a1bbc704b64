"use client";

import { useDesk } from "@mixdesk/client/react";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { type LogsAddress, NOTHING_ASKED, writeAddress } from "../address";
import { hashOf, snippetOf } from "../text/identity";
import type { Rows } from "./use-rows";
import { type Selection, selectedTexts } from "./use-selection";

const PAGE = "/ui/logs/";

interface SelectionBarProps {
  rows: Rows;
  selection: Selection;
  service: string;
  source: string;
  onClear: () => void;
}

/** The address that leads to a line. */
export function lineAddress(part: Pick<LogsAddress, "service" | "source">, text: string, seen: string): string {
  const address = { ...NOTHING_ASKED, ...part, line: hashOf(text), text: snippetOf(text), seen };
  return `${location.origin}${PAGE}${writeAddress(address)}`;
}

/** What can be done with the lines that are selected. */
export function SelectionBar({ rows, selection, service, source, onClear }: SelectionBarProps) {
  const { clock } = useDesk();
  const texts = selectedTexts(rows, selection);
  const row = rows.at(rows.indexOf(selection.from));
  return (
    <div className="flex flex-wrap items-center gap-2 border-t bg-raised px-3 py-1.5 text-sm">
      <span role="status">{texts.length === 1 ? "1 line selected" : `${texts.length} lines selected`}</span>
      <CopyButton worded label="Copy" text={texts.join("\n")} />
      {row?.kind === "record" && (
        <CopyButton
          worded
          label="Copy link to the line"
          text={lineAddress({ service, source }, row.text, new Date(clock.now()).toISOString())}
        />
      )}
      <Button kind="quiet" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}
