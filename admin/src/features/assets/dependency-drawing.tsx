import type { Asset } from "@mixdesk/client";
import { drawn, NODE, type Placed } from "./dependency-layout";

const SIGNS: Record<Asset["status"], readonly [sign: string, colour: string]> = {
  running: ["▶", "fill-accent"],
  loading: ["◔", "fill-accent"],
  stopped: ["■", "fill-soft"],
  error: ["✘", "fill-bad"],
};
const LONGEST_NAME = 20;

/** The dependency graph, left to right. The list beside it says the same. */
export function DependencyDrawing({ assets }: { assets: readonly Asset[] }) {
  const { nodes, lines, width, height } = drawn(assets);
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  return (
    <section
      aria-label="Drawing of who needs whom"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
      tabIndex={0}
      className="overflow-x-auto rounded-xl border bg-card p-2"
    >
      <svg role="img" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <title>Each asset with lines to those that need it; the list below says the same in words</title>
        <defs>
          <marker id="needs" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
            <path d="M 0 0 L 8 4 L 0 8 z" className="fill-soft" />
          </marker>
        </defs>
        {lines.map(({ from, to, path }) => (
          <path
            key={`${from} ${to}`}
            d={path}
            className={`fill-none ${byId.get(from)?.status === "running" ? "stroke-accent" : "stroke-soft"}`}
            strokeWidth="1.5"
            markerEnd="url(#needs)"
          />
        ))}
        {nodes.map((place) => {
          const asset = byId.get(place.id);
          return asset === undefined ? null : <Box key={place.id} place={place} asset={asset} />;
        })}
      </svg>
    </section>
  );
}

function Box({ place, asset }: { place: Placed; asset: Asset }) {
  const [sign, colour] = SIGNS[asset.status];
  return (
    <g transform={`translate(${place.x} ${place.y})`}>
      <title>{`${asset.name}: ${asset.status}`}</title>
      <rect width={NODE.width} height={NODE.height} rx="10" className="fill-raised stroke-line" />
      <text x="14" y="21" className="fill-ink text-sm font-medium">
        {short(asset.name)}
      </text>
      <text x="14" y="38" className={`text-xs ${colour}`}>
        {`${sign} ${asset.status}${asset.drift === null ? "" : `, ${asset.drift}`}`}
      </text>
    </g>
  );
}

function short(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}
