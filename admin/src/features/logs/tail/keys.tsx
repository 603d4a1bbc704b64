import { Keyboard } from "lucide-react";
import { Popover } from "@/ui/popover";

const KEYS = [
  ["/", "find in these lines"],
  ["n, N", "the next place, the one before"],
  ["End", "to the end, and follow"],
  ["Home", "to the first line"],
  ["j, k", "walk and select line by line (Shift: more lines)"],
  ["Enter", "fold or unfold the selected record"],
  ["Esc", "nothing selected"],
] as const;

/** The keys of the list of lines. */
export function Keys() {
  return (
    <Popover
      name="Keys of the list"
      kind="quiet"
      label="Keys of the list"
      triggerClassName="px-2"
      trigger={<Keyboard aria-hidden="true" size={16} />}
    >
      <dl className="grid grid-cols-[5rem_1fr] gap-1 p-2 text-sm">
        {KEYS.map(([key, does]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="font-mono text-xs">{key}</kbd>
            </dt>
            <dd className="text-soft">{does}</dd>
          </div>
        ))}
      </dl>
    </Popover>
  );
}
