import type { LogEntry, LogMark, LogRecord } from "@mixdesk/client";
import { type MouseEvent, memo } from "react";
import { cn } from "@/lib/cn";
import { lookOf } from "../levels";
import { LineText } from "../text/line-text";
import { mayFold, type Shape, shapeOf } from "../text/shape";
import { markWords } from "./words";

export interface RowLook {
  wrap: boolean;
  needle: string;
  unfolded: boolean;
  selected: boolean;
  /** The search stands here. */
  here: boolean;
}

interface RowViewProps extends RowLook {
  row: LogEntry;
  onFold: (n: number) => void;
  onSelect: (n: number, further: boolean) => void;
}

const MARK_TONES = { soft: "text-soft", warn: "text-warn" };

export const RowView = memo(function RowView({ row, ...rest }: RowViewProps) {
  if (row.kind === "record") return <RecordView record={row} {...rest} />;
  return <MarkView mark={row} wrap={rest.wrap} />;
});

function MarkView({ mark, wrap }: { mark: LogMark; wrap: boolean }) {
  const { text, tone } = markWords(mark);
  return (
    <div data-mark={mark.n} className={cn("flex items-center gap-2 px-2 font-sans", MARK_TONES[tone])}>
      <span aria-hidden="true" className="h-px w-4 shrink-0 bg-current opacity-50" />
      <span className={wrap ? "" : "whitespace-nowrap"}>{text}</span>
      <span aria-hidden="true" className="h-px min-w-4 grow bg-current opacity-50" />
    </div>
  );
}

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
  const select = (event: MouseEvent) => onSelect(record.n, event.shiftKey);
  return (
    <div
      className={cn(
        "flex items-start border-l-2",
        mayFold(record.text) && "py-0.5",
        look.edge,
        selected ? "bg-raised" : "hover:bg-raised/60",
      )}
      data-no={record.n}
    >
      {/* the keyboard walks by arrow keys in the list: these would be thousands of stops */}
      <button
        type="button"
        tabIndex={-1}
        onClick={select}
        title="Select this line; with Shift all up to it"
        className="hidden w-14 shrink-0 pr-2 text-right text-soft select-none hover:text-ink sm:block"
      >
        {record.n}
      </button>
      <span className={cn("w-11 shrink-0 pl-1 select-none sm:pl-0", look.text)}>{look.word}</span>
      <FoldButton kind={shape.kind} lines={shape.lines.length} unfolded={unfolded} onFold={() => onFold(record.n)} />
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

const SIGNS: Readonly<Record<Shape["kind"], (lines: number) => string>> = {
  line: () => "",
  block: (lines) => `+${lines - 1}`,
  json: () => "{ }",
  long: () => "…",
};

interface FoldButtonProps {
  kind: Shape["kind"];
  lines: number;
  unfolded: boolean;
  onFold: () => void;
}

function FoldButton({ kind, lines, unfolded, onFold }: FoldButtonProps) {
  if (kind === "line") return null;
  const sign = unfolded ? "−" : SIGNS[kind](lines);
  const what = kind === "block" ? `${lines} lines` : kind === "json" ? "JSON" : "the whole line";
  const does = `${unfolded ? "Fold" : "Unfold"} ${what}`;
  return (
    <button
      type="button"
      aria-expanded={unfolded}
      // who speaks to the machine says what is seen on it
      aria-label={`${sign} ${does}`}
      title={does}
      onClick={onFold}
      className="group -my-0.5 mr-2 flex h-6 min-w-6 shrink-0 items-center justify-center rounded -outline-offset-1 select-none"
    >
      <span className="h-4 rounded border bg-card px-1 text-[0.6875rem] leading-3.5 text-soft group-hover:text-ink">
        {sign}
      </span>
    </button>
  );
}
