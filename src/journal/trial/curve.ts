/** A step's begin, for a chart. */
export interface CurveStep {
  readonly atUs: number;
  readonly step: string;
}

/** Points that are kept at most: several for each column of the widest chart. */
const MAX_POINTS = 4_096;
const MAX_STEPS = 10_000;

/** A trial's usage over time, for a chart. However long the trial, it keeps a bounded number of points, and each peak. */
export class Curve {
  atUs: number[] = [];
  usageBytes: number[] = [];
  readonly steps: CurveStep[] = [];
  /** Samples closer than this share a point. */
  #widthUs = 0;

  sample(t: number, bytes: number): void {
    const last = this.atUs.length - 1;
    if (last >= 0 && t - (this.atUs[last] ?? 0) < this.#widthUs) {
      this.usageBytes[last] = Math.max(this.usageBytes[last] ?? 0, bytes);
      return;
    }
    this.atUs.push(t);
    this.usageBytes.push(bytes);
    if (this.atUs.length > MAX_POINTS) this.#halve();
  }

  step(t: number, step: string): void {
    if (this.steps.length < MAX_STEPS) this.steps.push({ atUs: t, step });
  }

  #halve(): void {
    const span = (this.atUs.at(-1) ?? 0) - (this.atUs[0] ?? 0);
    const [atUs, usageBytes] = [this.atUs, this.usageBytes];
    this.#widthUs = Math.max(1, (2 * span) / MAX_POINTS);
    this.atUs = [];
    this.usageBytes = [];
    for (const [index, t] of atUs.entries()) this.sample(t, usageBytes[index] ?? 0);
  }
}
