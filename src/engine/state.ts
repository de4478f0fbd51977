// The whole state of the engine as plain data. `evolve` is its only writer; everything in it is
// rebuilt from the journal alone. Limits on what is remembered are named here.
import { type Decimal, fromNumber } from '../base/decimal.ts';
import type { MarginTerms, TimerId } from '../domain/event.ts';
import type { Instrument, InstrumentId, VenueId } from '../domain/instrument.ts';
import { emptyLedger, type Ledger } from '../domain/ledger.ts';
import type { ClientOrderId } from '../domain/order.ts';
import type { OrderState } from '../domain/order-state.ts';
import type { Pair } from '../domain/pair.ts';
import type { Position } from '../domain/position.ts';
import type { PositionEvent } from '../domain/venue-event.ts';
import type { RiskMode } from '../domain/verdict.ts';
import { type Attribution, emptyAttribution } from './attribution.ts';
import { type Bills, emptyBills, type Notice } from './bills.ts';
import { livePairsOf } from './live.ts';

/** Settled orders kept after their pair closed; older ones are forgotten. */
export const ordersRememberedMax = 2_000;
export const pairsRememberedMax = 500;
/** Trade and bill ids kept per venue for dedupe. */
export const idsRememberedMax = 20_000;

export interface VenueState {
  publicUp: boolean;
  privateUp: boolean;
  restUp: boolean;
  /** A snapshot has been compared since the last private disconnect. */
  reconciled: boolean;
  /** Has the opening balance been booked? Once per journal. */
  opened: boolean;
  /** The snapshot that is awaited, or null; and when it was asked for (wall). */
  awaiting: string | null;
  awaitingSinceWallMs: number;
  /** Consecutive snapshots that differed without an explanation. */
  mismatches: number;
  /** Differences of the last snapshot, as text. */
  differences: readonly string[];
  /** Cash of the last snapshot beyond our ledger: what a person may acknowledge. */
  cashGaps: Map<string, Decimal>;
  /** Why nothing may be opened here; empty = nothing. */
  restrictedBy: readonly string[];
  /** Venue time up to which the books are known to match: history is read from here. */
  coveredTsMs: number;
  /** Venue time at which the awaited snapshot was asked for. */
  awaitingSinceTsMs: number;
  /** What the venue last said, by `wallet|asset` and by instrument. */
  readonly reportedBalances: Map<string, Decimal>;
  readonly reportedPositions: Map<InstrumentId, Decimal>;
  /** What those positions cost per base unit, or their mark, where the venue says it. */
  readonly reportedPrices: Map<InstrumentId, Decimal>;
  /** Other installations of this software that trade here: nothing is opened beside them. */
  readonly foreign: Map<string, ClientOrderId>;
  /** What others did here before this venue time is known: the opening, or an acknowledgement. */
  othersFromTsMs: number;
  /** Resting orders of nobody that we know, by the venue's id; told once each. */
  external: ReadonlySet<string>;
  snapshots: number;
  /** Wall times of the orders sent to it within the last window, newest last. */
  recentSends: number[];
  /** Moving average from the send of an order to its answer (wall); null = none was answered. */
  latencyMs: number | null;
  /** Share of its order limits that is left, as its driver last said; null = it never did. */
  orderHeadroom: number | null;
}

export interface WaitingEntry {
  /** Of the last look: net edge on capital after all costs. */
  netOnCapital: number;
  /** The live pairs that hold its legs; none = the limits do not let it. */
  blockedBy: readonly string[];
  /** Since when, without a pause, and until when it was seen (wall). */
  sinceWallMs: number;
  seenWallMs: number;
}

export interface Mark {
  price: number;
  /** Wall time of the newest record that carried it. */
  wallMs: number;
  /** Age of the quote when it was recorded. */
  ageMs: number;
}

export interface Equity {
  /** All in USD; null until every venue's opening balance is booked. */
  startUsd: number | null;
  lastUsd: number | null;
  peakUsd: number | null;
  dayStartUsd: number | null;
  /** The highest equity without, and the day's start of, `Attribution.openingCoinFxUsd`. */
  peakApartUsd: number | null;
  coinFxDayStartUsd: number;
  /** Venue day (epoch days) of `dayStartUsd`. */
  day: number;
  drawdownMax: number;
}

