import { describe, expect, it } from 'vitest';
import { decimal } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import { ColumnsBuilder, seriesOf } from './columns.ts';
import { dataSet } from './data-set.ts';
import { fundingLedger, type LedgerPosition } from './funding-ledger.ts';
import type { SeriesId } from './series.ts';

const startMs = 1_709_078_400_000; // 2024-02-28T00:00Z
const at = (hours: number) => startMs + hours * hourMs;
const base = { venue: 'v', symbol: 'BTCUSD', market: 'perp', interval: null } as const;

function series(id: SeriesId, rows: readonly (readonly number[])[]) {
  const builder = new ColumnsBuilder(id);
  for (const [hours = 0, ...rest] of rows) builder.push(Float64Array.of(at(hours), ...rest));
  return seriesOf(builder.columns());
}

const funding = (rows: readonly (readonly [hours: number, rate: number])[]) =>
  series(
    { ...base, kind: 'funding' },
    rows.map(([hours, rate]) => [hours, rate, Number.NaN, Number.NaN]),
  );
const bars = (market: 'perp' | 'mark', rows: readonly (readonly [number, number, number])[]) =>
  series(
    { ...base, kind: 'bars', market, interval: '8h' },
    rows.map(([hours, open, close]) => [hours, open, close, open, close, Number.NaN]),
  );

const data = dataSet([
  funding([
    [0, 0.0001],
    [8, 0.0002],
    [16, -0.0003],
    [24, 0.0005],
  ]),
  bars('perp', [
    [0, 50_000, 51_000],
    [8, 51_000, 52_500],
    [16, 60_000, 61_000],
  ]),
  bars('mark', [[8, 51_010, 52_510]]),
]);
const position = (change: Partial<LedgerPosition> = {}): LedgerPosition => ({
  ...{ venue: 'v', symbol: 'BTCUSD', qty: decimal('-2'), inverse: false },
  ...{ fromMs: at(0), toMs: at(16) },
  ...change,
});
const ledger = (one: LedgerPosition, price: 'open' | 'close' | 'mark' = 'open') =>
  fundingLedger([one], data, { price, interval: '8h' });

describe('a funding ledger', () => {
  it('a short of 2 coins over two settlements, by hand', () => {
    // (0, 16]: the settlement at 0 h does not count, the one at 16 h does.
    //  8 h: -(-2) x 51,000 x  0.0002 = +20.4
    // 16 h: -(-2) x 60,000 x -0.0003 = -36
    const { total, payments, byVenue, bySymbol, missing, unknown } = ledger(position());
    expect(payments.map(({ tsMs, payment }) => [tsMs, payment])).toEqual([
      [at(8), '20.4'],
      [at(16), '-36'],
    ]);
    expect(total).toBe('-15.6');
    expect(byVenue).toEqual({ v: '-15.6' });
    expect(bySymbol).toEqual({ 'v BTCUSD': '-15.6' });
    expect([missing, unknown]).toEqual([[], []]);
  });

  it('a true inverse short of 100,000 USD of face, by hand', () => {
    //  8 h: -(-100,000 / 51,000) x  0.0002 = +0.000392156862745098 coin, worth 20 USD
    // 16 h: -(-100,000 / 60,000) x -0.0003 = -0.0005 coin, worth -30 USD
    const { payments, total } = ledger(position({ qty: decimal('-100000'), inverse: true }));
    expect(payments.map(({ payment, paymentCoin }) => [payment, paymentCoin])).toEqual([
      ['20', '0.000392156862745098'],
      ['-30', '-0.0005'],
    ]);
    expect(total).toBe('-10');
  });

  it('the close of the bar, or the mark bar, when asked for', () => {
    // 8 h: 2 x 52,500 x 0.0002 = 21; 16 h: 2 x 61,000 x -0.0003 = -36.6
    expect(ledger(position(), 'close').payments.map(({ payment }) => payment)).toEqual([
      ...['21', '-36.6'],
    ]);
    // 8 h: 2 x 51,010 x 0.0002 = 20.404
    const { payments, missing } = ledger(position(), 'mark');
    expect(payments.map(({ payment }) => payment)).toEqual(['20.404']);
    expect(missing).toEqual([
      { venue: 'v', symbol: 'BTCUSD', tsMs: at(16), reason: 'no-bar-at-settlement' },
    ]);
  });

  it('a settlement that no bar contains is missing and in no sum', () => {
    const { total, missing } = ledger(position({ fromMs: at(8), toMs: at(24) }));
    expect(total).toBe('-36');
    expect(missing.map(({ tsMs, reason }) => [tsMs, reason])).toEqual([
      [at(24), 'no-bar-at-settlement'],
    ]);
    const without = fundingLedger([position()], data, { price: 'open', interval: '1h' });
    expect(without.missing.map(({ reason }) => reason)).toEqual(['no-bars', 'no-bars']);
    expect(without.total).toBe('0');
  });

  it('stretches without a recorded settlement are said', () => {
    const { unknown } = ledger(position({ fromMs: at(-24), toMs: at(72) }));
    expect(unknown.map(({ reason, fromMs, toMs }) => [reason, fromMs, toMs])).toEqual([
      ['before-first-settlement', at(-24), at(-8)],
      ['after-last-settlement', at(32), at(72)],
    ]);
    const holed = dataSet([
      funding([
        [0, 0.1],
        [8, 0.1],
        [32, 0.1],
        [40, 0.1],
      ]),
    ]);
    const wide = position({ toMs: at(40) });
    expect(fundingLedger([wide], holed, { price: 'open', interval: '8h' }).unknown).toEqual([
      { venue: 'v', symbol: 'BTCUSD', fromMs: at(8), toMs: at(32), reason: 'hole' },
    ]);
    const other = ledger(position({ symbol: 'ETHUSD' }));
    expect(other.unknown.map(({ reason }) => reason)).toEqual(['no-funding']);
    expect(other.payments).toEqual([]);
  });

  it('sums over positions by venue and by symbol', () => {
    const both = [position(), position({ qty: decimal('1') })];
    const { total, bySymbol } = fundingLedger(both, data, { price: 'open', interval: '8h' });
    expect(total).toBe('-7.8');
    expect(bySymbol).toEqual({ 'v BTCUSD': '-7.8' });
  });
});
