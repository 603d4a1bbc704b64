"use client";

import { type Job, shownStatus } from "@mixdesk/client";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { countBy, type Filters, isFiltered, PERIODS, STATUSES } from "./filters";
import { typeInWords } from "./position";

interface FilterBarProps {
  filters: Filters;
  change: (changes: Partial<Filters>) => void;
  jobs: readonly Job[];
}

const NO_FILTER: Filters = { status: [], type: "", name: "", owner: "", since: "" };

/** What of the jobs is shown. The counts are of all jobs, so that one sees what a choice would show. */
export function FilterBar({ filters, change, jobs }: FilterBarProps) {
  const types = countBy(jobs, (job) => job.job_type);
  const owners = countBy(jobs, (job) => job.owner);
  return (
    <search className="mb-4 flex flex-col gap-3" aria-label="Filter the jobs">
      <StatusChips filters={filters} change={change} counts={countBy(jobs, shownStatus)} />
      <div className="grid grid-cols-2 gap-3 sm:flex sm:flex-wrap sm:items-end">
        <Field label="Name or id">
          <Input type="search" value={filters.name} onChange={(event) => change({ name: event.target.value })} />
        </Field>
        <Choice
          label="Type"
          value={filters.type}
          onChange={(type) => change({ type })}
          options={[["", "all types"], ...withCounts(types, filters.type, typeInWords)]}
        />
        {(owners.size > 0 || filters.owner) && (
          <Choice
            label="Owner"
            value={filters.owner}
            onChange={(owner) => change({ owner })}
            options={[["", "all owners"], ...withCounts(owners, filters.owner)]}
          />
        )}
        <Choice
          label="Made"
          value={filters.since}
          onChange={(since) => change({ since })}
          options={withOwn(PERIODS, filters.since)}
        />
        {isFiltered(filters) && (
          <Button kind="quiet" onClick={() => change(NO_FILTER)}>
            Clear filters
          </Button>
        )}
      </div>
    </search>
  );
}

function StatusChips({ filters, change, counts }: Omit<FilterBarProps, "jobs"> & { counts: Map<string, number> }) {
  const toggle = (status: string) => {
    const on = filters.status.includes(status);
    change({ status: on ? filters.status.filter((one) => one !== status) : [...filters.status, status] });
  };
  const shown = STATUSES.filter((status) => counts.has(status) || filters.status.includes(status));
  if (shown.length === 0) return null;
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">Status</legend>
      {shown.map((status) => (
        <button
          key={status}
          type="button"
          aria-pressed={filters.status.includes(status)}
          onClick={() => toggle(status)}
          className="min-h-8 rounded-full border bg-card px-3 text-sm text-soft hover:border-accent hover:text-ink aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
        >
          {status} <span className="tabular-nums">{counts.get(status) ?? 0}</span>
        </button>
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [value: string, words: string])[];
}

function Choice({ label, value, onChange, options }: ChoiceProps) {
  return (
    <Field label={label}>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function withCounts(
  counts: ReadonlyMap<string, number>,
  chosen: string,
  words: (value: string) => string = (value) => value,
): [string, string][] {
  const known = [...counts].sort(([a], [b]) => a.localeCompare(b));
  if (chosen && !counts.has(chosen)) known.push([chosen, 0]);
  return known.map(([value, count]) => [value, `${words(value)} (${count})`]);
}

/** A time that came with a link is a choice too. */
function withOwn(options: ChoiceProps["options"], chosen: string): ChoiceProps["options"] {
  return options.some(([value]) => value === chosen) ? options : [...options, [chosen, `since ${chosen}`]];
}
