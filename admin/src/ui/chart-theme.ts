import type { ChartColour } from "./chart-data";

/** Colours as the canvas takes them: it knows no CSS variables. */
export interface ChartColours {
  lines: Record<ChartColour, string>;
  text: string;
  grid: string;
}

/** The colours of the theme that is shown, resolved by the browser itself. */
export function resolveColours(): ChartColours {
  const probe = document.createElement("span");
  document.body.append(probe);
  const resolved = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours: ChartColours = {
    lines: {
      accent: resolved("accent"),
      good: resolved("good"),
      warn: resolved("warn"),
      bad: resolved("bad"),
      soft: resolved("soft"),
    },
    text: resolved("soft"),
    grid: resolved("line"),
  };
  probe.remove();
  return colours;
}
