// Small sums over numbers: quantiles and a fixed-size latency histogram. No allocation while
// recording.

/** The q-quantile (0..1) of unsorted values by the nearest rank; NaN when empty. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[rank] as number;
}

/** The q-quantile (0..1) of unsorted values, linear between the two nearest; NaN when empty. */
export function linearQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}

/** Sample standard deviation (n - 1); NaN under two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  let total = 0;
  for (const value of values) total += (value - center) ** 2;
  return Math.sqrt(total / (values.length - 1));
}

/** Log-linear histogram of positive values: about 3% resolution from 1e-3 to 1e9. */
export class Histogram {
  private readonly counts = new Uint32Array(1_024);
  private total = 0;

  record(value: number): void {
    const slot = value <= 1e-3 ? 0 : Math.min(1_023, Math.floor(Math.log(value / 1e-3) * 36) + 1);
    this.counts[slot] = (this.counts[slot] as number) + 1;
    this.total++;
  }

  get count(): number {
    return this.total;
  }

  /** Upper edge of the bucket that holds the q-quantile; NaN when empty. */
  quantile(q: number): number {
    if (this.total === 0) return Number.NaN;
    let seen = 0;
    for (let slot = 0; slot < this.counts.length; slot++) {
      seen += this.counts[slot] as number;
      if (seen >= q * this.total) return 1e-3 * Math.exp(slot / 36);
    }
    return Number.NaN;
  }
}