export interface Counters {
  ordersSent: number;
  ordersFilled: number;
  ordersRejected: number;
  ordersCanceled: number;
  ordersUnknown: number;
  pairsOpened: number;
  pairsClosed: number;
  /** Of those, closed because the run was winding down. */
  pairsClosedAtEnd: number;
  legBreaks: number;
  /** Times that a leg moved to another venue. */
  pairsRolled: number;
  fundingPayments: number;
  duplicateFills: number;
  externalFills: number;
  denied: number;
  nakedDeltaMsMax: number;
  /** From an unbalanced pair's last record before a crash to the next boot. */
  nakedWhileDownMsMax: number;
  slippageUsd: number;
  turnoverUsd: number;
}

export interface EngineState {
  seq: number;
  tsMs: number;
  wallMs: number;
  runId: string;
  installation: string;
  epoch: number;
  seed: number | null;
  configDigest: string;
  /** Wall time of the last boot. */
  bootWallMs: number;
  /** This boot had no journal to read: it may only close what the venues hold. */
  fromVenuesAlone: boolean;
  /** It has taken that over. */
  everythingAdopted: boolean;
  venues: Map<VenueId, VenueState>;
  instruments: Map<InstrumentId, Instrument>;
  feeRates: Map<InstrumentId, { taker: number; maker: number }>;
  /** Absent = not known: nothing opens there. */
  marginTerms: Map<InstrumentId, MarginTerms>;
  /** Per hour, by `venue|asset`. */
  borrowRates: Map<string, number>;
  orders: Map<ClientOrderId, OrderState>;
  /** Serial of the next client order id in this epoch. */
  orderSerial: number;
  pairs: Map<string, Pair>;
  pairSerial: number;
  /** Perpetuals and what was bought or sold on spot since the journal began. */
  positions: Map<InstrumentId, Position>;
  /** Of `positions`, what orders of ours left without a pair: it is closed (see orphans.ts). */
  orphans: Map<InstrumentId, Decimal>;
  /** Forced closes that overtook the fill of what they closed. */
  forcedAhead: Map<InstrumentId, Decimal>;
  ledger: Ledger;
  /** `venue|instrument|trade id`. */
  fillsSeen: Set<string>;
  paymentsSeen: Set<string>;
  mode: RiskMode;
  modeReason: string;
  windingDown: boolean;
  /** Operator asked for everything to be closed. */
  flattening: boolean;
  storesDown: Set<string>;
  timers: Map<TimerId, { clock: 'wall' | 'venue'; dueMs: number }>;
  marks: Map<InstrumentId, Mark>;
  equity: Equity;
  attribution: Attribution;
  counters: Counters;
  /** The venues' bills against the formula; see bills.ts. */
  bills: Bills;
  /** What waits to be told as an alert. */
  notices: Notice[];
  /** Wall times of the last order sends, newest last; bounded. */
  recentSends: number[];
  /** Wall time of the last failed entry, by pair key: cooling down. */
  cooldowns: Map<string, number>;
  /** Entries that would be made if something were free, by pair key. */
  waiting: Map<string, WaitingEntry>;
  /** Wall time of the last move of capital to a better use; 0 = never. */
  switchedWallMs: number;
}

/** The window in which sends are counted; those before it are forgotten. */
export const sendWindowMs = 1_000;

/** Sends of the last second; the times ascend. */
export function sendsWithin(sends: readonly number[], wallMs: number): number {
  let count = 0;
  for (let i = sends.length - 1; i >= 0; i--) {
    if (wallMs - (sends[i] as number) < sendWindowMs) count++;
    else break;
  }
  return count;
}

/** Above the highest rate that can be configured, times what reducing orders may exceed it. */
export const recentSendsMax = 50_000;
export const cooldownsMax = 1_000;

