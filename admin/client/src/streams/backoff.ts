/** The pauses between attempts: each twice the one before, with jitter, so that a thousand pages do not come at once. */
export class Backoff {
  #tries = 0;

  constructor(
    private readonly least = 250,
    private readonly most = 10_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const whole = Math.min(this.most, this.least * 2 ** this.#tries);
    if (whole < this.most) this.#tries += 1;
    return whole * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.#tries = 0;
  }
}
