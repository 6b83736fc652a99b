/** Waiting times that grow by half from `first_ms` to `most_ms`, spread so that many pages do not come back at once. */
export class Backoff {
  private delay_ms: number;

  constructor(
    private readonly first_ms: number,
    private readonly most_ms: number,
  ) {
    this.delay_ms = first_ms;
  }

  /** `random` in [0, 1): the result is 75 % to 125 % of the step. */
  next(random: number): number {
    const delay = this.delay_ms * (0.75 + random / 2);
    this.delay_ms = Math.min(this.most_ms, this.delay_ms * 1.5);
    return delay;
  }
  reset(): void {
    this.delay_ms = this.first_ms;
  }
}
