import type { Asset } from "@mixdesk/client";
import { layers } from "./graph";

export const NODE = { width: 168, height: 48 } as const;
const GAP = { across: 72, down: 16 } as const;
const MARGIN = 8;

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

/** The dependency graph with places, in pixels: what needs nothing at the left, arrows from the needed to who needs it. */
export interface Drawing {
  readonly nodes: readonly Placed[];
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

export function drawn(assets: readonly Pick<Asset, "id" | "dependencies">[]): Drawing {
  const { layers: columns } = layers(assets);
  const tallest = Math.max(0, ...columns.map((column) => column.length));
  const nodes = columns.flatMap((column, across) =>
    column.map((id, down) => ({
      id,
      x: MARGIN + across * (NODE.width + GAP.across),
      // shorter columns stand in the middle
      y: MARGIN + (down + (tallest - column.length) / 2) * (NODE.height + GAP.down),
    })),
  );
  const places = new Map(nodes.map((node) => [node.id, node]));
  const lines = assets.flatMap(({ id, dependencies }) =>
    dependencies.flatMap((needed) => {
      const from = places.get(needed);
      const to = places.get(id);
      return from && to ? [{ from: needed, to: id, path: curve(from, to) }] : [];
    }),
  );
  return {
    nodes,
    lines,
    width: 2 * MARGIN + columns.length * NODE.width + Math.max(0, columns.length - 1) * GAP.across,
    height: 2 * MARGIN + tallest * NODE.height + Math.max(0, tallest - 1) * GAP.down,
  };
}

function curve(from: Placed, to: Placed): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = Math.max(GAP.across / 2, Math.abs(x2 - x1) / 2);
  return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
}
