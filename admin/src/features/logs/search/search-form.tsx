"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/ui/button";
import { Checkbox, Field, Input, Select } from "@/ui/field";
import { type LogsAddress, MOST_HITS } from "../address";
import { ASKED_LEVELS, isLevel } from "../levels";

export type Asked = Pick<LogsAddress, "q" | "regex" | "level" | "since" | "until" | "service" | "source" | "limit">;

interface SearchFormProps {
  asked: Asked;
  services: readonly string[];
  running: boolean;
  onAsk: (asked: Asked) => void;
  onStop: () => void;
}

const SINCE = [
  ["15m", "the last 15 min"],
  ["1h", "the last hour"],
  ["6h", "the last 6 hours"],
  ["24h", "the last day"],
  ["7d", "the last 7 days"],
  ["", "ever"],
] as const;

const LIMITS = [100, 1000, MOST_HITS] as const;

/** What is searched for, in which logs, since when. */
export function SearchForm({ asked, services, running, onAsk, onStop }: SearchFormProps) {
  const [pattern, setPattern] = useState(asked.regex !== "");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = String(form.get("text") ?? "");
    const level = form.get("level");
    onAsk({
      q: pattern ? "" : text,
      regex: pattern ? text : "",
      level: isLevel(level) ? level : null,
      since: String(form.get("since") ?? ""),
      until: moment(String(form.get("until") ?? "")),
      service: String(form.get("service") ?? "") || null,
      source: null,
      limit: Number(form.get("limit")),
    });
  };
  return (
    <search aria-label="Search in all logs">
      <form onSubmit={submit} className="rounded-xl border bg-card p-4">
        <div className="flex flex-wrap items-end gap-3">
          <Field label={pattern ? "Lines that match (RE2)" : "Lines with"} className="min-w-48 flex-1">
            <Input key={asked.regex || asked.q} name="text" type="search" defaultValue={asked.regex || asked.q} />
          </Field>
          <Checkbox checked={pattern} onChange={(event) => setPattern(event.target.checked)}>
            regular expression
          </Checkbox>
          {running ? (
            <Button onClick={onStop}>Stop</Button>
          ) : (
            <Button type="submit" kind="main">
              Search
            </Button>
          )}
        </div>
        <div className="mt-3 flex flex-wrap gap-3">
          <Field label="Since">
            <Select name="since" defaultValue={asked.since}>
              {SINCE.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
              {!SINCE.some(([value]) => value === asked.since) && <option value={asked.since}>{asked.since}</option>}
            </Select>
          </Field>
          <Field label="Until">
            <Input name="until" type="datetime-local" step={1} defaultValue={local(asked.until)} />
          </Field>
          <Field label="Service">
            <Select key={services.join()} name="service" defaultValue={asked.service ?? ""}>
              <option value="">all services</option>
              {services.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          </Field>
          <Field label="Level">
            <Select name="level" defaultValue={asked.level ?? ""}>
              <option value="">every level</option>
              {ASKED_LEVELS.map((level) => (
                <option key={level} value={level}>
                  {level} and worse
                </option>
              ))}
            </Select>
          </Field>
          <Field label="At most">
            <Select name="limit" defaultValue={asked.limit}>
              {LIMITS.map((limit) => (
                <option key={limit} value={limit}>
                  {limit.toLocaleString("en")}
                </option>
              ))}
            </Select>
          </Field>
        </div>
      </form>
    </search>
  );
}

/** The field has no zone and means this browser's. */
function moment(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString();
}

function local(moment: string): string {
  const time = new Date(moment);
  if (Number.isNaN(time.getTime())) return "";
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}
