// Bars of the exogenous market, for the history endpoints of the testnet: some prices of each
// interval, the first and the last of it among them. Pure: asked twice, they are the same. They
// have no volume, since nobody else trades there.
import { assert } from '../base/assert.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { ExogenousMarket } from './market-api.ts';

export interface SimBarWish {
  readonly price: 'traded' | 'mark' | 'index';
  readonly intervalMs: number;
  /** Open times in [fromMs, toMs), at most `rowsMax` from the first on. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rowsMax: number;
}

export interface SimBar {
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Prices looked at in every bar. */
const samples = 5;
export const simBarsMax = 1_500;

/** Up to the bar that is open at `nowMs`, whose close is the price of that moment. */
export function simBars(
  market: ExogenousMarket,
  of: { readonly id: InstrumentId; readonly underlying: string; readonly nowMs: number },
  wish: SimBarWish,
): readonly SimBar[] {
  const { intervalMs, toMs } = wish;
  assert(wish.rowsMax <= simBarsMax && intervalMs >= market.gridMs, 'too many bars, or too short');
  const priceAt = (tsMs: number): number => {
    if (wish.price === 'index') return market.index(of.underlying, tsMs);
    return wish.price === 'mark' ? market.mark(of.id, tsMs) : market.mid(of.id, tsMs);
  };
  const bars: SimBar[] = [];
  let openMs = Math.ceil(wish.fromMs / intervalMs) * intervalMs;
  for (; openMs < toMs && openMs <= of.nowMs && bars.length < wish.rowsMax; openMs += intervalMs) {
    const lastMs = Math.min(openMs + intervalMs - market.gridMs, of.nowMs);
    const prices = Array.from({ length: samples }, (_, k) =>
      priceAt(market.gridTime(openMs + ((lastMs - openMs) * k) / (samples - 1))),
    );
    bars.push({
      openMs,
      open: prices[0] as number, // five of them
      high: Math.max(...prices),
      low: Math.min(...prices),
      close: prices[samples - 1] as number,
    });
  }
  return bars;
}
