// The path of a price inside recorded bars, and the basis of a perpetual against it. A point inside
// a bar depends on the seed and on that bar alone (its open, high, low and close), on no other bar.
// So a price in mid-hour leans towards a close that is not known yet, by as much as any path
// through the recorded bar must; the trading system sees prices only when their time has come.
import { assert } from '../base/assert.ts';
import { SmoothNoise } from './seeded-noise.ts';

/** Bars of one interval without holes in time; a missing bar is NaN. */
export interface RecordedBars {
  readonly intervalMs: number;
  /** Open time of the first bar. */
  readonly fromMs: number;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/**
 * Deviation from the straight line at its widest, as a share of the bar's range; then clamped to
 * it.
 */
const wander = 0.22;

/** End of the last bar. */
export function endOf(bars: RecordedBars): number {
  return bars.fromMs + bars.open.length * bars.intervalMs;
}

/** Bars whose holes are filled with the last close before them, the first with the first open. */
export function withoutHoles(bars: RecordedBars): {
  readonly bars: RecordedBars;
  readonly filled: number;
} {
  const first = bars.open.findIndex((price) => !Number.isNaN(price));
  assert(first >= 0, 'bars without a single price');
  const [open, high, low, close] = [
    bars.open.slice(),
    bars.high.slice(),
    bars.low.slice(),
    bars.close.slice(),
  ];
  let last = bars.open[first] as number; // found above
  let filled = 0;
  for (let k = 0; k < open.length; k++) {
    if (Number.isNaN(open[k])) {
      for (const column of [open, high, low, close]) column[k] = last;
      filled++;
    }
    last = close[k] as number; // k < length
  }
  return { bars: { ...bars, open, high, low, close }, filled };
}

/** One asset's index: from open to close of each bar inside [low, high]. */
export class IndexPath {
  private readonly bars: RecordedBars;
  private readonly noise: SmoothNoise;
  /** The same noise at the two ends of the last bar asked for: only to save hashes. */
  private readonly ends: SmoothNoise;
  private endsOf = -1;
  private left = 0;
  private right = 0;

  constructor(seed: number, underlying: string, bars: RecordedBars) {
    this.bars = bars;
    const { intervalMs } = bars;
    const octaves = [2, 4, 8, 16, 32, 64].map((parts) => ({
      wavelengthMs: intervalMs / parts,
      amplitude: Math.SQRT1_2 ** Math.log2(parts),
    }));
    this.noise = new SmoothNoise(seed, `inside ${underlying}`, octaves);
    this.ends = new SmoothNoise(seed, `inside ${underlying}`, octaves);
  }

  /** Outside the bars: the first open, the last close. */
  at(tsMs: number): number {
    const { bars } = this;
    const { k, within } = placeIn(bars, tsMs);
    const open = bars.open[k] as number; // k is clamped to the bars
    const close = bars.close[k] as number;
    const high = bars.high[k] as number;
    const low = bars.low[k] as number;
    const deviation = wander * (high - low) * this.bridge(k, within);
    const price = open + (close - open) * within + deviation;
    return Math.min(Math.max(high, open, close), Math.max(Math.min(low, open, close), price));
  }

  /** Noise that is zero at both ends of the bar. */
  private bridge(k: number, within: number): number {
    const { fromMs, intervalMs } = this.bars;
    const startMs = fromMs + k * intervalMs;
    if (this.endsOf !== k) {
      this.left = this.ends.at(startMs);
      this.right = this.ends.at(startMs + intervalMs);
      this.endsOf = k;
    }
    const here = this.noise.at(startMs + within * intervalMs);
    return here - this.left * (1 - within) - this.right * within;
  }
}

/**
 * The basis of a perpetual (fraction of the index): in each hour from the bars' opens to their
 * closes in a straight line. Only bars of the same hour are compared, open with open and close with
 * close, so no basis arises from prices of different times. Hours that either side lacks keep the
 * last basis.
 */
export class BasisPath {
  private readonly index: RecordedBars;
  private readonly opens: Float64Array;
  private readonly closes: Float64Array;

  constructor(index: RecordedBars, perp: RecordedBars) {
    assert(index.intervalMs === perp.intervalMs, 'bars of different intervals');
    assert((perp.fromMs - index.fromMs) % index.intervalMs === 0, 'bars of different grids');
    this.index = index;
    const shift = (index.fromMs - perp.fromMs) / index.intervalMs;
    this.opens = new Float64Array(index.open.length);
    this.closes = new Float64Array(index.open.length);
    let last = firstBasis(index, perp, shift);
    for (let k = 0; k < this.opens.length; k++) {
      const open = (perp.open[k + shift] ?? Number.NaN) / (index.open[k] as number) - 1;
      const close = (perp.close[k + shift] ?? Number.NaN) / (index.close[k] as number) - 1;
      const known = !Number.isNaN(open) && !Number.isNaN(close);
      this.opens[k] = known ? open : last;
      this.closes[k] = known ? close : last;
      last = this.closes[k] as number; // just set
    }
  }

  at(tsMs: number): number {
    const { k, within } = placeIn(this.index, tsMs);
    const open = this.opens[k] as number; // k is clamped to the bars
    const close = this.closes[k] as number;
    return open + (close - open) * within;
  }
}

function firstBasis(index: RecordedBars, perp: RecordedBars, shift: number): number {
  for (let k = 0; k < index.open.length; k++) {
    const basis = (perp.open[k + shift] ?? Number.NaN) / (index.open[k] as number) - 1;
    if (!Number.isNaN(basis)) return basis;
  }
  return 0;
}

function placeIn(
  bars: RecordedBars,
  tsMs: number,
): { readonly k: number; readonly within: number } {
  const place = (tsMs - bars.fromMs) / bars.intervalMs;
  const last = bars.open.length - 1;
  if (place <= 0) return { k: 0, within: 0 };
  if (place >= last + 1) return { k: last, within: 1 };
  const k = Math.floor(place);
  return { k, within: place - k };
}
