import { describe, expect, it } from 'vitest';
import { alertsIn, binancePerp, binanceSpot, EngineRig } from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import type { Effect, EngineInput } from '../domain/event.ts';
import type { FillEvent } from '../domain/venue-event.ts';

const hour = 500_000 * hourMs;
const rates = { taker: 0.0005, maker: 0.0002 };

function feeRig(): EngineRig {
  const rig = EngineRig.running();
  const instruments = [binancePerp, binanceSpot];
  const feeRates = { [binancePerp.id]: rates, [binanceSpot.id]: { taker: 0.001, maker: 0.001 } };
  rig.put({ kind: 'instruments', venue: 'binance', instruments, feeRates });
  return rig;
}

const messages = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === 'alert' ? [effect.message] : []));

describe('a fee', () => {
  const checked = (changes: Partial<FillEvent>) => {
    const rig = feeRig();
    const { long } = rig.open('0.1');
    const effects = rig.fill(long, changes);
    return { bills: rig.state.bills, alerts: alertsIn(effects), effects, rig };
  };

  // 0.1 x 50,000 = 5,000; x 0.0005 = 2.5.
  it('by the stated rate is quiet', () => {
    const { bills, alerts } = checked({ fee: decimal('-2.5') });
    expect(bills).toMatchObject({ feesChecked: 1, feesDiffering: 0 });
    expect(alerts).toEqual([]);
  });

  it('one unit beside it is the rounding of the venue, two are not', () => {
    expect(checked({ fee: decimal('-2.50000001') }).alerts).toEqual([]);
    const { alerts, effects, bills } = checked({ fee: decimal('-2.50000002') });
    expect(alerts).toEqual(['fee-differs']);
    expect(messages(effects)[0]).toContain('fee -2.50000002, by the stated taker rate 0.0005');
    expect(bills.feesDiffering).toBe(1);
  });

  it('as a maker goes by the maker rate', () => {
    expect(checked({ fee: decimal('-1'), liquidity: 'maker' }).alerts).toEqual([]);
  });

  it('in another coin cannot be compared, and is counted so', () => {
    const { bills, alerts } = checked({ fee: decimal('-0.004'), feeAsset: 'BNB' });
    expect(bills).toMatchObject({ feesChecked: 0, unchecked: 1 });
    expect(alerts).toEqual([]);
  });

  it('is told once, whichever messages bring the trade again', () => {
    const { rig, alerts } = checked({ fee: decimal('-9'), fillId: 'same' });
    expect(alerts).toEqual(['fee-differs']);
    const again = rig.fill('none', { fee: decimal('-9'), fillId: 'same' });
    expect(alertsIn(again)).not.toContain('fee-differs');
    expect(alertsIn(rig.marks(50_000))).toEqual([]);
    expect(rig.state.notices).toEqual([]);
  });

  // 0.1 BTC bought: 0.1 x 0.001 = 0.0001 BTC.
  it('on coins that are bought is paid in the coin', () => {
    const bought = (fee: string) => {
      const rig = feeRig();
      const coins = { instrument: binanceSpot.id, feeAsset: 'BTC', fee: decimal(fee) };
      return { effects: rig.fill('by-hand', coins), rig };
    };
    expect(bought('-0.0001').rig.state.bills).toMatchObject({ feesChecked: 1, feesDiffering: 0 });
    expect(alertsIn(bought('-0.0002').effects)).toContain('fee-differs');
  });
});

describe('funding', () => {
  /** 0.1 held since an hour before. */
  function heldRig(): EngineRig {
    const rig = EngineRig.running();
    const { long } = rig.open('0.1');
    rig.fill(long, { venueTsMs: hour - hourMs });
    return rig;
  }
  const bill = (
    amount: string,
    changes: Partial<Extract<EngineInput, { kind: 'funding-payment' }>> = {},
  ) =>
    ({
      kind: 'funding-payment',
      venue: 'binance',
      symbol: 'BTCUSDT',
      instrument: binancePerp.id,
      venueTsMs: hour + 4,
      id: 'b1',
      amount: decimal(amount),
      asset: 'USDT',
      wallet: 'futures',
      ...changes,
    }) as const;
  const settled = {
    kind: 'funding-settled',
    venue: 'binance',
    instrument: binancePerp.id,
    settledAtMs: hour,
    rate: decimal('0.0001'),
    mark: decimal('50000'),
  } as const;

  // Long 0.1 x 50,000 x 0.0001 pays 0.5.
  it('as the formula has it is quiet', () => {
    const rig = heldRig();
    rig.put(bill('-0.5'));
    expect(alertsIn(rig.put(settled))).toEqual([]);
    expect(rig.state.bills).toMatchObject({ fundingChecked: 1, fundingDiffering: 0 });
  });

  it('billed otherwise is told with every term', () => {
    const rig = heldRig();
    rig.put(bill('0.5'));
    const effects = rig.put(settled);
    expect(alertsIn(effects)).toEqual(['funding-differs']);
    expect(messages(effects)[0]).toMatch(
      /0.5 billed; 0.1 held at 50000 and rate 0.0001 make -0.5$/,
    );
    expect(alertsIn(rig.marks(50_000))).toEqual([]);
  });

  it('that was not billed at all is told', () => {
    const effects = heldRig().put(settled);
    expect(messages(effects)[0]).toContain('nothing was billed');
  });

  it('takes the price of the bill where the history names none', () => {
    const rig = heldRig();
    rig.put(bill('-0.5', { mark: decimal('50000') }));
    expect(alertsIn(rig.put({ ...settled, mark: null }))).toEqual([]);
    expect(rig.state.bills.fundingChecked).toBe(1);
  });

  it('allows for the digits of the rate that the venue does not publish', () => {
    const rig = heldRig(); // 5,000 x 5e-9 = 0.000025
    rig.put(bill('-0.500025'));
    expect(alertsIn(rig.put(settled))).toEqual([]);
  });

  it('of a position that changed around the settlement is not judged', () => {
    const rig = heldRig();
    rig.fill('by-hand', { venueTsMs: hour - 1_000, qty: decimal('0.2') });
    rig.put(bill('-1.5'));
    const { unchecked } = rig.state.bills;
    expect(alertsIn(rig.put(settled))).toEqual([]);
    expect(rig.state.bills).toMatchObject({ fundingChecked: 0, unchecked: unchecked + 1 });
  });

  it('of two contracts with one number is booked twice', () => {
    const rig = heldRig();
    rig.put(bill('-0.5'));
    rig.put(bill('-0.25', { instrument: 'binance:ETH-USDT-PERP', symbol: 'ETHUSDT' }));
    rig.put(bill('-0.25', { instrument: 'binance:ETH-USDT-PERP', symbol: 'ETHUSDT' }));
    expect(rig.state.counters.fundingPayments).toBe(2);
  });
});
