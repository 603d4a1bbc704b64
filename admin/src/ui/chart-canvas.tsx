"use client";

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useThemeName } from "@/shell/theme";
import "./chart.css";
import { aligned, type ChartSeries, type ChartUnit } from "./chart-data";
import { optionsOf } from "./chart-options";
import { resolveColours } from "./chart-theme";

interface CanvasProps {
  times: readonly number[];
  series: readonly ChartSeries[];
  unit: ChartUnit;
  span: number | undefined;
  gap: number;
  onHover: (time: number | null) => void;
}

/** The drawn part of a chart. Made once for a theme and a set of lines; new readings are drawn into it. */
export default function ChartCanvas({ times, series, unit, span, gap, onHover }: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const seen = useRef(true);
  const theme = useThemeName();
  const draw = useRef(() => {});
  draw.current = () => {
    // nobody looks at a tab in the background or a chart that is scrolled away
    if (!document.hidden && seen.current) plot.current?.setData(aligned(times, series, gap));
  };
  const look = useRef({ series, onHover });
  look.current = { series, onHover };
  const lines = series.map(({ name, colour }) => `${name} ${colour ?? ""}`).join("\n");

  // biome-ignore lint/correctness/useExhaustiveDependencies: a theme or other lines mean other colours, read from outside
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { series } = look.current;
    const hovered = (time: number | null) => look.current.onHover(time);
    const options = { unit, series, colours: resolveColours(), span, onHover: hovered };
    const made = new uPlot(optionsOf(options, element.clientWidth, element.clientHeight), undefined, element);
    plot.current = made;
    draw.current();
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [theme, lines, unit, span]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const sized = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width > 0 && height > 0) plot.current?.setSize({ width, height });
    });
    const watched = new IntersectionObserver((entries) => {
      seen.current = entries.at(-1)?.isIntersecting ?? true;
      draw.current();
    });
    const shown = () => draw.current();
    sized.observe(element);
    watched.observe(element);
    document.addEventListener("visibilitychange", shown);
    return () => {
      sized.disconnect();
      watched.disconnect();
      document.removeEventListener("visibilitychange", shown);
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `draw` reads the newest of these by itself
  useEffect(() => draw.current(), [times, series, gap]);

  return <div ref={box} className="h-full w-full min-w-0 overflow-hidden" />;
}
