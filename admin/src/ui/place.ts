const EDGE = 8;
const GAP = 6;

interface Room {
  width: number;
  height: number;
}

type Box = Pick<DOMRect, "left" | "right" | "top" | "bottom">;

/** Where a panel of at most `width` pixels goes beside its button: below it or above, wherever is more room. */
export function placed(button: Box, width: number, room: Room): Record<string, string> {
  const wide = Math.min(width, room.width - 2 * EDGE);
  // along the button's nearer edge, and never out of sight
  const wished = (button.left + button.right) / 2 > room.width / 2 ? button.right - wide : button.left;
  const left = Math.max(EDGE, Math.min(wished, room.width - EDGE - wide));
  const below = room.height - button.bottom;
  const vertical: Record<string, string> =
    below >= button.top
      ? { top: `${button.bottom + GAP}px`, bottom: "auto", maxHeight: `${below - GAP - EDGE}px` }
      : { bottom: `${room.height - button.top + GAP}px`, top: "auto", maxHeight: `${button.top - GAP - EDGE}px` };
  return { left: `${left}px`, width: `${wide}px`, ...vertical };
}

/** Puts it there. By the CSSOM, which a strict policy allows. */
export function place(panel: HTMLElement, button: Box, width: number): void {
  const { clientWidth, clientHeight } = document.documentElement;
  Object.assign(panel.style, placed(button, width, { width: clientWidth, height: clientHeight }));
}
