"use client";

import type { AuditLine } from "@mixdesk/client";
import { type FormEvent, useId } from "react";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { FILTERS, type Filters, OUTCOMES, seen } from "./lines";

const TEXTS = [
  ["actor", "Who", "anna"],
  ["action", "What", "asset.start"],
  ["target", "Of", "rvc"],
] as const;

interface AuditFiltersProps {
  filters: Filters;
  /** What is shown: its values are offered. */
  lines: readonly AuditLine[];
  onChange: (change: Record<string, string | null>) => void;
}

/** Which lines: whole values, as the desk compares them. */
export function AuditFilters({ filters, lines, onChange }: AuditFiltersProps) {
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onChange(Object.fromEntries(FILTERS.map((name) => [name, String(form.get(name) ?? "").trim()])));
  };
  return (
    // keyed by what is set, so that a filter that was cleared elsewhere is cleared here too
    <form key={Object.values(filters).join("\n")} onSubmit={submit} className="flex flex-wrap items-end gap-2">
      {TEXTS.map(([name, label, example]) => (
        <Field key={name} label={label} className="w-40 grow sm:grow-0">
          <Input name={name} defaultValue={filters[name]} placeholder={example} list={`${id}-${name}`} />
          <datalist id={`${id}-${name}`}>
            {seen(lines, name).map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </Field>
      ))}
      <Field label="How it ended">
        <Select name="outcome" defaultValue={filters.outcome} onChange={(event) => event.target.form?.requestSubmit()}>
          <option value="">any way</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome}>{outcome}</option>
          ))}
        </Select>
      </Field>
      <Button type="submit">Show</Button>
      {Object.values(filters).some(Boolean) && (
        <Button kind="quiet" onClick={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
          Clear
        </Button>
      )}
    </form>
  );
}
