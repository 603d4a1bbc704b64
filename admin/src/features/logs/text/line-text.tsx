import { memo } from "react";
import { cn } from "@/lib/cn";
import { styled } from "./ansi";
import { pieces, spansOf } from "./pieces";
import "./ansi.css";

interface LineTextProps {
  text: string;
  /** Highlighted in it. */
  needle: string;
  /** This is the one that the search stands at. */
  here?: boolean;
}

/** One line with its colours and with what was found in it: text alone, whatever is written in it. */
export const LineText = memo(function LineText({ text, needle, here = false }: LineTextProps) {
  const { plain, runs } = styled(text);
  const parts = pieces(plain, runs, spansOf(plain, needle));
  return parts.map((part, index) => {
    if (part.found) {
      return (
        <mark key={index} className={cn("log-hit", here && "log-hit-here")}>
          {part.text}
        </mark>
      );
    }
    return part.look === "" ? (
      part.text
    ) : (
      <span key={index} className={part.look}>
        {part.text}
      </span>
    );
  });
});
