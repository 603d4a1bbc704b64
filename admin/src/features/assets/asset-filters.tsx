"use client";

import { Field, Input, Select } from "@/ui/field";
import { SORTS, type Sort, type Wanted } from "./shown";

const STATUSES = ["running", "loading", "stopped", "error", "drift"] as const;
const TYPES = ["model", "service", "component"] as const;
const SORT_WORDS: Record<Sort, string> = {
  registry: "as the registry",
  name: "by name",
  status: "trouble first",
  vram: "most GPU memory",
  ram: "most RAM",
  cpu: "most CPU",
};

interface AssetFiltersProps {
  wanted: Wanted;
  onChange: (change: Record<string, string | null>) => void;
}

/** Which assets, and in which order. */
export function AssetFilters({ wanted, onChange }: AssetFiltersProps) {
  return (
    <form className="flex flex-wrap gap-2" onSubmit={(event) => event.preventDefault()}>
      <Field label="Look for" labelHidden className="w-44 grow sm:grow-0">
        <Input
          type="search"
          placeholder="name or container"
          value={wanted.q}
          onChange={(event) => onChange({ q: event.target.value })}
        />
      </Field>
      <Field label="Status" labelHidden>
        <Select value={wanted.status} onChange={(event) => onChange({ status: event.target.value })}>
          <option value="">any status</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </Select>
      </Field>
      <Field label="Type" labelHidden>
        <Select value={wanted.type} onChange={(event) => onChange({ type: event.target.value })}>
          <option value="">any type</option>
          {TYPES.map((type) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      </Field>
      <Field label="Order" labelHidden>
        <Select
          value={wanted.sort}
          onChange={(event) => onChange({ sort: event.target.value === "registry" ? null : event.target.value })}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_WORDS[sort]}
            </option>
          ))}
        </Select>
      </Field>
    </form>
  );
}
