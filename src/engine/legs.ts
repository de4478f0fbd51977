// Views of legs from the market table, and which legs an input concerns: they are stamped into its
// record, so that `decide` reads nothing else.
import { baseQtyAt, isInverse } from '../domain/contract-value.ts';
import type { EngineInput } from '../domain/event.ts';
import type { Catalog, Instrument, InstrumentId, VenueId } from '../domain/instrument.ts';
import { type MarketTable, slot } from '../domain/market-table.ts';
import { legsOf, type Pair } from '../domain/pair.ts';
import type { Level } from '../domain/venue-event.ts';
import type { LegView, PairView } from '../domain/view.ts';
import { liveLegsOn } from './live.ts';
import { type EngineState, livePairs, pairOfOrder } from './state.ts';

/** Levels of the book that a view carries per side. */
export const viewLevelsMax = 10;

export interface MarketReader {
  readonly catalog: Catalog;
  readonly table: MarketTable;
  takerFeeRate(instrument: InstrumentId): number;
  /** What borrowing an asset costs per hour; absent or undefined = not known. */
  borrowRatePerHour?(venue: VenueId, asset: string): number | undefined;
}

/** Null while the instrument has no two-sided quote. */
export function legViewOf(market: MarketReader, id: InstrumentId, wallMs: number): LegView | null {
  const { catalog, table } = market;
  const index = catalog.indexOf(id);
  if (index < 0) return null;
  const bid = table.get(index, slot.bid);
  const ask = table.get(index, slot.ask);
  if (!(bid > 0 && ask > 0)) return null;
  const instrument = catalog.at(index);
  const { venue, kind } = instrument;
  const book = table.books[index];
  const borrowRatePerHour = kind === 'spot' ? borrowRateOf(market, instrument) : undefined;
  const fundingWallMs = table.get(index, slot.fundingWallMs);
  const own: LegView = {
    instrument: id,
    venue,
    kind,
    bid,
    bidQty: known(table.get(index, slot.bidQty)) ?? 0,
    ask,
    askQty: known(table.get(index, slot.askQty)) ?? 0,
    bids: book === undefined ? noLevels : shownOf(book.bids),
    asks: book === undefined ? noLevels : shownOf(book.asks),
    mark: known(table.get(index, slot.mark)),
    index: known(table.get(index, slot.index)),
    funding: kind === 'spot' ? null : fundingOf(table, index),
    feeRateTaker: market.takerFeeRate(id),
    quoteAgeMs: wallMs - table.get(index, slot.quoteWallMs),
    fundingAgeMs: Number.isNaN(fundingWallMs) ? null : wallMs - fundingWallMs,
  };
  const view = borrowRatePerHour === undefined ? own : withBorrow(own, borrowRatePerHour);
  return isInverse(instrument) ? inBaseUnits(view, instrument) : view;
}

/** In the place that it has had in every record. */
function withBorrow(view: LegView, borrowRatePerHour: number): LegView {
  return {
    instrument: view.instrument,
    venue: view.venue,
    kind: view.kind,
    bid: view.bid,
    bidQty: view.bidQty,
    ask: view.ask,
    askQty: view.askQty,
    bids: view.bids,
    asks: view.asks,
    mark: view.mark,
    index: view.index,
    funding: view.funding,
    feeRateTaker: view.feeRateTaker,
    borrowRatePerHour,
    quoteAgeMs: view.quoteAgeMs,
    fundingAgeMs: view.fundingAgeMs,
  };
}

/** A book's levels are never changed in place: a view may keep them as they are. */
function shownOf(levels: readonly Level[]): readonly Level[] {
  return levels.length > viewLevelsMax ? levels.slice(0, viewLevelsMax) : levels;
}

const noLevels: readonly Level[] = [];

/** Contracts of each level at its own price. */
function inBaseUnits(view: LegView, instrument: Instrument): LegView {
  const level = ([price, qty]: Level): Level => [price, baseQtyAt(instrument, qty, price)];
  return {
    ...view,
    bidQty: baseQtyAt(instrument, view.bidQty, view.bid),
    askQty: baseQtyAt(instrument, view.askQty, view.ask),
    bids: view.bids.map(level),
    asks: view.asks.map(level),
  };
}

function borrowRateOf(market: MarketReader, { venue, base }: Instrument): number | undefined {
  return market.borrowRatePerHour?.(venue, base);
}

