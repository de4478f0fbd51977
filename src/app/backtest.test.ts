// `farb backtest` on directories of csv files, as a user has them: venues and symbols that nobody
// has heard of, and the recorded data where it is.
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCsvVenue } from '../../test/support/csv-history.ts';
import { hasRealData, noRealData, realDataDir } from '../../test/support/real-data.ts';
import { backtestReportSchema } from '../api/backtest-report.ts';
import { hourMs, tryTime } from '../base/time.ts';
import { type BacktestRequest, backtest } from './backtest.ts';
import { backtestText } from './backtest-text.ts';
import { loadConfig } from './config.ts';

const config = loadConfig('config', {});
const startMs = Date.UTC(2024, 0, 1);
const hours = 96;
let dir = '';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-backtest-'));
  writeVenue('somewhere', 'NEW-USDT-SWAP', 0);
  writeVenue('elsewhere', 'NEWUSDT', 0.002);
  writeVenue('thirdplace', 'NEWUSD_PERP', 0.002); // inverse by its name
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeVenue(venue: string, symbol: string, rate: number): void {
  writeCsvVenue({ dir, venue, symbol, startMs, hours, price: () => 2.5, rate: () => rate });
}

function request(more: Partial<BacktestRequest> = {}): BacktestRequest {
  return {
    config,
    dir,
    strategy: 'perp-perp',
    set: ['depth.halfSpread=0', 'depth.touchUsd=1e9', 'fees.perp=0'],
    fromMs: null,
    toMs: null,
    capitalUsd: 20_000,
    interval: '1h',
    venues: null,
    assets: null,
    scenarioFile: null,
    ...more,
  };
}

const onward = () => true;

describe('a directory of csv files', () => {
  it('venues and symbols that nobody knows run, and give the sum of the payments', async () => {
    const report = await backtest(request(), onward);
    expect(backtestReportSchema.parse(report)).toEqual(report);
    // 4,000 / 2.5 = 1,600 units; a payment 4,000 x 0.002 = 8. Opened at hour 8, closed at hour 95:
    // settlements at 16, 24, ..., 88: ten. 80.
    expect(report.equityEnd).toBe('20080');
    expect(report.pnl).toMatchObject({ funding: '80', fees: '0', residual: '0', total: '80' });
    expect(report.trades).toMatchObject([
      { long: 'somewhere:NEW-USDT-PERP', short: 'elsewhere:NEW-USDT-PERP', net: '80' },
    ]);
    expect(report.byPair).toMatchObject([{ trades: 1, winning: 1, net: '80' }]);
    expect(report.notes.join('\n')).toContain('thirdplace NEWUSD_PERP');
    expect(report.dailyEquity.map(({ equity }) => equity)).toEqual([
      '20000',
      '20016',
      '20040',
      '20064',
      '20080',
    ]);
    expect(report.ledgerResidual).toBe('0');
    expect(backtestText(report)).toContain('equity 20,000.00 -> 20,080.00 USD');
  });

  it('fees that are set are paid, and a strategy parameter decides', async () => {
    const set = [...request().set, 'fees.elsewhere.perp=0.001'];
    // Two fills of 4,000 there: 8.
    expect((await backtest(request({ set }), onward)).pnl.fees).toBe('-8');
    const never = [...request().set, 'netEdgeMin=0.5'];
    expect((await backtest(request({ set: never }), onward)).trades).toEqual([]);
  });

  it('a run can be cut in time, and be interrupted in order', async () => {
    const fromMs = startMs + 24 * hourMs;
    const later = await backtest(request({ fromMs }), onward);
    expect(later.from).toBe('2024-01-02T00:00:00.000Z');
    const stopped = await backtest(request(), () => false);
    expect(stopped.interrupted).toBe(true);
  });

  it('scenarios are played in', async () => {
    const file = join(dir, 'scenario.json');
    const at = '2024-01-02T12:30Z';
    const adl = { kind: 'adl', at, venue: 'elsewhere', symbol: 'NEWUSDT', share: 1 };
    writeFileSync(file, JSON.stringify([adl]));
    const report = await backtest(request({ scenarioFile: file }), onward);
    expect(report.trades[0]).toMatchObject({ forcedFills: 1 });
  });

  it.each([
    [{ set: ['nonsense=1'] }, /--set nonsense: unknown field/],
    [{ set: ['netEdgeMin'] }, /write name=value/],
    [{ set: ['fees.perp=2'] }, /out of range/],
    [{ set: ['depth.nothing=1'] }, /halfSpread/],
    [{ set: ['risk.nothing=1'] }, /--set risk/],
    [{ strategy: 'nothing' }, /Known: perp-perp/],
    [{ interval: '1s' }, /--interval 1s/],
    [{ interval: '4h' }, /no pair of perp-perp has 4h bars/],
    [{ fromMs: startMs + 95 * hourMs }, /Choose another --from/],
    [{ set: ['delayMs=20m'] }, /delayMs/],
    [{ dir: 'no-such-directory' }, /no-such-directory/],
    [{ scenarioFile: 'no-such-file' }, /--scenario no-such-file/],
  ] as const)('%o is refused in one line', async (wrong, message) => {
    await expect(backtest(request(wrong), onward)).rejects.toThrow(message);
  });
});

describe('recorded data', () => {
  it('a month of BTC on three venues keeps its books', async (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const some = mkdtempSync(join(tmpdir(), 'farb-backtest-btc-'));
    for (const name of readdirSync(realDataDir)) {
      if (!/^(binance|okx|bybit)_BTC-?USDT.*(funding|1h|l1)/.test(name)) continue;
      symlinkSync(join(realDataDir, name), join(some, name));
    }
    const report = await backtest(
      request({
        dir: some,
        strategy: null,
        set: [],
        fromMs: tryTime('2024-02-28'),
        toMs: tryTime('2024-03-28'),
        capitalUsd: 100_000,
      }),
      onward,
    );
    rmSync(some, { recursive: true });
    expect(backtestReportSchema.safeParse(report).success).toBe(true);
    expect(report.ledgerResidual).toBe('0');
    expect(Math.abs(Number(report.pnl.residual))).toBeLessThan(0.01);
    expect(report.trades.length).toBeGreaterThan(0);
    // What the pairs earned is what was earned, but for the dust of spot buys that no pair owns.
    const net = report.trades.reduce((sum, trade) => sum + Number(trade.net), 0);
    expect(Math.abs(net - Number(report.pnl.total))).toBeLessThan(1);
    expect(report.notes.join('\n')).toContain('spread and depth from recorded quotes');
  });
});
