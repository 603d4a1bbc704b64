import { mebibytes } from "@/lib/format";
import type { Holder } from "./refusal";

/** Who holds the memory that is missing, the largest first. */
export function HoldersTable({ holders }: { holders: readonly Holder[] }) {
  if (holders.length === 0) return null;
  return (
    <table className="w-full text-sm">
      <caption className="mb-1 text-left font-medium">Who holds it</caption>
      <thead className="text-left text-soft">
        <tr>
          <th scope="col" className="py-1 pr-3 font-normal">
            Who
          </th>
          <th scope="col" className="py-1 pr-3 font-normal">
            GPU
          </th>
          <th scope="col" className="py-1 pr-3 text-right font-normal">
            Used
          </th>
          <th scope="col" className="py-1 text-right font-normal">
            Promised
          </th>
        </tr>
      </thead>
      <tbody>
        {holders.map((one) => (
          <tr key={`${one.gpu} ${one.asset} ${one.leaked}`} className="border-t">
            <th scope="row" className="py-1 pr-3 text-left font-medium">
              {one.asset ?? "others, which are no assets"}
              {one.leaked && <span className="font-normal text-warn"> · left behind by an earlier run</span>}
              {one.jobs.length > 0 && <span className="font-normal text-warn"> · a job runs in it</span>}
            </th>
            <td className="py-1 pr-3">{one.gpu}</td>
            <td className="py-1 pr-3 text-right">{mebibytes(one.usedMb)}</td>
            <td className="py-1 text-right">{mebibytes(one.reservedMb)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
