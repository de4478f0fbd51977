// The displayed book around a mid price: spread, level gaps and sizes, synthetic in the seeded and
// in the recorded market alike. A level is a function of (seed, instrument, side, rank, mid, time
// step).
import { assert, present } from '../base/assert.ts';
import { type Decimal, decimalsOf, toNumber } from '../base/decimal.ts';
import { hash32, textHash } from '../base/prng.ts';
import { secondMs } from '../base/time.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Level } from '../domain/venue-event.ts';
import { type BaseBook, bookLevelsMax } from './market-api.ts';
import { impactNotionalUsd, impactPrice, premiumIndex } from './premium.ts';

/** Sizes are drawn anew this often (venue time). */
export const bookStepMs = 5 * secondMs;

/** How liquid a contract is; fractions of the mid, USD per level. */
export interface BookStyle {
  readonly halfSpread: number;
  /** Distance between levels, at least a tick. */
  readonly gap: number;
  /** Typical size of the best level; level k has (1 + 0.25 k) times as much. */
  readonly levelUsd: number;
}

export type BookSide = 'bid' | 'ask';

export class BookShape {
  private readonly seed: number;
  private readonly stream: number;
  private readonly style: BookStyle;
  private readonly tick: Grid;
  private readonly lot: Grid;
  private readonly lotsMin: number;
  private readonly impactUsd: number;
  /** USD per contract of an inverse one; null = quantities are base units. */
  private readonly faceUsd: number | null;

  constructor(seed: number, instrument: Instrument, style: BookStyle) {
    this.seed = seed;
    this.stream = textHash(`book ${instrument.id}`);
    this.style = style;
    this.tick = gridOf(present(instrument.tickSize, `tick of ${instrument.id}`));
    this.lot = gridOf(present(instrument.lotSize, `lot of ${instrument.id}`));
    const qtyMin = toNumber(present(instrument.qtyMin, `minimum of ${instrument.id}`));
    this.lotsMin = Math.max(1, Math.ceil(qtyMin / this.lot.step - 1e-9));
    this.impactUsd = impactNotionalUsd(instrument.leverageMax ?? 1);
    this.faceUsd = isInverse(instrument) ? toNumber(instrument.contractSize) : null;
  }

  book(mid: number, tsMs: number, levels: number): BaseBook {
    const depth = Math.min(levels, bookLevelsMax);
    return {
      bids: [...this.side('bid', mid, tsMs, depth)],
      asks: [...this.side('ask', mid, tsMs, depth)],
    };
  }

  /**
   * The premium index of the book around `mid`. Bids lie below the mid and asks above it, so only
   * the side of the book that the index has left can count: the other one is not computed.
   */
  premium(sample: { readonly mid: number; readonly index: number; readonly tsMs: number }): number {
    const { mid, index, tsMs } = sample;
    if (mid === index) return 0;
    const side = mid > index ? 'bid' : 'ask';
    const listed = this.side(side, mid, tsMs, bookLevelsMax);
    const levels = this.faceUsd === null ? listed : inBase(listed, this.faceUsd);
    const price = impactPrice(levels, this.impactUsd);
    const [impactBid, impactAsk] = side === 'bid' ? [price, mid] : [mid, price];
    return premiumIndex({ impactBid, impactAsk, index });
  }

  /**
   * Levels, best first. The best ones lie outside mid x (1 -+ halfSpread), so no book is crossed.
   */
  private *side(side: BookSide, mid: number, tsMs: number, depth: number): Generator<Level> {
    assert(mid > 0 && Number.isFinite(mid), `no book around ${mid}`);
    const { halfSpread, gap, levelUsd } = this.style;
    const { step } = this.tick;
    const away = side === 'bid' ? -1 : 1;
    const edge = (mid * (1 + away * halfSpread)) / step;
    const bestTicks = side === 'bid' ? Math.ceil(edge) - 1 : Math.floor(edge) + 1;
    const gapTicks = Math.max(1, Math.round((mid * gap) / step));
    const jitterTicks = Math.max(1, Math.floor(gapTicks / 2));
    const time = Math.floor(tsMs / bookStepMs);
    for (let k = 0; k < depth; k++) {
      const random = hash32(this.seed, this.stream + k + (side === 'bid' ? 0 : 1_000), time);
      const offset = k === 0 ? 0 : k * gapTicks + (random % jitterTicks);
      const ticks = bestTicks + away * offset;
      if (ticks < 1) return;
      const price = onGrid(this.tick, ticks);
      const usd = levelUsd * (1 + 0.25 * k) * (0.6 + (0.8 * (random >>> 8)) / 2 ** 24);
      const qty = usd / (this.faceUsd ?? price);
      const lots = Math.max(this.lotsMin, Math.round(qty / this.lot.step));
      yield [price, onGrid(this.lot, lots)];
    }
  }
}

function* inBase(levels: Iterable<Level>, faceUsd: number): Generator<Level> {
  for (const [price, contracts] of levels) yield [price, (contracts * faceUsd) / price];
}

/**
 * A step as an integer over a power of ten, so that multiples are the nearest doubles to their
 * text.
 */
interface Grid {
  readonly step: number;
  readonly mantissa: number;
  readonly scale: number;
}

function gridOf(step: Decimal): Grid {
  const scale = 10 ** decimalsOf(step);
  const value = toNumber(step);
  return { step: value, mantissa: Math.round(value * scale), scale };
}

function onGrid(grid: Grid, multiple: number): number {
  return (multiple * grid.mantissa) / grid.scale;
}
