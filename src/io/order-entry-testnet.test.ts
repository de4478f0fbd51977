// Orders over the venues' own sockets, against the local testnet with faults: what is lost on the
// way is unknown, is sent once, and is cleared up by a query.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { localEndpoints } from '../../test/conformance/local-driver.ts';
import { type Decimal, decimal, fromNumber, roundToStep, toNumber } from '../base/decimal.ts';
import type { DriverEvent } from '../domain/event.ts';
import { Catalog, type Instrument, type Market } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import type { MakeProtocol, OrderFault, TestnetSocket } from '../testnet/protocol.ts';
import { testnetVenue } from '../testnet/registry.ts';
import { type RunningTestnet, runTestnet } from '../testnet/run.ts';
import { clientIdOf } from '../venues/hyperliquid/cloid.ts';
import { venues } from '../venues/registry.ts';
import { systemClock } from './clock.ts';
import { createDriver } from './driver.ts';
import type { VenueDriver } from './driver-types.ts';

const waitMsMax = 20_000;
const withSockets = venues.filter(({ orderEntry }) => orderEntry !== undefined);

const cases = withSockets.flatMap((spec) => {
  const markets: readonly Market[] = spec.id === 'hyperliquid' ? ['linear'] : ['linear', 'inverse'];
  return markets.map((market) => [spec.id, market, spec] as const);
});

