// One contract over every native venue, against the local testnet over sockets: what the engine
// needs from a driver, end to end. Speed 3,600: 8 hours of venue time pass in 8 s of wall time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decimal, decimal, fromNumber, plus, roundToStep, zero } from '../base/decimal.ts';
import type { DriverEvent } from '../domain/event.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import type { FillEvent } from '../domain/venue-event.ts';
import type { Endpoints, VenueSpec } from '../domain/venue-spec.ts';
import type { MakeProtocol } from '../testnet/protocol.ts';
import { type TestnetVenueEntry, testnetVenue, testnetVenues } from '../testnet/registry.ts';
import { type RunningTestnet, runTestnet } from '../testnet/run.ts';
import { venues } from '../venues/registry.ts';
import { testnetClock } from './clock.ts';
import { createDriver } from './driver.ts';
import type { VenueDriver } from './driver-types.ts';

const waitMsMax = 25_000;
const served = venues.filter(({ id }) => testnetVenues[id] !== undefined);

describe.each(served.map((spec) => [spec.id, spec] as const))('the driver on %s', (id, spec) => {
  let testnet: RunningTestnet;
  let driver: VenueDriver;
  let clientIds = 0;
  const events: DriverEvent[] = [];
  const logs: string[] = [];
  const catalog = new Catalog();
  const table = new MarketTable(64);
  const quoted = new Set<number>();
  const faults = new Set<string>();
  // Hyperliquid's ids hold 20 characters.
  const nextId = (): string => `farb${id.slice(0, 6)}${++clientIds}`;
  const dollar = id === 'hyperliquid' ? 'USDC' : 'USDT';
  // Its budget of reads is for a settlement an hour: fewer of them pass here.
  const speed = id === 'hyperliquid' ? 360 : 3_600;

  beforeAll(async () => {
    testnet = await runTestnet({ venues: [id], speed, registry: faulty(id, faults) });
    const { clock, venues: urls, ...credentials } = testnet.describe();
    const log = (fields: object, message: string): void => {
      logs.push(`${message} ${JSON.stringify(fields)}`);
    };
    driver = createDriver({
      spec,
      endpoints: localEndpoints(spec, urls[id] as { http: string; ws: string }),
      credentials: { ...credentials, ...keysOf(urls[id]) },
      clock: testnetClock(clock),
      catalog,
      table,
      symbols: ({ base, quote, kind }) =>
        ['BTC', 'ETH'].includes(base) && quote === dollar && ['spot', 'linear-perp'].includes(kind),
      leverage: 3,
      emit: (event) => events.push(event),
      onQuote: (index) => quoted.add(index),
      log: { debug: log, info: log, warn: log, error: log },
      limits: { connectsPerSecondMax: 50 },
    });
    await driver.start();
  });
  afterAll(async () => {
    await driver?.stop();
    await testnet?.stop();
  });

  async function until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + waitMsMax;
    while (!condition()) {
      if (performance.now() > deadline) {
        const kinds = events.slice(-15).map((event) => JSON.stringify(event, bigintText));
        throw new Error(`${what} did not happen.\n${[...logs.slice(-10), ...kinds].join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function next<K extends DriverEvent['kind']>(
    kind: K,
    fits: (event: Extract<DriverEvent, { kind: K }>) => boolean,
  ): Promise<Extract<DriverEvent, { kind: K }>> {
    type Wanted = Extract<DriverEvent, { kind: K }>;
    const find = () => events.find((e): e is Wanted => e.kind === kind && fits(e as Wanted));
    await until(`a ${kind}`, () => find() !== undefined);
    return find() as Wanted;
  }

  const perp = (): Instrument => ofKind('linear-perp');
  const spot = (): Instrument => ofKind('spot');
  function ofKind(kind: Instrument['kind']): Instrument {
    const found = catalog.all().find((i) => i.kind === kind && i.base === 'BTC');
    if (found === undefined) throw new Error(`no ${kind}`);
    return found;
  }
  const cell = (instrument: Instrument, at: keyof typeof slot): number =>
    table.get(catalog.indexOf(instrument.id), slot[at]);

  /** A limit of `away` (fraction) from the ask, on the tick. */
  function draft(instrument: Instrument, over: Partial<OrderDraft>, away: number): ApprovedOrder {
    const tick = instrument.tickSize as Decimal;
    const mid = cell(instrument, 'ask');
    const order: OrderDraft = {
      clientOrderId: nextId(),
      venue: id,
      instrument: instrument.id,
      side: 'buy',
      qty: roundToStep(fromNumber(1_000 / mid), instrument.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(mid * (1 + away)), tick, 'down'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: mid,
      ...over,
    };
    return order as ApprovedOrder; // stands for risk's approval
  }
  const place = (order: ApprovedOrder) => driver.act({ kind: 'place-order', order });
  const target = ({ clientOrderId, instrument }: ApprovedOrder) => ({
    venue: id,
    instrument,
    clientOrderId,
  });
  /** A fill may come twice (reply and stream): the engine dedupes by trade id, and so does this. */
  const filledQty = (clientOrderId: string): Decimal => {
    const byId = new Map<string, Decimal>();
    for (const e of events) {
      if (e.kind === 'fill' && e.clientOrderId === clientOrderId) byId.set(e.fillId, e.qty);
    }
    return [...byId.values()].reduce<Decimal>(plus, zero);
  };

  it('starts: instruments with fees, every channel up', async () => {
    const listed = await next('instruments', () => true);
    expect(listed.instruments).toHaveLength(4);
    for (const instrument of listed.instruments) {
      expect(instrument.status).toBe('trading');
      const fees = listed.feeRates[instrument.id];
      expect(fees?.taker).toBeGreaterThan(0);
      expect(fees?.maker).toBeLessThanOrEqual(fees?.taker as number);
    }
    for (const channel of ['rest', 'public', 'private'] as const) {
      await next('venue-status', (s) => s.channel === channel && s.status === 'up');
    }
    expect(driver.stats().clock.offsetMs).toBeLessThan(500);
  });

  it('brings quotes, marks, books and funding with its interval', async () => {
    await until('every quote', () => catalog.all().every((i) => cell(i, 'ask') > cell(i, 'bid')));
    await until('every book', () => catalog.all().every((_i, k) => table.books[k] !== undefined));
    for (const instrument of catalog.all()) {
      const index = catalog.indexOf(instrument.id);
      expect(quoted.has(index)).toBe(true);
      const book = table.books[index];
      expect(book?.bids.length).toBeGreaterThan(1);
      expect(book?.bids[0]?.[0]).toBeLessThan(book?.asks[0]?.[0] as number);
      if (instrument.kind === 'spot') continue;
      await until('a mark', () => cell(instrument, 'mark') > 0);
      expect(Math.abs(cell(instrument, 'ratePerInterval'))).toBeLessThan(0.05);
      expect(cell(instrument, 'intervalMs') % 3_600_000).toBe(0);
      expect(cell(instrument, 'settlesAtMs') % 3_600_000).toBe(0);
    }
    const { scanned, frames } = driver
      .stats()
      .streams.reduce(
        (sum, s) => ({ scanned: sum.scanned + s.scanned, frames: sum.frames + s.frames }),
        { scanned: 0, frames: 0 },
      );
    expect(scanned).toBeGreaterThan(0);
    expect(frames).toBeGreaterThan(scanned);
    expect(driver.stats()).toMatchObject({ unrecognized: 0, errors: 0 });
  });

  it('the margin of a perpetual is known, and what borrowing costs', async () => {
    const { terms } = await next('margin-terms', (e) => (e.terms[perp().id]?.leverage ?? 0) === 3);
    expect(terms[perp().id]?.tiers?.tiers.length).toBeGreaterThan(1);
    if (spec.requests.borrowRates !== undefined) await next('borrow-rates', () => true);
  });

  it('an IOC order fills: result, order, fills, position and balance', async () => {
    const from = events.length;
    const order = draft(perp(), {}, 0.01);
    place(order);
    const result = await next('place-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(result).toMatchObject({ outcome: 'acked', error: null });
    await next('order', (e) => e.clientOrderId === order.clientOrderId && e.status === 'filled');
    await until('all fills', () => filledQty(order.clientOrderId) === order.qty);
    const fill = await next('fill', (e) => e.clientOrderId === order.clientOrderId);
    expect(fill).toMatchObject({ instrument: perp().id, side: 'buy', liquidity: 'taker' });
    expect(fill.fee < 0n).toBe(true);
    const held = (e: DriverEvent) => e.kind === 'position' && e.qty === order.qty;
    await until('the position', () => events.slice(from).some(held));
    await until('a balance', () => events.slice(from).some((e) => e.kind === 'balance'));
  });

  it('a spot order fills, and the fee is taken as the venue takes it', async () => {
    const order = draft(spot(), {}, 0.01);
    place(order);
    await until('all fills', () => filledQty(order.clientOrderId) === order.qty);
    const fill = await next('fill', (e) => e.clientOrderId === order.clientOrderId);
    expect(fill.instrument).toBe(spot().id);
    expect(['BTC', dollar]).toContain(fill.feeAsset);
  });

  it('a resting order is open, found, cancelled, and gone to a second cancel', async () => {
    const order = draft(perp(), { timeInForce: 'post-only' }, -0.02);
    place(order);
    await next('order', (e) => e.clientOrderId === order.clientOrderId && e.status === 'open');
    driver.act({ kind: 'query-order', ...target(order) });
    const found = await next('query-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(found).toMatchObject({ outcome: 'found', order: { status: 'open' }, fills: [] });
    driver.act({ kind: 'cancel-order', ...target(order) });
    const canceled = await next('cancel-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(canceled).toMatchObject({ outcome: 'acked' });
    await next('order', (e) => e.clientOrderId === order.clientOrderId && e.status === 'canceled');
    events.splice(events.indexOf(canceled), 1);
    driver.act({ kind: 'cancel-order', ...target(order) });
    const again = await next('cancel-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(again.outcome).toBe('gone');
  });

  it('a query of a filled order brings its fills, of an unknown one "not found"', async () => {
    const order = draft(perp(), {}, 0.01);
    place(order);
    await until('all fills', () => filledQty(order.clientOrderId) === order.qty);
    driver.act({ kind: 'query-order', ...target(order) });
    const found = await next('query-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(found).toMatchObject({ outcome: 'found', order: { status: 'filled' } });
    expect(found.fills.reduce<Decimal>((sum, { qty }) => plus(sum, qty), zero)).toBe(order.qty);
    const missing = { ...target(order), clientOrderId: nextId() };
    driver.act({ kind: 'query-order', ...missing });
    const none = await next('query-result', (e) => e.clientOrderId === missing.clientOrderId);
    expect(none).toMatchObject({ outcome: 'not-found', order: null });
  });

  it("a refused order is rejected with the venue's reason", async () => {
    const order = draft(perp(), { qty: decimal('1000000') }, 0.001);
    place(order);
    const result = await next('place-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(result).toMatchObject({ outcome: 'rejected', error: expect.anything() });
  });

  it('reduce-only shrinks the position; a crossing post-only does not fill', async () => {
    const reduce = draft(perp(), { side: 'sell', reduceOnly: true, purpose: 'hedge' }, -0.02);
    place(reduce);
    await until('all fills', () => filledQty(reduce.clientOrderId) === reduce.qty);
    const crossing = draft(perp(), { timeInForce: 'post-only' }, 0.005);
    place(crossing);
    const ended = (e: DriverEvent) =>
      ((e.kind === 'place-result' && e.outcome === 'rejected') ||
        (e.kind === 'order' &&
          (e.status === 'canceled' || e.status === 'expired' || e.status === 'rejected'))) &&
      e.clientOrderId === crossing.clientOrderId;
    await until('the end of the crossing order', () => events.some(ended));
    expect(filledQty(crossing.clientOrderId)).toBe(zero);
  });

  it('funding is paid at a settlement and read from the ledger, each payment once', async () => {
    const paid = await next('funding-payment', () => true);
    expect(paid).toMatchObject({ venue: id, asset: dollar });
    expect(paid.amount === zero).toBe(false);
    const ids = events.flatMap((e) =>
      e.kind === 'funding-payment' ? [`${e.symbol} ${e.id}`] : [],
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('a snapshot matches what the events said', async () => {
    const sinceMs = testnet.describe().clock.venueStartMs - 3_600_000;
    driver.act({ kind: 'request-snapshot', venue: id, requestId: 'all', sinceMs });
    const snapshot = await next('venue-snapshot', ({ requestId }) => requestId === 'all');
    expect(snapshot).toMatchObject({ ok: true, error: null, openOrders: [] });
    const held = snapshot.positions.filter(({ qty }) => qty !== zero);
    expect(held.map(({ instrument }) => instrument)).toEqual([perp().id]);
    const signed = (e: FillEvent): Decimal =>
      e.instrument !== perp().id ? zero : ((e.side === 'buy' ? e.qty : -e.qty) as Decimal);
    const fills = new Map(
      events.flatMap((e) =>
        e.kind === 'fill' ? [[`${e.instrument} ${e.fillId}`, e] as const] : [],
      ),
    );
    const booked = [...fills.values()].reduce<Decimal>((sum, e) => plus(sum, signed(e)), zero);
    expect(held[0]?.qty).toBe(booked);
    const listed = new Set(snapshot.fills.map((f) => `${f.instrument} ${f.fillId}`));
    expect([...listed].sort()).toEqual([...fills.keys()].sort());
    expect(snapshot.fills.every(({ clientOrderId }) => clientOrderId?.startsWith('farb'))).toBe(
      true,
    );
    const usdt = snapshot.balances.filter(({ asset }) => asset === dollar);
    expect(usdt.length).toBeGreaterThan(0);
    const payments = events.filter((e) => e.kind === 'funding-payment').length;
    expect(snapshot.fundingPayments.length).toBeGreaterThanOrEqual(payments);
    const terminal = snapshot.orders.filter(({ clientOrderId }) =>
      clientOrderId?.startsWith('farb'),
    );
    expect(terminal.length).toBeGreaterThanOrEqual(5);
  });

  it('an outcome that the venue leaves open is unknown, and a query resolves it', async () => {
    faults.add('unknown-outcome');
    const order = draft(perp(), {}, 0.01);
    place(order);
    const result = await next('place-result', (e) => e.clientOrderId === order.clientOrderId);
    faults.delete('unknown-outcome');
    expect(result.outcome).toBe('unknown');
    driver.act({ kind: 'query-order', ...target(order) });
    const found = await next('query-result', (e) => e.clientOrderId === order.clientOrderId);
    expect(['found', 'not-found']).toContain(found.outcome);
    expect(found.outcome === 'found').toBe(found.order !== null);
  });

  it('a skewed clock is measured again, and the order goes through', async () => {
    faults.add('clock-skew');
    const order = draft(perp(), {}, 0.01);
    place(order);
    const result = await next('place-result', (e) => e.clientOrderId === order.clientOrderId);
    faults.delete('clock-skew');
    expect(result).toMatchObject({ outcome: 'acked' });
    const after = draft(perp(), {}, 0.01);
    place(after);
    const again = await next('place-result', (e) => e.clientOrderId === after.clientOrderId);
    expect(again).toMatchObject({ outcome: 'acked' });
  });

  it('a rate limit is a refusal, and the entry after it stays here', async () => {
    faults.add('rate-limit').add('rate-limited');
    const order = draft(perp(), {}, 0.01);
    place(order);
    const result = await next('place-result', (e) => e.clientOrderId === order.clientOrderId);
    faults.clear();
    expect(result).toMatchObject({ outcome: 'rejected', error: { code: 'RATE_LIMITED' } });
    const later = draft(perp(), {}, 0.01);
    place(later);
    const second = await next('place-result', (e) => e.clientOrderId === later.clientOrderId);
    expect(second).toMatchObject({ outcome: 'rejected', error: { venueCode: 'deadline' } });
  });

  it('nothing was unreadable on the way, and orders went over the socket', () => {
    expect(driver.stats()).toMatchObject({ unrecognized: 0, reconnects: 0 });
    const { orderSockets } = driver.stats();
    expect(orderSockets.length > 0).toBe(spec.orderEntry !== undefined);
    for (const socket of orderSockets) {
      expect(socket).toMatchObject({ state: 'up', unanswered: 0, late: 0 });
      expect(socket.answered).toBe(socket.sent);
      expect(socket.sent).toBeGreaterThan(0);
    }
  });

  it('a gap in the books is never served, and mends', async () => {
    // Every frame of its books is the whole book.
    if (id === 'hyperliquid') return;
    const status = (from: number, wanted: string): boolean =>
      events.slice(from).some((e) => {
        return e.kind === 'venue-status' && e.channel === 'book' && e.status === wanted;
      });
    await until('every book', () => catalog.all().every((_i, k) => table.books[k] !== undefined));
    const from = events.length;
    faults.add('gap');
    // A frame is lost while the market moves on; the next one shows it.
    const before = cell(perp(), 'quoteTsMs');
    await until('a lost frame', () => cell(perp(), 'quoteTsMs') > before + 1_000_000);
    faults.delete('gap');
    await until('the loss', () => status(from, 'resyncing'));
    await until('the return', () => status(from, 'up') && driver.stats().books.live === 4);
    for (const [index] of catalog.all().entries()) {
      const top = table.books[index];
      expect(top?.bids[0]?.[0]).toBeLessThan(top?.asks[0]?.[0] as number);
    }
  });
});

/** The venue's own protocol with faults that the test switches. */
function faulty(id: string, faults: ReadonlySet<string>): Record<string, TestnetVenueEntry> {
  const entry = testnetVenue(id);
  const load = async (): Promise<MakeProtocol> => {
    const make = await entry.load();
    return (context) =>
      make({ ...context, fault: (name) => faults.has(name) || context.fault(name) });
  };
  return { [id]: { ...entry, load } };
}

/** Where the venue's keys are not the testnet's. */
function keysOf(place: { readonly key?: string; readonly secret?: string } | undefined) {
  const { key, secret } = place ?? {};
  return key === undefined || secret === undefined ? {} : { key, secret };
}

/** Every host of the venue is the one local port; the paths keep them apart. */
function localEndpoints(spec: VenueSpec, urls: { http: string; ws: string }): Endpoints {
  const all = (names: Readonly<Record<string, string>> | undefined, url: string) =>
    Object.fromEntries(Object.keys(names ?? {}).map((name) => [name, url]));
  const live = spec.endpoints['live'];
  return { http: all(live?.http, urls.http), ws: all(live?.ws, urls.ws) };
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
