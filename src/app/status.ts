// The status of a running system from its state, its market table and its drivers. Read-only.

import type {
  Health,
  PairStatusView,
  ProcessView,
  RateView,
  SystemStatus,
  VenueStatusView,
} from '../api/contract.ts';
import { formatDecimal, toNumber } from '../base/decimal.ts';
import { annualized } from '../domain/funding.ts';
import type { Catalog } from '../domain/instrument.ts';
import { type MarketTable, slot } from '../domain/market-table.ts';
import { baseQtyOf, type Pair } from '../domain/pair.ts';
import type { Clock } from '../domain/ports.ts';
import { foreignReasons } from '../engine/others.ts';
import { type EngineState, isReady, type VenueState } from '../engine/state.ts';
import { orderCountsOf, pairCountsOf, pnlOf } from '../engine/summary.ts';
import type { VenueDriver } from '../io/driver-types.ts';
import type { Journal } from '../store/journal.ts';
import type { Latency } from './latency.ts';

/** Closed pairs shown after the live ones. */
export const closedPairsShownMax = 20;

export interface MarketSources {
  readonly catalog: Catalog;
  readonly table: MarketTable;
}

export function healthOf(state: EngineState): Health {
  const reasons: string[] = [];
  if (state.mode !== 'running') reasons.push(`risk is ${state.mode}: ${state.modeReason}`);
  if (state.flattening) reasons.push('flattening: nothing is opened until farb resume');
  if (state.windingDown) reasons.push('winding down');
  for (const [id, venue] of state.venues) reasons.push(...venueReasons(id, venue));
  for (const store of state.storesDown) reasons.push(`store ${store} is down`);
  return { live: true, ready: reasons.length === 0, reasons };
}

function venueReasons(id: string, venue: VenueState): readonly string[] {
  const reasons: string[] = [];
  if (!venue.restUp) reasons.push(`${id}: takes no orders`);
  if (!venue.publicUp) reasons.push(`${id}: market data is down`);
  if (!venue.privateUp) reasons.push(`${id}: the account stream is down`);
  else if (!venue.reconciled) reasons.push(`${id}: not reconciled yet`);
  return [...new Set([...reasons, ...venue.restrictedBy, ...foreignReasons(id, venue)])];
}

export function venueViews(
  state: EngineState,
  drivers: readonly VenueDriver[],
): readonly VenueStatusView[] {
  return drivers.map((driver) => {
    const stats = driver.stats();
    const venue = state.venues.get(driver.venue);
    return {
      venue: driver.venue,
      publicUp: venue?.publicUp ?? false,
      privateUp: venue?.privateUp ?? false,
      restUp: venue?.restUp ?? false,
      reconciled: venue !== undefined && (venue.reconciled || isReady(venue)),
      restrictedBy: venue?.restrictedBy ?? [],
      differences: venue?.differences ?? [],
      instruments: stats.instruments,
      frames: stats.frames,
      unrecognized: stats.unrecognized,
      reconnects: stats.reconnects,
      quoteAgeMs: stats.ages.quote,
      orderHeadroom: stats.rest.orderHeadroom,
      orderSocketUp:
        stats.orderSockets.length === 0
          ? null
          : stats.orderSockets.every(({ state }) => state === 'up'),
      clockOffsetMs: stats.clock.offsetMs,
      clockRoundTripMs: stats.clock.roundTripMs,
    };
  });
}

export function ratesOf({ catalog, table }: MarketSources): readonly RateView[] {
  const rates: RateView[] = [];
  for (const [index, instrument] of catalog.all().entries()) {
    const ratePerInterval = table.get(index, slot.ratePerInterval);
    const intervalMs = table.get(index, slot.intervalMs);
    const settlesAtMs = table.get(index, slot.settlesAtMs);
    if (Number.isNaN(ratePerInterval) || !(intervalMs > 0)) continue;
    rates.push({
      instrument: instrument.id,
      venue: instrument.venue,
      base: instrument.base,
      ratePerInterval,
      intervalMs,
      settlesAtMs,
      apr: annualized(ratePerInterval, intervalMs),
    });
  }
  return rates;
}

