// What risk reads, from the state: worst case over positions, pending and unknown orders.
import { type Decimal, plus, toNumber, zero } from '../base/decimal.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { isTerminal } from '../domain/order.ts';
import { remainingOf } from '../domain/order-state.ts';
import type { InstrumentExposure, RiskBook, RiskLimits } from '../domain/verdict.ts';
import { type LegView, legOn } from '../domain/view.ts';
import { fundsOf } from './funds.ts';
import { lossReferences } from './loss-references.ts';
import { exposureOf, placeOf, standingOf } from './standing.ts';
import { type EngineState, isReady, livePairs, type Mark, sendsWithin } from './state.ts';
import { unsettledOf } from './unsettled.ts';

/**
 * `legs`: the quotes of the decision itself, fresher than the last marks. `coinMarginShare`: see
 * `RiskLimits`. `asked`: instruments that are in the book even when nothing is held or open there.
 * The ages of what is only held, and neither asked for nor quoted here, are not looked at.
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
  const references = lossReferences(state, limits);
  return {
    mode: state.mode,
    wallMs: state.wallMs,
    equityUsd: state.equity.lastUsd,
    dayStartEquityUsd: references.dayStartUsd,
    peakEquityUsd: references.peakUsd,
    exposures: exposuresOf(state, { left, legs, asked }),
    collateral: collateralOf(state, limits.coinMarginShare),
    wallets: fundsOf(state, asked, legs),
    pairsOpen: livePairs(state).length,
    ordersOpen,
    ordersLastSecond: sendsWithin(state.recentSends, state.wallMs),
    venuesReady: readyVenues(state),
    storeDown: state.storesDown.size > 0,
  };
}

function readyVenues(state: EngineState): readonly string[] {
  const ready: string[] = [];
  for (const [id, venue] of state.venues) if (isReady(venue)) ready.push(id);
  return ready;
}

/** Exact: what is left of an instrument's orders. */
interface Left {
  buys: Decimal;
  sells: Decimal;
}

interface Concerned {
  readonly left: ReadonlyMap<InstrumentId, Left>;
  readonly legs: readonly LegView[];
  readonly asked: readonly InstrumentId[];
}

/**
 * In the order of the listing: sums of doubles depend on it. What is held and nothing else is as it
 * was; only what has quotes or orders here, or is asked for, is made anew.
 */
function exposuresOf(state: EngineState, concerned: Concerned): readonly InstrumentExposure[] {
  const exposures: InstrumentExposure[] = [];
  const held = standingOf(state);
  let at = 0;
  for (const { instrument, place } of concernedOf(state, concerned)) {
    for (let next = held[at]; next !== undefined && next.place < place; next = held[++at]) {
      exposures.push(next.exposure);
    }
    if (held[at]?.place === place) at++;
    const exposure = exposureNow(state, instrument, concerned);
    if (exposure !== null) exposures.push(exposure);
  }
  for (let next = held[at]; next !== undefined; next = held[++at]) exposures.push(next.exposure);
  return exposures;
}

interface Placed {
  readonly instrument: Instrument;
  readonly place: number;
}

function concernedOf(state: EngineState, { left, legs, asked }: Concerned): readonly Placed[] {
  const { instruments } = state;
  const found: Placed[] = [];
  const add = (id: InstrumentId): void => {
    const instrument = instruments.get(id);
    if (instrument === undefined) return;
    const place = placeOf(instruments, id);
    // Few, and mostly in order: each goes behind the last one that stands before it.
    let at = found.length;
    while (at > 0 && (found[at - 1] as Placed).place > place) at--;
    if (at > 0 && (found[at - 1] as Placed).place === place) return;
    found.splice(at, 0, { instrument, place });
  };
  for (const id of asked) add(id);
  for (const { instrument } of legs) add(instrument);
  for (const id of left.keys()) add(id);
  return found;
}

/** Null: nothing is known of it. */
function exposureNow(
  state: EngineState,
  instrument: Instrument,
  { left, legs }: Concerned,
): InstrumentExposure | null {
  const mark = state.marks.get(instrument.id);
  const position = state.positions.get(instrument.id);
  const orders = left.get(instrument.id);
  const leg = legOn(legs, instrument.id);
  const unseen = mark === undefined && leg === undefined;
  if (unseen && position === undefined && orders === undefined) return null;
  const known = {
    price: leg === undefined ? (mark?.price ?? null) : (leg.bid + leg.ask) / 2,
    qty: position === undefined ? 0 : toNumber(position.qty),
    buysLeft: orders === undefined ? 0 : toNumber(orders.buys),
    sellsLeft: orders === undefined ? 0 : toNumber(orders.sells),
    quoteAgeMs: leg?.quoteAgeMs ?? (mark === undefined ? null : markAgeMs(state, mark)),
  };
  return exposureOf(state, instrument, known, leg);
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
