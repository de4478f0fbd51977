// The venues' own dead-man switches under the driver, over real sockets, with the default limits:
// both sides read a wall clock that the test moves, so that minutes take no time.
import { afterEach, describe, expect, it } from 'vitest';
import { localEndpoints } from '../../test/conformance/local-driver.ts';
import { decimal, fromNumber, roundToStep } from '../base/decimal.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import { seededMarket } from '../sim/seeded-market.ts';
import type { MakeProtocol } from '../testnet/protocol.ts';
import { testnetVenue } from '../testnet/registry.ts';
import { startTestnet, type Testnet } from '../testnet/server.ts';
import { venueByName } from '../venues/registry.ts';
import { createDriver } from './driver.ts';
import { driverLimits } from './driver-limits.ts';
import type { VenueDriver } from './driver-types.ts';

const { deadManTimeoutMs, deadManRefreshMs } = driverLimits;
const paths = { binance: '/fapi/v1/countdownCancelAll', okx: '/api/v5/trade/cancel-all-after' };
const waitMsMax = 20_000;
const credentials = { key: 'k', secret: 's', passphrase: 'p' };

interface Rig {
  readonly testnet: Testnet;
  readonly driver: VenueDriver;
  /** What the venue was told, oldest first: query and body. */
  readonly told: string[];
  /** How often the venue looked at its timers. */
  seconds(): number;
  /** Moves the wall clock of both sides. */
  pass(ms: number): void;
  /** From now on the driver's clock stands still, as in a process that hangs. */
  hang(): void;
  rest(timeInForce: OrderDraft['timeInForce']): Promise<string>;
  until(what: string, test: () => boolean): Promise<void>;
}

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.driver.stop();
  await rig?.testnet.stop();
  rig = null;
});

async function started(venue: keyof typeof paths): Promise<Rig> {
  const startMs = Date.now();
  const bornMs = performance.now();
  let addedMs = 0;
  let hungAtMs: number | null = null;
  const wallMs = (): number => startMs + Math.floor(performance.now() - bornMs) + addedMs;
  const ours = (): number => hungAtMs ?? wallMs();
  const told: string[] = [];
  let seconds = 0;
  const make = await testnetVenue(venue).load();
  const makeProtocol: MakeProtocol = (context) => {
    const protocol = make(context);
    return {
      ...protocol,
      http(request) {
        if (request.path === paths[venue]) told.push(`${request.query} ${request.body}`);
        return protocol.http(request);
      },
      second(now) {
        seconds++;
        protocol.second(now);
      },
    };
  };
  const wallets = venue === 'binance' ? ['futures', 'spot'] : ['unified'];
  const startBalances = wallets.map((wallet) => ({
    wallet,
    asset: 'USDT',
    amount: decimal('50000'),
  }));
  const testnet = await startTestnet({
    market: seededMarket({ seed: 7, startMs, venues: [venue] }),
    venues: [{ venue, makeProtocol, startBalances, port: 0 }],
    credentials,
    speed: 1,
    wallNow: wallMs,
  });
  const spec = venueByName(venue);
  if (spec === null) throw new Error(venue);
  const catalog = new Catalog();
  const table = new MarketTable(64);
  const quiet = (): void => undefined;
  const driver = createDriver({
    spec,
    endpoints: localEndpoints(spec, testnet.server(venue)),
    credentials,
    clock: { wallMs: ours, venueMs: ours },
    catalog,
    table,
    symbols: ({ base, quote }) => base === 'BTC' && quote === 'USDT',
    leverage: 3,
    emit: quiet,
    onQuote: quiet,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    limits: { connectsPerSecondMax: 50 },
  });
  const until = async (what: string, test: () => boolean): Promise<void> => {
    const deadlineMs = performance.now() + waitMsMax;
    while (!test()) {
      if (performance.now() > deadlineMs) throw new Error(`${what} did not happen: ${told}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const isOpen = (id: string): boolean => isResting(testnet, venue, id);
  let ids = 0;
  rig = {
    testnet,
    driver,
    told,
    seconds: () => seconds,
    pass: (ms) => {
      addedMs += ms;
    },
    hang: () => {
      hungAtMs = wallMs();
    },
    until,
    async rest(timeInForce) {
      const perp = catalog.all().find(({ kind }) => kind === 'linear-perp') as Instrument;
      const bid = (): number => table.get(catalog.indexOf(perp.id), slot.bid);
      await until('a quote', () => bid() > 0);
      const order: OrderDraft = {
        clientOrderId: `farb${venue}${++ids}`,
        venue,
        instrument: perp.id,
        side: 'buy',
        qty: roundToStep(fromNumber(1_000 / bid()), perp.lotSize ?? decimal('1'), 'up'),
        limit: roundToStep(fromNumber(bid() * 0.97), perp.tickSize ?? decimal('1'), 'down'),
        timeInForce,
        reduceOnly: false,
        purpose: 'entry',
        pairId: null,
        arrivalMid: bid(),
      };
      driver.act({ kind: 'place-order', order: order as ApprovedOrder }); // stands for risk
      if (timeInForce === 'gtc') await until('the order', () => isOpen(order.clientOrderId));
      return order.clientOrderId;
    },
  };
  await driver.start();
  return rig;
}

function isResting(testnet: Testnet, venue: string, id: string): boolean {
  return testnet
    .exchange(venue)
    .openOrders(null)
    .some(({ clientOrderId }) => clientOrderId === id);
}

describe.each(['binance', 'okx'] as const)('the dead-man switch of %s', (venue) => {
  it('refreshed it keeps what rests; a driver that falls silent loses it', async () => {
    const { testnet, told, until, ...it } = await started(venue);
    const id = await it.rest('gtc');
    await until('the arming', () => told.length === 1);
    // Longer than the timeout in all, each step shorter.
    for (let passedMs = 0; passedMs <= deadManTimeoutMs; passedMs += deadManRefreshMs) {
      const before = told.length;
      it.pass(deadManRefreshMs + 1);
      await until('a refresh', () => told.length > before);
    }
    const looked = it.seconds();
    await until('a look at the timers', () => it.seconds() >= looked + 2);
    expect(isResting(testnet, venue, id)).toBe(true);
    it.hang();
    it.pass(deadManTimeoutMs + 1);
    await until('the cancel', () => !isResting(testnet, venue, id));
    const order = testnet
      .exchange(venue)
      .orders({})
      .find((each) => each.clientOrderId === id);
    expect(order?.endReason).toBe('dead-man');
  });

  it('is switched off by an orderly stop', async () => {
    const { testnet, driver, told, until, ...it } = await started(venue);
    const id = await it.rest('gtc');
    await until('the arming', () => told.length === 1);
    await driver.stop();
    expect(told).toHaveLength(2);
    expect(told[1]).toMatch(/countdownTime=0&|"timeOut":"0"/);
    it.pass(deadManTimeoutMs * 2);
    const looked = it.seconds();
    await until('a look at the timers', () => it.seconds() >= looked + 2);
    expect(isResting(testnet, venue, id)).toBe(true);
  });

  it('is not armed for an order that cannot rest: nobody else loses theirs', async () => {
    const { driver, told, until, testnet, ...it } = await started(venue);
    const id = await it.rest('ioc');
    const known = () =>
      testnet
        .exchange(venue)
        .orders({})
        .some((o) => o.clientOrderId === id);
    await until('the order', known);
    it.pass(deadManRefreshMs + 1);
    await driver.stop();
    expect(told).toEqual([]);
  });
});