export function pairViews(state: EngineState, market: MarketSources): readonly PairStatusView[] {
  const all = [...state.pairs.values()];
  const live = all.filter((pair) => pair.phase !== 'closed');
  const closed = all.filter((pair) => pair.phase === 'closed').slice(-closedPairsShownMax);
  return [...live, ...closed.reverse()].map((pair) => pairView(state, market, pair));
}

function pairView(state: EngineState, market: MarketSources, pair: Pair): PairStatusView {
  const price = state.marks.get(pair.long.instrument)?.price ?? pair.longLimit;
  const qty = pair.phase === 'closed' ? pair.targetQty : baseQtyOf(pair, pair.long);
  return {
    id: pair.id,
    strategy: pair.strategy,
    phase: pair.phase,
    mode: pair.plan.mode,
    modeReason: pair.plan.reason,
    expectedCost: pair.plan.cost,
    long: pair.long.instrument,
    short: pair.short.instrument,
    longQty: formatDecimal(pair.long.qty),
    shortQty: formatDecimal(pair.short.qty),
    notionalUsd: Math.abs(toNumber(qty)) * price,
    openedAtMs: pair.openedTsMs,
    closedAtMs: pair.closedTsMs,
    closeReason: pair.closeReason,
    fundingUsd: pair.fundingUsd,
    carryPerHour: carryOf(market, pair),
    legBreaks: pair.legBreaks,
  };
}

/** Short leg's rate minus long leg's, per hour; a spot leg pays nothing. */
function carryOf({ catalog, table }: MarketSources, pair: Pair): number | null {
  const hourly = (id: string): number | null => {
    const index = catalog.indexOf(id);
    if (index < 0) return null;
    if (catalog.at(index).kind === 'spot') return 0;
    const rate = table.get(index, slot.ratePerInterval);
    const intervalMs = table.get(index, slot.intervalMs);
    return Number.isNaN(rate) || !(intervalMs > 0) ? null : (rate * 3_600_000) / intervalMs;
  };
  const long = hourly(pair.long.instrument);
  const short = hourly(pair.short.instrument);
  return long === null || short === null ? null : short - long;
}

export interface StatusOptions {
  readonly state: EngineState;
  readonly market: MarketSources;
  readonly drivers: readonly VenueDriver[];
  readonly mode: SystemStatus['mode'];
  readonly clock: Clock;
  readonly startedWallMs: number;
  readonly startedTsMs: number;
  readonly journal: Journal;
  readonly latency: Latency;
  readonly quotesConflated: number;
  readonly process: ProcessView;
  readonly rssMb: number;
  readonly alerts: SystemStatus['alerts'];
}

export function statusOf(options: StatusOptions): SystemStatus {
  const { state, market, drivers } = options;
  const { equity, counters } = state;
  return {
    runId: state.runId,
    mode: options.mode,
    seed: state.seed,
    tsMs: options.clock.venueMs(),
    wallMs: options.clock.wallMs(),
    startedWallMs: options.startedWallMs,
    startedTsMs: options.startedTsMs,
    risk: { mode: state.mode, reason: state.modeReason, windingDown: state.windingDown },
    health: healthOf(state),
    venues: venueViews(state, drivers),
    pairs: pairViews(state, market),
    rates: ratesOf(market),
    equityUsd: {
      start: equity.startUsd,
      now: equity.lastUsd,
      peak: equity.peakUsd,
      drawdownMax: equity.drawdownMax,
    },
    pnl: pnlOf(state),
    slippageUsd: counters.slippageUsd,
    orders: orderCountsOf(state),
    pairCounts: pairCountsOf(state),
    fundingPayments: counters.fundingPayments,
    denied: counters.denied,
    nakedDeltaMsMax: counters.nakedDeltaMsMax,
    journal: { path: options.journal.path, records: state.seq },
    latencyUs: options.latency.view(),
    quotesConflated: options.quotesConflated,
    process: options.process,
    rssMb: Math.round(options.rssMb * 10) / 10,
    alerts: options.alerts.slice(-20),
  };
}
