// A backtest whose records are written as a journal gives, read back, the report that it gave
// itself: live runs and backtests are judged by one yardstick.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  contractOf,
  everyHours,
  policyOf,
  startMs,
  tapeOf,
} from '../../test/support/backtest-tape.ts';
import { type BacktestReport, backtestReportSchema } from '../api/backtest-report.ts';
import { type BacktestRun, runBacktest } from '../backtest/run.ts';
import { decimal } from '../base/decimal.ts';
import { dayMs, hourMs } from '../base/time.ts';
import { openJournal, readJournal } from '../store/journal.ts';
import { backtestReport } from './backtest-report.ts';
import { journalReport } from './journal-report.ts';
import { readReport, writeHtml } from './report.ts';

const bars = 24 * 14;
let dir = '';
let journal = '';
let run: BacktestRun;
let report: BacktestReport;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-report-'));
  journal = join(dir, 'journal');
  const spec = { bars, price: () => 100, settlesAtHours: everyHours(8, bars), fee: '0.0002' };
  const tail = readJournal(journal, () => undefined, { mayBeNew: true });
  const onError = (error: Error): void => {
    throw error;
  };
  const written = openJournal({ path: journal, tail, durability: 'os', onError });
  run = runBacktest({
    tape: tapeOf([
      contractOf({ ...spec, venue: 'binance' }),
      // Pays until day 5, then the other way round: two round trips.
      contractOf({ ...spec, venue: 'bybit', rate: (hour) => (hour < 120 ? 0.002 : -0.002) }),
    ]),
    policy: policyOf({}),
    capitalUsd: decimal('20000'),
    leverage: 3,
    latencyMs: 50,
    dataDelayMs: 65_000,
    onRecord: (record) => written.append(record),
  });
  written.commit();
  written.close();
  report = backtestReport({ run, elapsedMs: 1, settings: {}, notes: [], capacity: [] });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the report of a journal', () => {
  it('is that of the run which wrote it', () => {
    const read = journalReport({ journal, fromMs: null, toMs: null });
    expect(backtestReportSchema.parse(read)).toEqual(read);
    expect(read.trades).toEqual(report.trades);
    expect(read.trades.length).toBe(2);
    expect(read.byPair).toEqual(report.byPair);
    expect(read.pnl).toEqual(report.pnl);
    expect(read.equityEnd).toBe(report.equityEnd);
    expect(read.fills).toBe(report.fills);
    expect(read.stateHash).toBe(report.stateHash);
  });

  it('from a time on counts only what came after it', () => {
    const all = journalReport({ journal, fromMs: null, toMs: null });
    const late = journalReport({ journal, fromMs: startMs + 8 * dayMs, toMs: null });
    expect(late.trades).toHaveLength(1);
    expect(Number(late.pnl.total)).toBeCloseTo(
      Number(late.equityEnd) - Number(late.equityStart),
      6,
    );
    expect(Number(late.pnl.funding)).toBeLessThan(Number(all.pnl.funding));
    const early = journalReport({ journal, fromMs: null, toMs: startMs + 3 * dayMs });
    expect(early.trades).toMatchObject([{ closedAt: null }]);
    expect(early.pairsOpenAtEnd).toBe(1);
  });

  it('a short journal is sampled finely enough to be drawn', () => {
    const toMs = startMs + 20 * hourMs;
    const { dailyEquity } = journalReport({ journal, fromMs: null, toMs });
    expect(dailyEquity.length).toBeGreaterThan(10);
  });

  it('a time without records is refused', () => {
    const wrong = { journal, fromMs: startMs + 100 * dayMs, toMs: null };
    expect(() => journalReport(wrong)).toThrow(/choose other times/);
  });
});

describe('documents of backtests', () => {
  it('are read back, and drawn side by side', () => {
    const file = join(dir, 'one.json');
    writeFileSync(file, JSON.stringify(report));
    const named = readReport(file);
    expect(named).toEqual({ name: 'one', report });
    const page = join(dir, 'page.html');
    writeHtml(page, 'two', [named, { ...named, name: 'two' }]);
    expect(() => writeHtml(join(dir, 'no', 'page.html'), 't', [named])).toThrow(/--html/);
  });

  it('anything else is refused in one line', () => {
    const file = join(dir, 'bad.json');
    writeFileSync(file, '{"from": 1}');
    expect(() => readReport(file)).toThrow(/bad.json: .*farb backtest --json/);
    expect(() => readReport(join(dir, 'none.json'))).toThrow(/none.json/);
  });
});
