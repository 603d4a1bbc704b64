"use client";

import { useEffect, useState } from "react";
import { CHIP, FIELD } from "../controls";
import { ASKED_LEVELS, type Level, lookOf } from "../levels";
import { useTyped } from "../use-typed";

export interface Filter {
  q: string;
  regex: string;
  level: Level | null;
}

interface FilterBarProps extends Filter {
  onChange: (filter: Partial<Filter>) => void;
}

const TYPED_MS = 400;

/** What the desk leaves out: lines without a text or a pattern, and lines of lower levels. */
export function FilterBar({ q, regex, level, onChange }: FilterBarProps) {
  const [pattern, setPattern] = useState(regex !== "");
  useEffect(() => {
    if (regex !== "" || q !== "") setPattern(regex !== "");
  }, [regex, q]);
  const ask = (text: string, asPattern: boolean) =>
    onChange(asPattern ? { q: "", regex: text } : { q: text, regex: "" });
  const [typed, setTyped] = useTyped(regex || q, (text) => ask(text, pattern), TYPED_MS);
  const turn = () => {
    setPattern(!pattern);
    if (typed !== "") ask(typed, !pattern);
  };
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <search aria-label="Filter" className="flex w-full min-w-0 items-center gap-1 sm:w-auto">
        <input
          type="text"
          aria-label={pattern ? "Only lines that match a pattern (RE2)" : "Only lines that contain a text"}
          placeholder={pattern ? "Only lines that match" : "Only lines with"}
          value={typed}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
          className={`${FIELD} w-full sm:w-64`}
        />
        <button
          type="button"
          aria-pressed={pattern}
          aria-label="Regular expression (RE2)"
          title="Regular expression (RE2)"
          onClick={turn}
          className={`${CHIP} font-mono`}
        >
          .*
        </button>
      </search>
      <fieldset className="flex min-w-0 flex-wrap gap-1">
        <legend className="sr-only">Levels: the one chosen and worse</legend>
        <LevelChip name="all" chosen={level === null} onChoose={() => onChange({ level: null })} />
        {ASKED_LEVELS.map((one) => (
          <LevelChip
            key={one}
            name={one}
            level={one}
            chosen={level === one}
            onChoose={() => onChange({ level: one })}
          />
        ))}
      </fieldset>
    </div>
  );
}

interface LevelChipProps {
  name: string;
  level?: Level;
  chosen: boolean;
  onChoose: () => void;
}

function LevelChip({ name, level = "trace", chosen, onChoose }: LevelChipProps) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      title={name === "all" ? "All lines" : `${name} and worse`}
      className={`${CHIP} px-2 text-xs sm:px-2.5`}
    >
      <span className={name === "all" ? "" : lookOf(level).text}>{name}</span>
    </button>
  );
}
