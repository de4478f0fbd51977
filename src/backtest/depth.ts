// What a bar's price would have traded at: half a spread beside it, then steps of depth behind the
// best price. Calibrated from recorded quotes where there are some, else stated per venue. Nothing
// ever trades at the bar's price itself unless the model says a spread of zero.
import type { Side } from '../domain/order.ts';
import type { Level } from '../domain/venue-event.ts';

export interface DepthModel {
  /** Best price to the bar's price, as a fraction. */
  readonly halfSpread: number;
  /** USD on the best price, and on every level behind it. */
  readonly touchUsd: number;
  readonly levelUsd: number;
  /** Between two levels, as a fraction. */
  readonly step: number;
  readonly levels: number;
}

/** Most levels of a side that a view carries: see engine/legs. */
export const levelsMax = 10;

/** The price grid as a multiplier, so that ticks of a power of ten stay exact decimals. */
export interface Grid {
  /** 1 / tick for ticks below 1, else the tick; which one, says `isInverse`. */
  readonly factor: number;
  readonly isInverse: boolean;
}

/** Covers the rounding of a price that lies on the grid already. */
const onGrid = 1e-9;

export function gridOf(tick: number): Grid {
  return tick < 1
    ? { factor: Math.round(1 / tick), isInverse: true }
    : { factor: tick, isInverse: false };
}

/** Down for a bid, up for an ask: never better than the model says. */
export function floorTo({ factor, isInverse }: Grid, price: number): number {
  if (isInverse) return Math.floor(price * factor * (1 + 1e-15) + onGrid) / factor;
  return Math.floor(price / factor + onGrid) * factor;
}

export function ceilTo({ factor, isInverse }: Grid, price: number): number {
  if (isInverse) return Math.ceil(price * factor * (1 - 1e-15) - onGrid) / factor;
  return Math.ceil(price / factor - onGrid) * factor;
}

/** Best bid and ask around a price, on the grid. */
export function bidOf(model: DepthModel, grid: Grid, price: number): number {
  return floorTo(grid, price * (1 - model.halfSpread));
}

export function askOf(model: DepthModel, grid: Grid, price: number): number {
  return ceilTo(grid, price * (1 + model.halfSpread));
}

/** The levels that an order of this side takes from, best first; quantities in base units. */
export function levelsOf(
  model: DepthModel,
  grid: Grid,
  want: { readonly side: Side; readonly price: number },
): readonly Level[] {
  const { side, price } = want;
  const count = Math.min(model.levels, levelsMax);
  const levels: Level[] = [];
  for (let k = 0; k < count; k++) {
    const away = model.halfSpread + k * model.step;
    const at =
      side === 'buy' ? ceilTo(grid, price * (1 + away)) : floorTo(grid, price * (1 - away));
    if (!(at > 0)) break;
    const qty = (k === 0 ? model.touchUsd : model.levelUsd) / at;
    const last = levels.at(-1);
    if (last !== undefined && last[0] === at) levels[levels.length - 1] = [at, last[1] + qty];
    else levels.push([at, qty]);
  }
  return levels;
}

/** Quotes of one instrument, a row per change. */
export interface QuoteColumns {
  readonly bid: Float64Array;
  readonly bidQty: Float64Array;
  readonly ask: Float64Array;
  readonly askQty: Float64Array;
}

/** Fewest quotes that a calibration believes. */
export const quotesMin = 100;

/**
 * The model with the mean half spread and the median depth at the best price of recorded quotes;
 * the levels behind it keep the model's own step. Null = too few quotes.
 */
export function calibrate(model: DepthModel, quotes: QuoteColumns): DepthModel | null {
  const depths: number[] = [];
  let spread = 0;
  for (let k = 0; k < quotes.bid.length; k++) {
    const bid = quotes.bid[k] as number;
    const ask = quotes.ask[k] as number;
    const mid = (bid + ask) / 2;
    const depthUsd = Math.min(
      (quotes.bidQty[k] as number) * bid,
      (quotes.askQty[k] as number) * ask,
    );
    if (!(bid > 0 && ask >= bid && depthUsd > 0)) continue;
    spread += (ask - bid) / 2 / mid;
    depths.push(depthUsd);
  }
  if (depths.length < quotesMin) return null;
  depths.sort((a, b) => a - b);
  const touchUsd = depths[Math.floor(depths.length / 2)] as number;
  return { ...model, halfSpread: spread / depths.length, touchUsd };
}
