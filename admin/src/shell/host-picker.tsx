"use client";

import { Field, Select } from "@/ui/field";
import { useHost } from "./host";

/** Which host the figures are of; not there where the desk knows one alone. */
export function HostPicker() {
  const { host, hosts, choose } = useHost();
  if (hosts.length < 2) return null;
  return (
    <Field label="Host" labelHidden className="mr-3 max-w-44">
      <Select value={host ?? hosts[0]} onChange={(event) => choose(event.target.value)} className="bg-card">
        {hosts.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
    </Field>
  );
}
