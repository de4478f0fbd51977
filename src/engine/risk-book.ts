// What risk reads, from the state: worst case over positions, pending and unknown orders.
import { toNumber } from '../base/decimal.ts';
import { baseQtyAt } from '../domain/contract-value.ts';
import { isTerminal } from '../domain/order.ts';
import { isSettled, remainingOf } from '../domain/order-state.ts';
import type { InstrumentExposure, RiskBook } from '../domain/verdict.ts';
import { type LegView, legOn } from '../domain/view.ts';
import { type EngineState, isReady, livePairs, type Mark, sendWindowMs } from './state.ts';

/** `legs`: the quotes of the decision itself, fresher than the last marks. */
export function riskBookOf(state: EngineState, legs: readonly LegView[]): RiskBook {
  const left = new Map<string, { buys: number; sells: number }>();
  let ordersOpen = 0;
  for (const known of state.orders.values()) {
    if (isSettled(known)) continue; // most of what is remembered: nothing of it is left
    if (!isTerminal(known.status)) ordersOpen++;
    const remaining = remainingOf(known);
    if (remaining === 0n) continue;
    const entry = left.get(known.order.instrument) ?? { buys: 0, sells: 0 };
    if (known.order.side === 'buy') entry.buys += toNumber(remaining);
    else entry.sells += toNumber(remaining);
    left.set(known.order.instrument, entry);
  }
  return {
    mode: state.mode,
    wallMs: state.wallMs,
    equityUsd: state.equity.lastUsd,
    dayStartEquityUsd: state.equity.dayStartUsd,
    peakEquityUsd: state.equity.peakUsd,
    exposures: exposuresOf(state, left, legs),
    collateral: collateralOf(state),
    pairsOpen: livePairs(state).length,
    ordersOpen,
    ordersLastSecond: state.recentSends.filter((at) => state.wallMs - at < sendWindowMs).length,
    venuesReady: [...state.venues].filter(([, venue]) => isReady(venue)).map(([id]) => id),
    storeDown: state.storesDown.size > 0,
  };
}

function exposuresOf(
  state: EngineState,
  left: ReadonlyMap<string, { buys: number; sells: number }>,
  legs: readonly LegView[],
): readonly InstrumentExposure[] {
  const exposures: InstrumentExposure[] = [];
  for (const instrument of state.instruments.values()) {
    const mark = state.marks.get(instrument.id);
    const position = state.positions.get(instrument.id);
    const orders = left.get(instrument.id);
    const leg = legOn(legs, instrument.id);
    const unseen = mark === undefined && leg === undefined;
    if (unseen && position === undefined && orders === undefined) continue;
    const price = leg === undefined ? (mark?.price ?? null) : (leg.bid + leg.ask) / 2;
    // Without a price an inverse contract's base units are not known: what is held stays in sight.
    const baseUnit = price === null ? 1 : baseQtyAt(instrument, 1, price);
    exposures.push({
      instrument: instrument.id,
      venue: instrument.venue,
      base: instrument.base,
      isSpot: instrument.kind === 'spot',
      qty: position === undefined ? 0 : toNumber(position.qty) * baseUnit,
      baseUnit,
      buysLeft: (orders?.buys ?? 0) * baseUnit,
      sellsLeft: (orders?.sells ?? 0) * baseUnit,
      price,
      quoteAgeMs: leg?.quoteAgeMs ?? (mark === undefined ? null : markAgeMs(state, mark)),
      fundingAgeMs: leg?.fundingAgeMs ?? null,
    });
  }
  return exposures;
}

function collateralOf(state: EngineState): RiskBook['collateral'] {
  return [...state.attribution.collateral].flatMap(([id, { qty, price }]) => {
    const instrument = state.instruments.get(id);
    const known = instrument !== undefined && !Number.isNaN(price);
    return known ? [{ base: instrument.base, usd: qty * price }] : [];
  });
}

function markAgeMs(state: EngineState, mark: Mark): number {
  return state.wallMs - mark.wallMs + mark.ageMs;
}
