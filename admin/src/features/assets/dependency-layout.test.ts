import { expect, test } from "vitest";
import { anAsset } from "./an-asset";
import { drawn, NODE } from "./dependency-layout";

test("each one stands right of what it needs, inside the drawing, and every need is a line", () => {
  const all = [
    anAsset("hubert"),
    anAsset("rmvpe"),
    anAsset("rvc", { dependencies: ["hubert", "rmvpe", "gone"] }),
    anAsset("alone"),
  ];
  const { nodes, lines, width, height } = drawn(all);
  const at = (id: string) => nodes.find((node) => node.id === id);
  expect(nodes.map(({ id }) => id)).toEqual(["hubert", "rmvpe", "rvc"]);
  expect(at("rvc")?.x).toBeGreaterThan((at("hubert")?.x ?? 0) + NODE.width);
  expect(lines.map(({ from, to }) => [from, to])).toEqual([
    ["hubert", "rvc"],
    ["rmvpe", "rvc"],
  ]);
  for (const { x, y } of nodes) {
    expect(x + NODE.width).toBeLessThan(width);
    expect(y + NODE.height).toBeLessThan(height);
  }
});

test("nothing to draw is drawn as nothing", () => {
  expect(drawn([anAsset("a")])).toMatchObject({ nodes: [], lines: [] });
});