describe.each(cases)('orders on %s, %s', (id, market, spec) => {
  let testnet: RunningTestnet;
  let driver: VenueDriver;
  let serial = 0;
  /** The next order message meets it. */
  let fault: OrderFault | null = null;
  let met = 0;
  /** Order requests that the venue saw, over sockets and REST. */
  const calls: string[] = [];
  const opened = new Set<TestnetSocket>();
  let refuses = false;
  const events: DriverEvent[] = [];
  const catalog = new Catalog();
  const table = new MarketTable(16);

  beforeAll(async () => {
    const entry = testnetVenue(id);
    const load = async (): Promise<MakeProtocol> => {
      const make = await entry.load();
      return (context) => {
        const protocol = make({
          ...context,
          orderFault: ({ method, path }) => {
            calls.push(`${method} ${path}`);
            if (fault !== null) met++;
            return fault;
          },
        });
        const http: typeof protocol.http = (request) => {
          const { path, method } = request;
          if (/order|exchange/i.test(path) && method !== 'GET') calls.push(`REST ${path}`);
          return protocol.http(request);
        };
        const open: typeof protocol.open = (socket) => {
          if (refuses) return null;
          opened.add(socket);
          return protocol.open(socket);
        };
        return { ...protocol, http, open };
      };
    };
    const registry = { [id]: { ...entry, load } };
    testnet = await runTestnet({ venues: [id], registry, coins: { BTC: decimal('5') } });
    const { venues: urls, key, secret, passphrase } = testnet.describe();
    const at = urls[id];
    if (at === undefined) throw new Error(`${id} is not served`);
    const quiet = (): void => undefined;
    driver = createDriver({
      spec,
      endpoints: localEndpoints(spec, at),
      credentials: { key: at.key ?? key, secret: at.secret ?? secret, passphrase },
      clock: systemClock(),
      catalog,
      table,
      markets: [market],
      symbols: ({ base, kind }) => base === 'BTC' && kind === `${market}-perp`,
      leverage: 3,
      emit: (event) => events.push(event),
      onQuote: quiet,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      limits: { connectsPerSecondMax: 50, placeTimeoutMs: 800, placeQueueMsMax: 10_000 },
      socketLimits: { backOffMs: 50, backOffMsMax: 100 },
    });
    await driver.start();
    await until('quotes', quoted);
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
  async function next<K extends DriverEvent['kind']>(kind: K, clientOrderId: string) {
    type Wanted = Extract<DriverEvent, { kind: K }>;
    const find = () =>
      events.find((e): e is Wanted => {
        return e.kind === kind && 'clientOrderId' in e && e.clientOrderId === clientOrderId;
      });
    await until(`${kind} of ${clientOrderId}`, () => find() !== undefined);
    return find() as Wanted; // found above
  }
  /** Orders of this id that the exchange has ever had. */
  const lived = (clientOrderId: string, instrument: string) =>
    testnet.testnet
      .exchange(id)
      .orders({ instrument })
      .filter((order) => clientIdOf(order.clientOrderId) === clientOrderId);
  const perp = (): Instrument => catalog.at(0);
  const sockets = () => driver.stats().orderSockets;
  const quoted = (): boolean => catalog.all().every((_i, k) => table.get(k, slot.ask) > 0);
  const allUp = (): boolean => sockets().every(({ state }) => state === 'up');

  function place(): ApprovedOrder {
    const order = draft();
    driver.act({ kind: 'place-order', order });
    return order;
  }
  function draft(over: Partial<OrderDraft> = {}): ApprovedOrder {
    const instrument = perp();
    const ask = table.get(catalog.indexOf(instrument.id), slot.ask);
    // Inverse contracts have a face in dollars; our quantity counts them.
    const unitUsd = market === 'linear' ? ask : toNumber(instrument.contractSize);
    const of: OrderDraft = {
      clientOrderId: `fws${id.slice(0, 3)}${market}${++serial}`,
      venue: id,
      instrument: instrument.id,
      side: 'buy',
      qty: roundToStep(fromNumber(500 / unitUsd), instrument.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(ask * 1.01), instrument.tickSize as Decimal, 'down'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: ask,
      ...over,
    };
    return of as ApprovedOrder; // stands for risk's approval
  }

  it.each([
    ['timeout', 'not-found'],
    ['http-503', 'not-found'],
    ['ack-lost', 'found'],
  ] as const)('%s: unknown, sent once, and a query says %s', async (name, outcome) => {
    await until('every socket', allUp);
    met = 0;
    fault = name;
    const { clientOrderId, instrument, venue } = place();
    expect(await next('place-result', clientOrderId)).toMatchObject({
      outcome: 'unknown',
      error: { code: 'UNKNOWN_OUTCOME', reaction: 'query' },
    });
    fault = null;
    expect(met).toBe(1);
    await until('every socket', allUp);
    driver.act({ kind: 'query-order', venue, instrument, clientOrderId });
    expect(await next('query-result', clientOrderId)).toMatchObject({ outcome });
    expect(lived(clientOrderId, instrument)).toHaveLength(outcome === 'found' ? 1 : 0);
  });

  it('an order that is rehearsed reaches nobody', async () => {
    await until('every socket', allUp);
    const before = sockets().map(({ sent }) => sent);
    calls.length = 0;
    const order = draft();
    driver.rehearse?.(order);
    const placed = place(); // whatever left before it is there before it
    await next('place-result', placed.clientOrderId);
    expect(calls).toHaveLength(1);
    expect(sockets().reduce((sum, { sent }) => sum + sent, 0)).toBe(
      before.reduce((sum, sent) => sum + sent, 0) + 1,
    );
    expect(lived(order.clientOrderId, order.instrument)).toEqual([]);
  });

  it('several that leave at once are one request, each with an outcome of its own', async () => {
    await until('every socket', allUp);
    const tick = perp().tickSize as Decimal;
    const rests = { timeInForce: 'post-only', purpose: 'exit' } as const;
    const limit = roundToStep(
      fromNumber(table.get(catalog.indexOf(perp().id), slot.bid) * 0.98),
      tick,
      'down',
    );
    const [a, wrong, b] = [
      draft({ ...rests, limit }),
      draft({ ...rests, limit, qty: decimal('100000000') }),
      draft({ ...rests, limit }),
    ] as const;
    calls.length = 0;
    driver.actAll([a, wrong, b].map((order) => ({ kind: 'place-order', order })));
    const outcomes = { a: 'acked', wrong: 'rejected', b: 'acked' };
    for (const [name, order] of Object.entries({ a, wrong, b })) {
      const result = await next('place-result', order.clientOrderId);
      expect([name, result.outcome]).toEqual([name, outcomes[name as keyof typeof outcomes]]);
    }
    const cancels = [a, wrong, b].map(({ venue, instrument, clientOrderId }) => {
      return { kind: 'cancel-order', venue, instrument, clientOrderId } as const;
    });
    driver.actAll(cancels);
    for (const { clientOrderId } of [a, b]) {
      expect(await next('cancel-result', clientOrderId)).toMatchObject({ outcome: 'acked' });
    }
    expect(await next('cancel-result', wrong.clientOrderId)).toMatchObject({ outcome: 'gone' });
    expect(calls).toHaveLength(2);
    expect(testnet.testnet.exchange(id).openOrders(null)).toEqual([]);
  });

  it('while its socket is down an order goes over REST, once', async () => {
    await until('every socket', allUp);
    const order = draft();
    const { clientOrderId, instrument } = order;
    onTestFinished(() => {
      refuses = false;
    });
    refuses = true;
    for (const socket of opened) socket.close(1001, 'going away');
    await until('no socket', () => sockets().every(({ state }) => state !== 'up'));
    calls.length = 0;
    driver.act({ kind: 'place-order', order });
    expect(await next('place-result', clientOrderId)).toMatchObject({ outcome: 'acked' });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^REST /);
    expect(lived(clientOrderId, instrument)).toHaveLength(1);
  });

  it('after all that orders go over the socket again', async () => {
    await until('every socket', allUp);
    await until('quotes', quoted);
    const answered = () => sockets().reduce((sum, socket) => sum + socket.answered, 0);
    const before = answered();
    expect(await next('place-result', place().clientOrderId)).toMatchObject({ outcome: 'acked' });
    expect(answered()).toBe(before + 1);
  });
});
