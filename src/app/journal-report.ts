// `farb report`: the performance of a journal, in the same document that a backtest gives. The
// journal is folded from its first record; only what lies between the two times is counted.
import type { BacktestReport } from '../api/backtest-report.ts';
import type { BacktestRun, Sample } from '../backtest/run.ts';
import { TradeBook } from '../backtest/trade-book.ts';
import { toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { dayMs, minuteMs } from '../base/time.ts';
import type { JournalRecord } from '../domain/event.ts';
import { evolve } from '../engine/evolve.ts';
import { type EngineState, emptyState, livePairs } from '../engine/state.ts';
import { readJournal } from '../store/journal.ts';
import { backtestReport } from './backtest-report.ts';

export interface JournalReportRequest {
  readonly journal: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Samples of a journal that is shorter than a few days, in all. */
const samplesWanted = 240;
const shortMs = 10 * dayMs;

export function journalReport(request: JournalReportRequest): BacktestReport {
  const { journal } = request;
  const span = spanOf(request);
  const everyMs =
    span.toMs - span.fromMs < shortMs
      ? Math.max(minuteMs, Math.floor((span.toMs - span.fromMs) / samplesWanted))
      : dayMs;
  const state = emptyState();
  const trades = new TradeBook(state);
  const samples: Sample[] = [];
  let nextMs = span.fromMs;
  let inputs = 0;
  let pnlBefore: ReturnType<typeof causesOf> | null = null;
  const startedMs = performance.now();
  readJournal(journal, (record) => {
    if (record.tsMs > span.toMs) return;
    evolve(state, record);
    trades.observe(record);
    if (record.tsMs < span.fromMs) return;
    if ('input' in record) inputs++;
    if (record.tsMs < nextMs || state.equity.lastUsd === null) return;
    pnlBefore ??= causesOf(state);
    samples.push(sampleOf(state, trades, record.tsMs));
    nextMs = (Math.floor(record.tsMs / everyMs) + 1) * everyMs;
  });
  const lastMs = samples.at(-1)?.tsMs;
  if (lastMs === undefined || pnlBefore === null) {
    throw new UserError(`${journal}: no equity was known in the wanted time; choose another one`);
  }
  if (state.tsMs > lastMs && state.tsMs <= span.toMs) {
    samples.push(sampleOf(state, trades, state.tsMs));
  }
  const run: BacktestRun = {
    state,
    fromMs: samples[0]?.tsMs ?? span.fromMs,
    toMs: samples.at(-1)?.tsMs ?? span.toMs,
    events: inputs,
    samples,
    trips: trades
      .roundTrips()
      .filter(({ closedAtMs }) => closedAtMs === null || closedAtMs >= span.fromMs),
    fills: trades.fills,
    denied: state.counters.denied,
    differences: [],
    scenariosWithoutEffect: 0,
    tierChanges: [],
    interrupted: false,
  };
  const elapsedMs = performance.now() - startedMs;
  const settings = { journal, runId: state.runId };
  const report = backtestReport({ run, elapsedMs, settings, notes: [], capacity: [] });
  return request.fromMs === null ? report : { ...report, pnl: sincePnl(report.pnl, pnlBefore) };
}

/** First and last time of the journal, cut to what is wanted. */
function spanOf({ journal, fromMs, toMs }: JournalReportRequest) {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const { records } = readJournal(
    journal,
    (record: JournalRecord) => {
      // A boot before the venues' clocks are known has no venue time.
      if (record.tsMs > 0 && record.tsMs < first) first = record.tsMs;
      if (record.tsMs > last) last = record.tsMs;
    },
    { factsOnly: true },
  );
  if (records === 0) throw new UserError(`${journal}: holds no record`);
  const span = { fromMs: Math.max(first, fromMs ?? first), toMs: Math.min(last, toMs ?? last) };
  if (span.toMs > span.fromMs) return span;
  throw new UserError(`${journal}: nothing lies between --from and --to; choose other times`);
}

function sampleOf(state: EngineState, trades: TradeBook, tsMs: number): Sample {
  let grossUsd = 0;
  for (const pair of livePairs(state)) {
    for (const { instrument, qty } of [pair.long, pair.short]) {
      grossUsd += Math.abs(toNumber(qty)) * (state.marks.get(instrument)?.price ?? 0);
    }
  }
  return {
    tsMs,
    equityUsd: state.equity.lastUsd ?? Number.NaN,
    fundingUsd: state.attribution.fundingUsd,
    feesUsd: state.attribution.feesUsd,
    grossUsd,
    pairs: trades.openPairs,
  };
}

function causesOf({ attribution, equity }: EngineState) {
  return {
    funding: attribution.fundingUsd,
    basis: attribution.basisUsd,
    residualDelta: attribution.residualDeltaUsd,
    fees: attribution.feesUsd,
    borrow: attribution.borrowUsd,
    collateralFx: attribution.collateralFxUsd,
    total: (equity.lastUsd ?? 0) - (equity.startUsd ?? 0),
  };
}

/** Profit by cause since the start of the wanted time. */
function sincePnl(
  pnl: BacktestReport['pnl'],
  before: ReturnType<typeof causesOf>,
): BacktestReport['pnl'] {
  const explained = Object.entries(before).reduce(
    (sum, [name, value]) => (name === 'total' ? sum : sum + value),
    0,
  );
  const less = { ...before, residual: before.total - explained };
  const since = (name: keyof BacktestReport['pnl']): string =>
    String(Math.round((Number(pnl[name]) - less[name]) * 1e8) / 1e8 || 0);
  return {
    funding: since('funding'),
    basis: since('basis'),
    residualDelta: since('residualDelta'),
    fees: since('fees'),
    borrow: since('borrow'),
    collateralFx: since('collateralFx'),
    residual: since('residual'),
    total: since('total'),
  };
}
