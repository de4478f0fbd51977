// Two accounts of one venue from the configuration, against the local testnet: what one does, the
// other never sees.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decimal, fromNumber, roundToStep, zero } from '../base/decimal.ts';
import type { DriverEvent } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import { systemClock } from '../io/clock.ts';
import { type RunningTestnet, runTestnet } from '../testnet/run.ts';
import { type VenueSetup, venueSetups } from './compose.ts';
import { exchangesSchema } from './config-schema.ts';
import { type AnyDriver, driverOf } from './drivers.ts';
import { parseTestnet } from './testnet-file.ts';

const waitMsMax = 20_000;
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

function setupsOf(venues: object, testnet: RunningTestnet | null): readonly VenueSetup[] {
  const exchanges = exchangesSchema.parse({ symbols: ['BTC'], venues });
  const file = testnet && parseTestnet(JSON.stringify(testnet.describe()), 'the testnet');
  return venueSetups({ dir: 'config', exchanges }, file);
}

describe.each(['binance', 'okx', 'bybit'])('two accounts of %s', (venue) => {
  const other = `${venue}-b`;
  const config = { [venue]: {}, [other]: { driver: venue } };
  const catalog = new Catalog();
  const table = new MarketTable(16);
  const events: DriverEvent[] = [];
  const drivers = new Map<string, AnyDriver>();
  let testnet: RunningTestnet;

  const hooks = { clock: systemClock(), catalog, table, log, onQuote: quiet };
  beforeAll(async () => {
    testnet = await runTestnet({ venues: [venue], accounts: { [other]: venue } });
    for (const setup of setupsOf(config, testnet)) {
      const { credentials } = setup;
      const driver = driverOf(setup, { ...hooks, credentials, emit: (e) => events.push(e) });
      drivers.set(setup.id, driver);
    }
    await Promise.all([...drivers.values()].map((driver) => driver.start()));
    await until('every quote', () => catalog.all().every((_i, k) => table.get(k, slot.ask) > 0));
  });
  afterAll(async () => {
    await Promise.all([...drivers.values()].map((driver) => driver.stop()));
    await testnet?.stop();
  });

  async function until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + waitMsMax;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`${what} did not happen`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('have instruments of their own, with the same market', () => {
    const ids = catalog.all().map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith(`${venue}:`))).toHaveLength(ids.length / 2);
    expect(ids.filter((id) => id.startsWith(`${other}:`))).toHaveLength(ids.length / 2);
    for (const { id, symbol } of catalog.all().filter((i) => i.venue === venue)) {
      const twin = catalog.byId(id.replace(venue, other));
      expect(twin).toMatchObject({ symbol, venue: other });
    }
  });

  it('an order of one is in its account and in no other', async () => {
    const instrument = catalog.byId(`${other}:BTC-USDT-PERP`);
    if (instrument === undefined) throw new Error('not listed');
    const ask = table.get(catalog.indexOf(instrument.id), slot.ask);
    const draft: OrderDraft = {
      clientOrderId: 'farbaccounts1',
      venue: other,
      instrument: instrument.id,
      side: 'buy',
      qty: roundToStep(fromNumber(1_000 / ask), instrument.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(ask * 1.01), instrument.tickSize as Decimal, 'down'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: ask,
    };
    const order = draft as ApprovedOrder; // stands for risk's approval
    drivers.get(other)?.act({ kind: 'place-order', order });
    await until('the position', () =>
      events.some((e) => e.kind === 'position' && e.qty === order.qty),
    );
    for (const event of events) {
      if (!['place-result', 'order', 'fill', 'position'].includes(event.kind)) continue;
      expect([event.kind, 'venue' in event && event.venue]).toEqual([event.kind, other]);
    }
    expect(events.find((e) => e.kind === 'fill')?.instrument).toBe(instrument.id);
    const perp = `${venue}:BTC-USDT-PERP`;
    expect(testnet.testnet.exchange(other).position(perp).qty).toBe(order.qty);
    expect(testnet.testnet.exchange(venue).position(perp).qty).toBe(zero);
  });

  it('are reconciled apart: a snapshot of each shows its own', async () => {
    const held = async (account: string): Promise<readonly string[]> => {
      const asked = { kind: 'request-snapshot', venue: account, requestId: account } as const;
      drivers.get(account)?.act({ ...asked, sinceMs: Date.now() - 60_000 });
      const find = () => events.find((e) => e.kind === 'venue-snapshot' && e.requestId === account);
      await until(`the snapshot of ${account}`, () => find() !== undefined);
      const snapshot = find();
      if (snapshot?.kind !== 'venue-snapshot') throw new Error('no snapshot');
      expect(snapshot).toMatchObject({ venue: account, ok: true, error: null });
      const open = snapshot.positions.filter(({ qty }) => qty !== zero);
      return [...open, ...snapshot.fills].map(({ instrument }) => String(instrument));
    };
    expect(new Set(await held(other))).toEqual(new Set([`${other}:BTC-USDT-PERP`]));
    expect(await held(venue)).toEqual([]);
  });

  it('the keys of one do not open the other', async () => {
    const [first, second] = setupsOf(config, testnet);
    if (first === undefined || second === undefined) throw new Error('no set-ups');
    const { credentials } = first;
    const own = { ...hooks, catalog: new Catalog(), table: new MarketTable(16), emit: quiet };
    const driver = driverOf(second, { ...own, credentials });
    await expect(driver.start()).rejects.toThrow(/API key was refused/);
  });
});

describe('accounts in the configuration', () => {
  const keys = { key: 'k', secret: 's', passphrase: 'p' };
  it('without a testnet each has hosts and keys of its own', () => {
    const b = { ...keys, key: 'k2', driver: 'okx', profile: 'demo' };
    const [a, other] = setupsOf({ okx: keys, 'okx-b': b }, null);
    expect([a?.id, a?.credentials?.key, a?.endpoints.headers]).toEqual(['okx', 'k', undefined]);
    expect([other?.id, other?.credentials?.key]).toEqual(['okx-b', 'k2']);
    expect(other?.endpoints.headers).toEqual({ 'x-simulated-trading': '1' });
  });

  it.each([
    ['Okx B', 'okx'],
    ['bybit', 'okx'],
    ['okx:b', 'okx'],
  ])('%s is no name for another account of %s', (id, driver) => {
    const make = () => setupsOf({ [id]: { ...keys, driver } }, null);
    expect(make).toThrow(/not a name for another account of okx: use small letters/);
  });

  it('a missing key names the variables of the account', () => {
    const make = () => setupsOf({ 'okx-b': { driver: 'okx' } }, null);
    expect(make).toThrow(/venues\.okx-b\.key: missing\. Export OKX_B_KEY and OKX_B_SECRET/);
  });
});
