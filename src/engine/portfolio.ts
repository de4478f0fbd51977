// What is owned, in USD: equity over all venues from the ledger and the marks. Read-only. Numbers
// that it made from exact amounts are kept beside the state until the amount is another.
import { type Decimal, toNumber } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId, VenueId } from '../domain/instrument.ts';
import { cashAccountsOf } from '../domain/ledger.ts';
import type { Position } from '../domain/position.ts';
import type { EngineState } from './state.ts';

const dollars = new Set(['USDT', 'USDC', 'USD', 'FDUSD', 'DAI']);

/**
 * What prices a coin in a venue's wallet: the venue's own spot instrument, else any, else the mark
 * of an inverse perpetual that settles in it.
 */
export function pricingInstrument(
  state: EngineState,
  asset: string,
  venue: VenueId | null,
): Instrument | null {
  let other: Instrument | null = null;
  let inverse: Instrument | null = null;
  for (const instrument of state.instruments.values()) {
    if (instrument.base !== asset) continue;
    if (instrument.kind === 'inverse-perp') {
      if (inverse === null || instrument.venue === venue) inverse = instrument;
    }
    if (instrument.kind !== 'spot' || !isDollar(instrument.quote)) continue;
    if (instrument.venue === venue) return instrument;
    other ??= instrument;
  }
  return other ?? inverse;
}

/**
 * USD per unit. Dollar coins count as 1 here, their depeg is collateralFx. A coin that no listed
 * instrument prices counts 0 throughout; null = it has one, and no mark yet.
 */
export function usdPriceOf(
  state: EngineState,
  asset: string,
  venue: VenueId | null = null,
): number | null {
  if (isDollar(asset)) return 1;
  const instrument = pricingInstrument(state, asset, venue);
  if (instrument === null) return 0;
  return state.marks.get(instrument.id)?.price ?? null;
}

export function isDollar(asset: string): boolean {
  return dollars.has(asset);
}

/** Null until every venue's opening balance is booked and everything owned has a price. */
export function equityUsd(state: EngineState): number | null {
  if (state.venues.size === 0) return null;
  for (const venue of state.venues.values()) if (!venue.opened) return null;
  const valuation = valuationOf(state);
  let total = 0;
  let account = 0;
  for (const amount of state.ledger.balances.values()) {
    const row = valuation.rows[account++];
    if (row === undefined || row === null || amount === 0n) continue;
    if (amount !== row.amount) {
      row.amount = amount;
      row.number = toNumber(amount);
    }
    const price =
      typeof row.price === 'number' ? row.price : (state.marks.get(row.price)?.price ?? null);
    if (price === null) return null;
    total += row.number * price;
  }
  for (const [id, position] of state.positions) {
    const instrument = state.instruments.get(id);
    if (instrument === undefined) return null;
    if (instrument.kind === 'spot') continue; // its coins are in the cash accounts
    const mark = state.marks.get(id);
    if (mark === undefined) return null;
    const { qty, cost } = numbersOf(valuation, id, position);
    if (!isInverse(instrument)) {
      total += qty * mark.price - cost;
      continue;
    }
    const coinUsd = usdPriceOf(state, instrument.settle, instrument.venue);
    if (coinUsd === null) return null;
    total += ((-qty * toNumber(instrument.contractSize)) / mark.price - cost) * coinUsd;
  }
  return total;
}

interface CashRow {
  /** USD per unit, or the spot instrument whose mark says it. */
  readonly price: number | InstrumentId;
  /** What `number` was made from. */
  amount: Decimal;
  number: number;
}

interface PositionNumbers {
  readonly position: Position;
  readonly qty: number;
  readonly cost: number;
}

interface Valuation {
  /** One per account of the ledger, in its order; null = not cash of ours. */
  readonly rows: readonly (CashRow | null)[];
  readonly positions: Map<InstrumentId, PositionNumbers>;
  /** Accounts and instruments when it was laid out: neither is ever removed. */
  readonly accounts: number;
  readonly instruments: number;
}

const kept = new WeakMap<EngineState, Valuation>();

function valuationOf(state: EngineState): Valuation {
  const before = kept.get(state);
  const accounts = state.ledger.balances.size;
  const instruments = state.instruments.size;
  if (before?.accounts === accounts && before.instruments === instruments) return before;
  const rows = cashAccountsOf(state.ledger).map((cash): CashRow | null => {
    if (cash === null) return null;
    const { asset, venue } = cash;
    const listed = isDollar(asset) ? null : pricingInstrument(state, asset, venue);
    const price = listed?.id ?? (isDollar(asset) ? 1 : 0);
    return { price, amount: 0n as Decimal, number: 0 };
  });
  const valuation = { rows, positions: new Map(), accounts, instruments };
  kept.set(state, valuation);
  return valuation;
}

/** A position is never changed in place: the same object has the same numbers. */
function numbersOf(valuation: Valuation, id: InstrumentId, position: Position): PositionNumbers {
  const before = valuation.positions.get(id);
  if (before?.position === position) return before;
  const numbers = { position, qty: toNumber(position.qty), cost: toNumber(position.cost) };
  valuation.positions.set(id, numbers);
  return numbers;
}
