// What risk reads, from the state: worst case over positions, pending and unknown orders.
import { type Decimal, plus, toNumber, zero } from '../base/decimal.ts';
import { baseQtyAt } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { isTerminal } from '../domain/order.ts';
import { remainingOf } from '../domain/order-state.ts';
import type { InstrumentExposure, RiskBook, RiskLimits } from '../domain/verdict.ts';
import { type LegView, legOn } from '../domain/view.ts';
import { exposureMargin, fundsOf } from './funds.ts';
import { lossReferences } from './loss-references.ts';
import { type EngineState, isReady, livePairs, type Mark, sendWindowMs } from './state.ts';
import { unsettledOf } from './unsettled.ts';

/**
 * `legs`: the quotes of the decision itself, fresher than the last marks. `coinMarginShare`: see
 * `RiskLimits`. `asked`: instruments that are in the book even when nothing is held or open there.
 */
export function riskBookOf(
  state: EngineState,
  legs: readonly LegView[],
  limits: Pick<RiskLimits, 'coinMarginShare'>,
  asked: readonly InstrumentId[] = [],
): RiskBook {
  const left = new Map<InstrumentId, Left>();
  let ordersOpen = 0;
  for (const known of unsettledOf(state.orders).values()) {
    if (!isTerminal(known.status)) ordersOpen++;
    const remaining = remainingOf(known);
    if (remaining === zero) continue;
    let entry = left.get(known.order.instrument);
    if (entry === undefined) {
      entry = { buys: zero, sells: zero };
      left.set(known.order.instrument, entry);
    }
    if (known.order.side === 'buy') entry.buys = plus(entry.buys, remaining);
    else entry.sells = plus(entry.sells, remaining);
  }
  const concerned = new Set(asked);
  for (const [id, { qty }] of state.positions) if (qty !== zero) concerned.add(id);
  for (const id of left.keys()) concerned.add(id);
  for (const { instrument } of legs) concerned.add(instrument);
  const references = lossReferences(state, limits);
  return {
    mode: state.mode,
    wallMs: state.wallMs,
    equityUsd: state.equity.lastUsd,
    dayStartEquityUsd: references.dayStartUsd,
    peakEquityUsd: references.peakUsd,
    exposures: exposuresOf(state, inOrder(state, concerned), { left, legs }),
    collateral: collateralOf(state, limits.coinMarginShare),
    wallets: fundsOf(state, asked, legs),
    pairsOpen: livePairs(state).length,
    ordersOpen,
    ordersLastSecond: state.recentSends.filter((at) => state.wallMs - at < sendWindowMs).length,
    venuesReady: [...state.venues].filter(([, venue]) => isReady(venue)).map(([id]) => id),
    storeDown: state.storesDown.size > 0,
  };
}

/** Exact: what is left of an instrument's orders. */
interface Left {
  buys: Decimal;
  sells: Decimal;
}

function exposuresOf(
  state: EngineState,
  instruments: readonly Instrument[],
  {
    left,
    legs,
  }: { readonly left: ReadonlyMap<InstrumentId, Left>; readonly legs: readonly LegView[] },
): readonly InstrumentExposure[] {
  const exposures: InstrumentExposure[] = [];
  for (const instrument of instruments) {
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
      buysLeft: orders === undefined ? 0 : toNumber(orders.buys) * baseUnit,
      sellsLeft: orders === undefined ? 0 : toNumber(orders.sells) * baseUnit,
      price,
      quoteAgeMs: leg?.quoteAgeMs ?? (mark === undefined ? null : markAgeMs(state, mark)),
      fundingAgeMs: leg?.fundingAgeMs ?? null,
      margin: exposureMargin(state, instrument, leg),
    });
  }
  return exposures;
}

/** The order of the listing: sums of doubles depend on it. */
function inOrder(state: EngineState, ids: ReadonlySet<InstrumentId>): readonly Instrument[] {
  const places = placesOf(state.instruments);
  return [...ids]
    .flatMap((id) => state.instruments.get(id) ?? [])
    .sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
}

const places = new WeakMap<EngineState['instruments'], ReadonlyMap<InstrumentId, number>>();

/** Made again when an instrument is new: none is ever removed. */
function placesOf(instruments: EngineState['instruments']): ReadonlyMap<InstrumentId, number> {
  let found = places.get(instruments);
  if (found === undefined || found.size !== instruments.size) {
    found = new Map([...instruments.keys()].map((id, place) => [id, place]));
    places.set(instruments, found);
  }
  return found;
}

/** What was gained and lost since the opening, and the share of what lay there before. */
function collateralOf(state: EngineState, share: number): RiskBook['collateral'] {
  const { collateral, coinsAtOpening } = state.attribution;
  if (collateral.size === 0) return [];
  return [...collateral].flatMap(([id, { qty, price }]) => {
    const instrument = state.instruments.get(id);
    const known = instrument !== undefined && !Number.isNaN(price);
    const counted = qty - (1 - share) * (coinsAtOpening.get(id) ?? 0);
    return known ? [{ base: instrument.base, usd: counted * price }] : [];
  });
}

function markAgeMs(state: EngineState, mark: Mark): number {
  return state.wallMs - mark.wallMs + mark.ageMs;
}
