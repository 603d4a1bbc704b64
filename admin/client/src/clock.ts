/** The desk's clock as a page sees it: ages are right although the browser's own clock is wrong. */
export class DeskClock {
  #offset = 0;
  #uncertainty = Number.POSITIVE_INFINITY;

  constructor(private readonly browser: () => number = Date.now) {}

  /** Milliseconds since the epoch, by the desk. */
  now(): number {
    return this.browser() + this.#offset;
  }

  /** How far the desk is ahead of the browser, in milliseconds. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes the desk's time from an answer that was asked at `asked` and came at `came`, both by the browser. */
  heard(deskTime: string, asked: number, came: number): void {
    const half = (came - asked) / 2;
    const offset = Date.parse(deskTime) - (asked + half);
    if (Number.isNaN(offset)) return;
    // the fastest answer is the most exact one, until the browser's clock is set anew
    if (half <= this.#uncertainty || Math.abs(offset - this.#offset) > half + this.#uncertainty) {
      this.#offset = offset;
      this.#uncertainty = half;
    }
  }
}