/** The instruments whose quotes the decision on this input may need. */
export function legsConcerning(state: EngineState, input: EngineInput): readonly InstrumentId[] {
  switch (input.kind) {
    case 'order':
    case 'fill':
    case 'place-result':
    case 'cancel-result':
    case 'query-result': {
      if (input.clientOrderId === null) return allLegs(state);
      const pair = pairOfOrder(state, input.clientOrderId);
      if (pair !== undefined) return instrumentsOf(pair);
      return input.kind === 'fill' ? allLegs(state) : [];
    }
    case 'timer': {
      if (input.timer.startsWith('orphan:')) return [input.timer.slice('orphan:'.length)];
      if (!input.timer.startsWith('pair:')) return [];
      const pair = state.pairs.get(input.timer.slice('pair:'.length));
      if (pair === undefined) return [];
      const own = instrumentsOf(pair);
      // A delta that lives may have to be hedged at a venue of neither leg.
      if (pair.nakedSinceWallMs === null || pair.incoming !== null) return own;
      return [...new Set([...own, ...own.flatMap((id) => alternativesOf(state, id))])];
    }
    case 'pair-seen':
      return input.passes === false ? [] : beside(state, input.view);
    case 'venue-snapshot':
    case 'operator':
      return allLegs(state);
    default:
      return [];
  }
}

/**
 * Beside the view itself: for a pair that could roll into it, the leg that would leave; else what
 * offers the same as one of its legs elsewhere.
 */
function beside(state: EngineState, { long, short }: PairView): readonly InstrumentId[] {
  const found: InstrumentId[] = [];
  const ofLong = liveLegsOn(state, long);
  const ofShort = liveLegsOn(state, short);
  if (ofLong.length + ofShort.length === 0) {
    addOthers(found, alternativesOf(state, long), long, short);
    addOthers(found, alternativesOf(state, short), long, short);
    return found;
  }
  for (const { pair } of ofLong) addOthers(found, instrumentsOf(pair), long, short);
  for (const { pair } of ofShort) addOthers(found, instrumentsOf(pair), long, short);
  return found;
}

/** Each once, and neither of the view's own. */
function addOthers(
  found: InstrumentId[],
  ids: readonly InstrumentId[],
  long: InstrumentId,
  short: InstrumentId,
): void {
  for (const id of ids) {
    if (id !== long && id !== short && !found.includes(id)) found.push(id);
  }
}

/** The same asset, quote and kind at other venues, by instrument; made again when one is new. */
const alternatives = new WeakMap<
  EngineState,
  { readonly known: number; readonly groups: ReadonlyMap<InstrumentId, readonly InstrumentId[]> }
>();

function alternativesOf(state: EngineState, id: InstrumentId): readonly InstrumentId[] {
  let found = alternatives.get(state);
  if (found === undefined || found.known !== state.instruments.size) {
    found = { known: state.instruments.size, groups: groupsOf(state) };
    alternatives.set(state, found);
  }
  return found.groups.get(id) ?? none;
}

const none: readonly InstrumentId[] = [];

function groupsOf(state: EngineState): ReadonlyMap<InstrumentId, readonly InstrumentId[]> {
  const things = new Map<string, InstrumentId[]>();
  const groups = new Map<InstrumentId, readonly InstrumentId[]>();
  for (const each of state.instruments.values()) {
    const thing = thingOf(each);
    const group = things.get(thing) ?? [];
    group.push(each.id);
    things.set(thing, group);
    groups.set(each.id, group);
  }
  return groups;
}

function thingOf({ base, quote, kind }: Instrument): string {
  return `${base}/${quote} ${kind}`;
}

function allLegs(state: EngineState): readonly InstrumentId[] {
  return livePairs(state).flatMap(instrumentsOf);
}

function instrumentsOf(pair: Pair): readonly InstrumentId[] {
  return legsOf(pair).map(({ instrument }) => instrument);
}

function fundingOf(table: MarketTable, index: number): LegView['funding'] {
  const ratePerInterval = table.get(index, slot.ratePerInterval);
  const intervalMs = table.get(index, slot.intervalMs);
  const settlesAtMs = table.get(index, slot.settlesAtMs);
  if (Number.isNaN(ratePerInterval) || !(intervalMs > 0) || !(settlesAtMs > 0)) return null;
  return { ratePerInterval, intervalMs, settlesAtMs };
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
