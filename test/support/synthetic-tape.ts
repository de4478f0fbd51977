// A long synthetic tape for benchmarks and sweeps: some assets on some venues, hourly bars, rates
// that revert to their mean. From a seed; no file.

import type { Tape } from '../../src/backtest/tape.ts';
import { Prng } from '../../src/base/prng.ts';
import { type Bar, contractOf, everyHours, tapeOf } from './backtest-tape.ts';

export interface SyntheticSpec {
  readonly venues: readonly string[];
  readonly assets: number;
  readonly bars: number;
  readonly seed: number;
}

const fee = '0.0005';
const depth = { halfSpread: 0.0001, touchUsd: 50_000, levelUsd: 50_000, step: 0.0001, levels: 10 };

export function syntheticTape({ venues, assets, bars, seed }: SyntheticSpec): Tape {
  const contracts = [];
  for (let asset = 0; asset < assets; asset++) {
    const index = indexOf(new Prng(seed + asset), bars);
    for (const [v, venue] of venues.entries()) {
      const prng = new Prng(seed + 1_000 * (v + 1) + asset);
      const basis = wandering(prng, bars, { kept: 0.9, size: 0.0004 });
      const rates = wandering(prng, bars, { kept: 0.995, size: 0.0001 });
      const price = (k: number): Bar => {
        const open = round((index[k] as number) * (1 + (basis[k] as number)));
        const close = round((index[k + 1] as number) * (1 + (basis[k + 1] as number)));
        const reach = 1 + 0.001 * prng.float();
        return {
          open,
          close,
          high: round(Math.max(open, close) * reach),
          low: round(Math.min(open, close) / reach),
        };
      };
      contracts.push(
        contractOf({
          venue,
          base: `A${asset}`,
          bars,
          price,
          settlesAtHours: everyHours(8, bars),
          rate: (hour) => 0.0001 + (rates[Math.min(hour, bars)] as number),
          fee,
          depth,
          tick: '0.000001',
        }),
      );
    }
  }
  return tapeOf(contracts);
}

function indexOf(prng: Prng, bars: number): Float64Array {
  const index = new Float64Array(bars + 1);
  index[0] = 50 + 100 * prng.float();
  for (let k = 1; k <= bars; k++) {
    index[k] = (index[k - 1] as number) * (1 + 0.01 * (prng.float() - 0.5));
  }
  return index;
}

/** An autoregressive noise around zero. */
function wandering(
  prng: Prng,
  bars: number,
  { kept, size }: { readonly kept: number; readonly size: number },
): Float64Array {
  const values = new Float64Array(bars + 1);
  for (let k = 1; k <= bars; k++) {
    values[k] = kept * (values[k - 1] as number) + size * (2 * prng.float() - 1);
  }
  return values;
}

function round(price: number): number {
  return Math.round(price * 100) / 100;
}
