import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** Names and what they stand for, as a list: `<Facts of={[["Host", host], ["Since", <When at={at} />]]} />`. */
export function Facts({
  of,
  className,
}: {
  of: readonly (readonly [name: string, value: ReactNode])[];
  className?: string;
}) {
  return (
    <dl className={cn("grid grid-cols-[minmax(6rem,max-content)_1fr] gap-x-4 gap-y-1.5 text-sm", className)}>
      {of.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
