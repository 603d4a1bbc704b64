import { type MouseEvent, memo } from "react";
import { cn } from "@/lib/cn";
import { lookOf } from "../levels";
import { LineText } from "../text/line-text";
import { shapeOf } from "../text/shape";
import type { LogRecord, Row } from "./ring";

export interface RowLook {
  wrap: boolean;
  needle: string;
  unfolded: boolean;
  selected: boolean;
  /** The search stands here. */
  here: boolean;
}

interface RowViewProps extends RowLook {
  row: Row;
  onFold: (no: number) => void;
  onSelect: (no: number, further: boolean) => void;
}

const MARK_TONES = { soft: "text-soft", warn: "text-warn", good: "text-good" };

export const RowView = memo(function RowView({ row, ...rest }: RowViewProps) {
  if (row.kind === "record") return <RecordView record={row} {...rest} />;
  return (
    <div data-mark={row.no} className={cn("flex items-center gap-2 px-2 font-sans", MARK_TONES[row.tone])}>
      <span aria-hidden="true" className="h-px w-4 shrink-0 bg-current opacity-50" />
      <span className={rest.wrap ? "" : "whitespace-nowrap"}>{row.text}</span>
      <span aria-hidden="true" className="h-px min-w-4 grow bg-current opacity-50" />
    </div>
  );
});

function RecordView({
  record,
  wrap,
  needle,
  unfolded,
  selected,
  here,
  onFold,
  onSelect,
}: Omit<RowViewProps, "row"> & { record: LogRecord }) {
  const shape = shapeOf(record.text);
  const look = lookOf(record.level);
  const select = (event: MouseEvent) => onSelect(record.no, event.shiftKey);
  return (
    <div
      className={cn("flex items-start border-l-2", look.edge, selected ? "bg-raised" : "hover:bg-raised/60")}
      data-no={record.no}
    >
      {/* the keyboard walks by arrow keys in the list: these would be thousands of stops */}
      <button
        type="button"
        tabIndex={-1}
        onClick={select}
        title="Select this line; with Shift all up to it"
        className="hidden w-14 shrink-0 pr-2 text-right text-soft select-none hover:text-ink sm:block"
      >
        {record.no}
      </button>
      <span className={cn("w-11 shrink-0 pl-1 select-none sm:pl-0", look.text)}>{look.word}</span>
      <FoldButton kind={shape.kind} lines={shape.lines.length} unfolded={unfolded} onFold={() => onFold(record.no)} />
      <span className={cn("min-w-0 pr-3", wrap ? "wrap-anywhere whitespace-pre-wrap" : "whitespace-pre")}>
        {unfolded && shape.kind !== "line" ? (
          shape.lines.map((line, index) => (
            <span key={index} className="block min-h-5">
              <LineText text={line} needle={needle} here={here} />
            </span>
          ))
        ) : (
          <>
            <LineText text={shape.head} needle={needle} here={here} />
            {shape.tail && (
              <span className="text-soft">
                {"  …  "}
                <LineText text={shape.tail} needle={needle} here={here} />
              </span>
            )}
          </>
        )}
      </span>
    </div>
  );
}

interface FoldButtonProps {
  kind: "line" | "block" | "json" | "long";
  lines: number;
  unfolded: boolean;
  onFold: () => void;
}

function FoldButton({ kind, lines, unfolded, onFold }: FoldButtonProps) {
  if (kind === "line") return null;
  const closed = kind === "block" ? `+${lines - 1}` : kind === "json" ? "{ }" : "…";
  const what = kind === "block" ? `${lines} lines` : kind === "json" ? "JSON" : "the whole line";
  return (
    <button
      type="button"
      aria-expanded={unfolded}
      aria-label={`${unfolded ? "Fold" : "Unfold"} ${what}`}
      title={`${unfolded ? "Fold" : "Unfold"} ${what}`}
      onClick={onFold}
      className="mt-0.5 mr-2 h-4 shrink-0 self-start rounded border bg-card px-1 text-[0.6875rem] leading-3.5 text-soft -outline-offset-1 select-none hover:text-ink"
    >
      {unfolded ? "−" : closed}
    </button>
  );
}
