// The whole system over the seeded market with hardly any money: what the wallets cannot carry is
// cut or refused before it is sent, so that no venue has to reject it.
import { expect, it } from 'vitest';
import { runStartMs, testPolicy } from '../../test/support/in-process-run.ts';
import { decimal, toNumber } from '../base/decimal.ts';
import type { JournalRecord } from '../domain/event.ts';
import { createSimExchange } from '../sim/exchange.ts';
import { runInProcess } from '../sim/in-process.ts';
import { seededMarket } from '../sim/seeded-market.ts';
import { defaultScanOptions } from '../strategy/scan.ts';

it('with 900 dollars a wallet pairs open smaller, no order is rejected for want of it', () => {
  const market = seededMarket({ seed: 7, startMs: runStartMs });
  const wallets = { binance: ['spot', 'futures'], okx: ['unified'], bybit: ['unified'] };
  const exchanges = Object.entries(wallets).map(([venue, names]) =>
    createSimExchange({
      venue,
      market,
      startBalances: names.map((wallet) => ({ wallet, asset: 'USDT', amount: decimal('900') })),
    }),
  );
  // Leverage 3 as a set-up would ask for it.
  for (const exchange of exchanges) {
    for (const { instrument } of exchange.instruments()) {
      if (instrument.kind === 'spot') continue;
      exchange.setLeverage(instrument.id, 3, { tsMs: runStartMs, wallMs: 0 });
    }
  }
  const records: JournalRecord[] = [];
  const { state } = runInProcess({
    seed: 7,
    startMs: runStartMs,
    speed: 720,
    exchanges,
    wants: ({ base, quote, kind }) =>
      ['PEPE', 'SOL', 'BTC', 'WIF', 'ARB'].includes(base) &&
      quote === 'USDT' &&
      (kind === 'linear-perp' || kind === 'spot'),
    policy: testPolicy,
    scan: defaultScanOptions,
    tradeMs: 30_000,
    windDownMs: 10_000,
    onRecord: (_text, record) => records.push(record),
  });
  const refusals = records.flatMap((record) =>
    'input' in record && record.input.kind === 'place-result' ? [record.input.error] : [],
  );
  expect(refusals.filter((error) => error?.reaction === 'funds')).toEqual([]);
  const opened = [...state.pairs.values()].filter(({ openedTsMs }) => openedTsMs !== null);
  expect(opened.length).toBeGreaterThan(0);
  // 4,000 a leg are aimed at; 900 at 3 times carry less than 2,700.
  const sizes = records.flatMap((record) =>
    'effect' in record && record.effect.kind === 'place-order' ? [record.effect.order] : [],
  );
  for (const { qty, arrivalMid } of sizes) {
    expect(toNumber(qty) * arrivalMid).toBeLessThan(2_700);
    expect(toNumber(qty) * arrivalMid).toBeGreaterThan(2_000);
  }
});
