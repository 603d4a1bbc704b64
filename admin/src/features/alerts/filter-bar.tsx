import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { type AlertFilters, COMPONENTS, isFiltered, NO_FILTERS, SEVERITIES } from "./alert-filters";

interface FilterBarProps {
  filters: AlertFilters;
  change: (changes: Partial<AlertFilters>) => void;
}

/** What to look at; all of it stands in the address. */
export function AlertFilterBar({ filters, change }: FilterBarProps) {
  return (
    <search
      aria-label="Alerts"
      className="mb-4 grid grid-cols-2 items-end gap-3 sm:grid-cols-[repeat(4,minmax(0,11rem))_auto]"
    >
      <Field label="State">
        <Select value={filters.state} onChange={(event) => change({ state: event.target.value })}>
          <option value="">not over</option>
          <option value="firing">firing</option>
          <option value="stale">stale</option>
          <option value="resolved">resolved</option>
          <option value="all">all, resolved too</option>
        </Select>
      </Field>
      <Field label="Severity">
        <Choice value={filters.severity} of={SEVERITIES} onChange={(severity) => change({ severity })} />
      </Field>
      <Field label="About">
        <Choice value={filters.component} of={COMPONENTS} onChange={(component) => change({ component })} />
      </Field>
      <Field label="Name">
        <Input
          type="search"
          value={filters.name}
          placeholder="JobLost"
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      {isFiltered(filters) && (
        <Button className="justify-self-start" onClick={() => change(NO_FILTERS)}>
          Show all
        </Button>
      )}
    </search>
  );
}

interface ChoiceProps {
  value: string;
  of: readonly string[];
  onChange: (value: string) => void;
}

/** One of a few words, or one of somebody's own that came with the address. */
function Choice({ value, of, onChange }: ChoiceProps) {
  const known = value === "" || of.includes(value) ? of : [...of, value];
  return (
    <Select value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">any</option>
      {known.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </Select>
  );
}
