import type { Plan } from "@mixdesk/client";
import { mebibytes } from "@/lib/format";

const DOES: Record<Plan["steps"][number]["does"], readonly [sign: string, word: string, colour: string]> = {
  start: ["▶", "start", "text-accent"],
  stop: ["■", "stop", "text-warn"],
  nothing: ["·", "leave as it is", "text-soft"],
};

/** The steps of a plan in their order, each with its reason. */
export function PlanSteps({ plan }: { plan: Plan }) {
  return (
    <ol aria-label="What will be done" className="divide-y rounded-lg border text-sm">
      {plan.steps.map(({ asset, does, why }) => {
        const [sign, word, colour] = DOES[does];
        return (
          <li key={`${does} ${asset}`} className="flex flex-wrap items-baseline gap-x-2 px-3 py-1.5">
            <span className={`font-medium whitespace-nowrap ${colour}`}>
              <span aria-hidden="true">{sign} </span>
              {word}
            </span>
            <span className="font-medium">{asset}</span>
            <span className="text-soft">{why}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** MiB of what is free that is promised to others, as the desk has counted: known where something is missing. */
function promisedOf(card: Plan["memory"][number]): number | null {
  return card.fits ? null : card.missing_mb - card.needed_mb + card.free_mb - card.headroom_mb;
}

/** The memory of each GPU that a start needs: what is there, and what is missing. */
export function PlanMemory({ plan }: { plan: Plan }) {
  if (plan.memory.length === 0) return null;
  const promised = plan.memory.some((card) => promisedOf(card));
  return (
    <table className="w-full text-sm">
      <caption className="mb-1 text-left font-medium">GPU memory</caption>
      <thead className="text-left text-soft">
        <tr>
          <th scope="col" className="py-1 pr-3 font-normal">
            GPU
          </th>
          <th scope="col" className="py-1 pr-3 text-right font-normal">
            Needed
          </th>
          <th scope="col" className="py-1 pr-3 text-right font-normal">
            Free
          </th>
          {promised && (
            <th scope="col" className="py-1 pr-3 text-right font-normal">
              Promised
            </th>
          )}
          <th scope="col" className="py-1 pr-3 text-right font-normal">
            Kept
          </th>
          <th scope="col" className="py-1 font-normal">
            Fits
          </th>
        </tr>
      </thead>
      <tbody>
        {plan.memory.map((card) => (
          <tr key={card.uuid} className="border-t">
            <th scope="row" className="py-1 pr-3 text-left font-medium" title={card.uuid}>
              {card.gpu}
            </th>
            <td className="py-1 pr-3 text-right">{mebibytes(card.needed_mb)}</td>
            <td className="py-1 pr-3 text-right">{mebibytes(card.free_mb)}</td>
            {promised && (
              <td className="py-1 pr-3 text-right" title="what assets that run may still take of what is free">
                {mebibytes(promisedOf(card))}
              </td>
            )}
            <td className="py-1 pr-3 text-right" title="headroom, which is never promised to anybody">
              {mebibytes(card.headroom_mb)}
            </td>
            <td className={`py-1 font-medium ${card.fits ? "text-good" : "text-bad"}`}>
              {card.fits ? "✔ fits" : `✘ ${mebibytes(card.missing_mb)} missing`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
