// Coin-margined perpetuals are read and traded where the configuration says so, and nowhere else;
// against the local testnet.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decimal, decimal, fromNumber, roundToStep, zero } from '../base/decimal.ts';
import type { DriverEvent } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import { systemClock } from '../io/clock.ts';
import { type RunningTestnet, runTestnet } from '../testnet/run.ts';
import { type NativeSetup, venueSetups } from './compose.ts';
import { exchangesSchema } from './config-schema.ts';
import { type AnyDriver, driverOf } from './drivers.ts';
import { parseTestnet } from './testnet-file.ts';

const waitMsMax = 20_000;
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const keys = { key: 'k', secret: 's', passphrase: 'p' };
const names = ['binance', 'okx', 'bybit'] as const;

function setupOf(venue: string, inverse: object, testnet: RunningTestnet | null): NativeSetup {
  const venues = { [venue]: { ...keys, ...inverse } };
  const exchanges = exchangesSchema.parse({ symbols: ['BTC'], venues });
  const file = testnet && parseTestnet(JSON.stringify(testnet.describe()), 'the testnet');
  const [setup] = venueSetups({ dir: 'config', exchanges }, file);
  if (setup?.driver !== 'native') throw new Error('no native set-up');
  return setup;
}

describe.each(names)('%s without `inverse`', (venue) => {
  it('asks for spot and linear alone', () => {
    const { spec, markets } = setupOf(venue, {}, null);
    const asked = [...spec.requests.instruments(markets), ...spec.requests.balances(markets)];
    expect(asked.filter(({ market }) => market === 'inverse')).toEqual([]);
  });
});

describe.each(names)('%s with `inverse`', (venue) => {
  const catalog = new Catalog();
  const table = new MarketTable(16);
  const events: DriverEvent[] = [];
  let testnet: RunningTestnet;
  let driver: AnyDriver;

  beforeAll(async () => {
    testnet = await runTestnet({ venues: [venue], coins: { BTC: decimal('1') } });
    const setup = setupOf(venue, { inverse: true }, testnet);
    const { credentials } = setup;
    const hooks = { clock: systemClock(), catalog, table, log, onQuote: quiet, credentials };
    driver = driverOf(setup, { ...hooks, emit: (event) => events.push(event) });
    await driver.start();
    await until('every quote', () => catalog.all().every((_i, k) => table.get(k, slot.ask) > 0));
  });
  afterAll(async () => {
    await driver?.stop();
    await testnet?.stop();
  });

  async function until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + waitMsMax;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`${what} did not happen`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const inverseOf = () => {
    const instrument = catalog.byId(`${venue}:BTC-USD-INV`);
    if (instrument === undefined) throw new Error('not listed');
    return instrument;
  };

  it('lists and quotes it, with its rate and fees', async () => {
    const kinds = catalog.all().map(({ kind }) => kind);
    expect([...kinds].sort()).toEqual(['inverse-perp', 'linear-perp', 'spot']);
    const index = catalog.indexOf(inverseOf().id);
    await until('the rate', () => !Number.isNaN(table.get(index, slot.ratePerInterval)));
    const listed = events.find((event) => event.kind === 'instruments');
    expect(listed?.kind === 'instruments' && listed.feeRates[inverseOf().id]).toBeTruthy();
  });

  it('trades it in contracts and accounts for it in coin', async () => {
    const instrument = inverseOf();
    const bid = table.get(catalog.indexOf(instrument.id), slot.bid);
    const draft: OrderDraft = {
      clientOrderId: 'farbinverse1',
      venue,
      instrument: instrument.id,
      side: 'sell',
      qty: instrument.lotSize as Decimal, // a listing with a step
      limit: roundToStep(fromNumber(bid * 0.99), instrument.tickSize as Decimal, 'up'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: bid,
    };
    const order = draft as ApprovedOrder; // stands for risk's approval
    driver.act({ kind: 'place-order', order });
    await until('the fill', () => events.some(({ kind }) => kind === 'fill'));
    const fill = events.find((event) => event.kind === 'fill');
    expect(fill).toMatchObject({ instrument: instrument.id, qty: draft.qty, feeAsset: 'BTC' });

    driver.act({ kind: 'request-snapshot', venue, requestId: 'r', sinceMs: Date.now() - 60_000 });
    await until('the snapshot', () => events.some(({ kind }) => kind === 'venue-snapshot'));
    const snapshot = events.find((event) => event.kind === 'venue-snapshot');
    if (snapshot?.kind !== 'venue-snapshot') throw new Error('no snapshot');
    expect(snapshot).toMatchObject({ ok: true, error: null });
    const held = snapshot.positions.filter(({ qty }) => qty !== zero);
    expect(held.map(({ instrument: id, qty }) => [id, qty])).toEqual([
      [instrument.id, -(draft.qty as bigint)],
    ]);
    const coins = snapshot.balances.filter(
      ({ asset, wallet }) => asset === 'BTC' && wallet === instrument.wallet,
    );
    // One coin less the fee.
    expect(coins.map(({ total }) => total < decimal('1') && total > decimal('0.99'))).toEqual([
      true,
    ]);
  });
});