export function emptyState(): EngineState {
  return {
    seq: 0,
    tsMs: 0,
    wallMs: 0,
    runId: '',
    installation: '',
    epoch: 0,
    seed: null,
    configDigest: '',
    bootWallMs: 0,
    fromVenuesAlone: false,
    everythingAdopted: false,
    venues: new Map(),
    instruments: new Map(),
    feeRates: new Map(),
    marginTerms: new Map(),
    borrowRates: new Map(),
    orders: new Map(),
    orderSerial: 0,
    pairs: new Map(),
    pairSerial: 0,
    positions: new Map(),
    orphans: new Map(),
    forcedAhead: new Map(),
    ledger: emptyLedger(),
    fillsSeen: new Set(),
    paymentsSeen: new Set(),
    mode: 'running',
    modeReason: '',
    windingDown: false,
    flattening: false,
    storesDown: new Set(),
    timers: new Map(),
    marks: new Map(),
    equity: {
      startUsd: null,
      lastUsd: null,
      peakUsd: null,
      dayStartUsd: null,
      peakApartUsd: null,
      coinFxDayStartUsd: 0,
      day: 0,
      drawdownMax: 0,
    },
    attribution: emptyAttribution(),
    counters: {
      ordersSent: 0,
      ordersFilled: 0,
      ordersRejected: 0,
      ordersCanceled: 0,
      ordersUnknown: 0,
      pairsOpened: 0,
      pairsClosed: 0,
      pairsClosedAtEnd: 0,
      legBreaks: 0,
      pairsRolled: 0,
      fundingPayments: 0,
      duplicateFills: 0,
      externalFills: 0,
      denied: 0,
      nakedDeltaMsMax: 0,
      nakedWhileDownMsMax: 0,
      slippageUsd: 0,
      turnoverUsd: 0,
    },
    bills: emptyBills(),
    notices: [],
    recentSends: [],
    cooldowns: new Map(),
    waiting: new Map(),
    switchedWallMs: 0,
  };
}

export function emptyVenueState(): VenueState {
  return {
    publicUp: false,
    privateUp: false,
    restUp: false,
    reconciled: false,
    opened: false,
    awaiting: null,
    awaitingSinceWallMs: 0,
    mismatches: 0,
    differences: [],
    cashGaps: new Map(),
    restrictedBy: [],
    coveredTsMs: 0,
    awaitingSinceTsMs: 0,
    reportedBalances: new Map(),
    reportedPositions: new Map(),
    reportedPrices: new Map(),
    foreign: new Map(),
    othersFromTsMs: 0,
    external: new Set(),
    snapshots: 0,
    recentSends: [],
    latencyMs: null,
    orderHeadroom: null,
  };
}

/** Connected, reconciled and without an unexplained difference: may be opened on. */
export function isReady(venue: VenueState): boolean {
  const { publicUp, privateUp, reconciled, restrictedBy, foreign } = venue;
  return publicUp && privateUp && reconciled && restrictedBy.length === 0 && foreign.size === 0;
}

/** Names what an entry would be: a strategy and its two instruments. */
export function keyOf(view: { strategy: string; long: string; short: string }): string {
  return `${view.strategy} ${view.long} ${view.short}`;
}

/** Remembers when an entry failed; the oldest such memory goes when there are too many. */
export function coolDown(state: EngineState, key: string): void {
  state.cooldowns.delete(key);
  state.cooldowns.set(key, state.wallMs);
  if (state.cooldowns.size <= cooldownsMax) return;
  for (const oldest of state.cooldowns.keys()) {
    state.cooldowns.delete(oldest);
    return;
  }
}

/** Live pairs in the order of their creation. */
export function livePairs(state: EngineState): readonly Pair[] {
  return livePairsOf(state).pairs;
}

/** The pair and leg that an order belongs to. */
export function pairOfOrder(state: EngineState, id: ClientOrderId): Pair | undefined {
  const pairId = state.orders.get(id)?.order.pairId;
  return pairId === undefined || pairId === null ? undefined : state.pairs.get(pairId);
}

/** Keeps a position report's quantity and price: zero positions are dropped. */
export function reportPosition(venue: VenueState, event: PositionEvent): void {
  if (event.instrument === null) return;
  if (event.qty === 0n) {
    venue.reportedPositions.delete(event.instrument);
    venue.reportedPrices.delete(event.instrument);
    return;
  }
  venue.reportedPositions.set(event.instrument, event.qty);
  const { entryPrice, markPrice } = event;
  const price = entryPrice ?? (markPrice === null ? null : fromNumber(markPrice));
  if (price !== null) venue.reportedPrices.set(event.instrument, price);
}

/** The venue's state, made on first mention. */
export function venueOf(state: EngineState, id: string): VenueState {
  let venue = state.venues.get(id);
  if (venue === undefined) {
    venue = emptyVenueState();
    state.venues.set(id, venue);
  }
  return venue;
}
