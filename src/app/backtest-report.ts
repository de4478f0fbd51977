// From a run of the exact backtest to its report.

import { aprOf, maxDrawdownOf, returnsOf, sharpeOf, sortinoOf } from '../analytics/performance.ts';
import type { BacktestReport } from '../api/backtest-report.ts';
import type { CapacityPoint } from '../backtest/capacity.ts';
import { volumeDays } from '../backtest/fee-tiers.ts';
import type { BacktestRun } from '../backtest/run.ts';
import type { RoundTrip } from '../backtest/trade-book.ts';
import { formatDecimal, fromNumber } from '../base/decimal.ts';
import { mean } from '../base/stats.ts';
import { dayMs, hourMs, isoUtc } from '../base/time.ts';
import { livePairs } from '../engine/state.ts';
import { ledgerResidualOf, orderCountsOf, pnlOf, stateHashOf } from '../engine/summary.ts';

export interface ReportOptions {
  readonly run: BacktestRun;
  readonly elapsedMs: number;
  readonly settings: BacktestReport['settings'];
  readonly notes: readonly string[];
  readonly capacity: readonly CapacityPoint[];
}

export function backtestReport(options: ReportOptions): BacktestReport {
  const { run, elapsedMs, settings, notes } = options;
  const { state, samples, trips } = run;
  const equity = samples.map(({ equityUsd }) => equityUsd);
  const start = equity[0] ?? Number.NaN;
  const end = equity.at(-1) ?? Number.NaN;
  // Days, and what the run has of its first and last one.
  const days = samples.filter(
    ({ tsMs }, k) => tsMs % dayMs === 0 || k === 0 || k === samples.length - 1,
  );
  const returns = returnsOf(days.map(({ equityUsd }) => equityUsd));
  return {
    from: isoUtc(run.fromMs),
    to: isoUtc(run.toMs),
    events: run.events,
    eventsPerSecond: Math.round(run.events / Math.max(0.001, elapsedMs / 1_000)),
    equityStart: usd(start),
    equityEnd: usd(end),
    pnl: pnlOf(state),
    aprNet: aprOf(start, end, run.toMs - run.fromMs),
    sharpe: sharpeOf(returns),
    sortino: sortinoOf(returns),
    maxDrawdown: maxDrawdownOf(equity),
    turnover: state.counters.turnoverUsd / mean(equity),
    trades: trips.map(tradeOf),
    byPair: byPairOf(trips),
    dailyEquity: samples.map((sample) => ({
      at: isoUtc(sample.tsMs),
      equity: usd(sample.equityUsd),
      funding: usd(sample.fundingUsd),
      fees: usd(sample.feesUsd),
      grossExposure: usd(sample.grossUsd),
      pairs: sample.pairs,
    })),
    capacity: options.capacity.map(({ notionalUsd, netUsd, tradedUsd }) => ({
      notionalUsd: usd(notionalUsd),
      net: usd(netUsd),
      netPerNotional: tradedUsd > 0 ? netUsd / tradedUsd : null,
    })),
    orders: orderCountsOf(state),
    fills: run.fills,
    denied: run.denied,
    pairsOpenAtEnd: livePairs(state).length,
    fundingPayments: state.counters.fundingPayments,
    slippage: usd(state.counters.slippageUsd),
    ledgerResidual: ledgerResidualOf(state),
    stateHash: stateHashOf(state),
    settings,
    interrupted: run.interrupted,
    notes: [...notes, ...notesOf(run)],
  };
}

function notesOf(run: BacktestRun): readonly string[] {
  const notes: string[] = [];
  const open = livePairs(run.state).length;
  if (open > 0) notes.push(`${open} pairs could not be closed at the end: valued at the last mark`);
  for (const text of run.differences)
    notes.push(`the books are not the venue's at the end: ${text}`);
  for (const { tsMs, venue, market, tier, volumeUsd } of run.tierChanges) {
    const volume = Math.round(volumeUsd).toLocaleString('en-US');
    notes.push(
      `${isoUtc(tsMs).slice(0, 10)}: ${venue} ${market} pays ${formatDecimal(tier.taker)} from ` +
        `here on, after ${volume} USD in ${volumeDays} days`,
    );
  }
  if (run.scenariosWithoutEffect > 0) {
    notes.push(`${run.scenariosWithoutEffect} scenarios found no position to close`);
  }
  return notes;
}

function tradeOf(trip: RoundTrip): BacktestReport['trades'][number] {
  return {
    pairId: trip.pairId,
    strategy: trip.strategy,
    long: trip.long,
    short: trip.short,
    openedAt: isoUtc(trip.openedAtMs),
    closedAt: trip.closedAtMs === null ? null : isoUtc(trip.closedAtMs),
    hours: hoursOf(trip),
    qty: formatDecimal(fromNumber(trip.qty)),
    notionalUsd: usd(trip.notionalUsd),
    edgeExpected: trip.edgeExpected,
    funding: usd(trip.fundingUsd),
    price: usd(trip.priceUsd),
    fees: usd(trip.feesUsd),
    net: usd(trip.netUsd),
    closeReason: trip.closeReason,
    legBreaks: trip.legBreaks,
    forcedFills: trip.forcedFills,
  };
}

function hoursOf({ openedAtMs, closedAtMs }: RoundTrip): number {
  return closedAtMs === null ? 0 : Math.round(((closedAtMs - openedAtMs) / hourMs) * 100) / 100;
}

/** Best first. */
function byPairOf(trips: readonly RoundTrip[]): BacktestReport['byPair'] {
  const groups = new Map<string, RoundTrip[]>();
  for (const trip of trips) {
    const pair = `${trip.strategy} ${trip.long}>${trip.short}`;
    const group = groups.get(pair);
    if (group === undefined) groups.set(pair, [trip]);
    else group.push(trip);
  }
  const sum = (group: readonly RoundTrip[], pick: (trip: RoundTrip) => number): number =>
    group.reduce((total, trip) => total + pick(trip), 0);
  return [...groups]
    .map(([pair, group]) => ({ pair, group, net: sum(group, ({ netUsd }) => netUsd) }))
    .sort((a, b) => b.net - a.net)
    .map(({ pair, group, net }) => ({
      pair,
      trades: group.length,
      winning: group.filter(({ netUsd }) => netUsd > 0).length,
      hours: Math.round(sum(group, hoursOf) * 100) / 100,
      notionalUsd: usd(sum(group, ({ notionalUsd }) => notionalUsd)),
      funding: usd(sum(group, ({ fundingUsd }) => fundingUsd)),
      price: usd(sum(group, ({ priceUsd }) => priceUsd)),
      fees: usd(sum(group, ({ feesUsd }) => feesUsd)),
      net: usd(net),
    }));
}

/** At most eight decimals: what the books are kept in. */
function usd(value: number): string {
  if (!Number.isFinite(value)) return '0';
  return formatDecimal(fromNumber(Number(value.toFixed(8))));
}
