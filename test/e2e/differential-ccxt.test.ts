// Two readings of one testnet: our adapter with its driver, and unmodified ccxt, must agree on
// instruments, funding, books, balances, positions, orders and fills. Quantities of ccxt are
// contracts of its own unit, so they are compared in base units.
import type { FundingRate, Market } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decimal, fromNumber, roundToStep, toNumber } from '../../src/base/decimal.ts';
import { type Instrument, isPerp } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import type { FillEvent, FundingRateEvent, OrderEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { testnetVenues } from '../../src/testnet/registry.ts';
import { venues } from '../../src/venues/registry.ts';
import { type CcxtClient, ccxtClient } from '../conformance/ccxt-client.ts';
import { type LocalDriver, startLocalDriver } from '../conformance/local-driver.ts';
import { type LocalVenue, startLocalVenue } from '../conformance/local-testnet.ts';

const bases = ['BTC', 'ETH', 'PEPE', 'WIF'];
const bookLevels = 5;
/** Readings that may fall on two sides of a market tick before one does not. */
const readingsMax = 20;
// Hyperliquid, whose keys, quote and ids are others, is compared in ccxt-hyperliquid.test.ts.
const served = venues.filter(
  ({ id }) => testnetVenues[id] !== undefined && testnetVenues[id].onRequest !== true,
);

describe.each(served.map((spec) => [spec.id, spec] as const))('%s and ccxt agree', (id, spec) => {
  let venue: LocalVenue;
  let ours: LocalDriver;
  let theirs: CcxtClient;
  let orders = 0;
  const sentIds: string[] = [];

  beforeAll(async () => {
    venue = await startLocalVenue(id);
    ours = await startLocalDriver(
      spec,
      venue,
      ({ base, quote, kind }) =>
        bases.includes(base) && quote === 'USDT' && ['spot', 'linear-perp'].includes(kind),
    );
    theirs = await ccxtClient(id, venue);
  });
  afterAll(async () => {
    await theirs?.close();
    await ours?.driver.stop();
    await venue?.testnet.stop();
  });

  /** ccxt's market of our instrument, found by the venue's own name. */
  function marketOf(instrument: Instrument) {
    const wanted = instrument.kind === 'spot' ? 'spot' : 'swap';
    const markets = Object.values(theirs.markets ?? {}) as readonly Market[];
    const found = markets.find(
      (market) => market?.id === instrument.symbol && market?.type === wanted,
    );
    if (found === undefined) throw new Error(`ccxt has no ${instrument.id}`);
    return found;
  }
  /** Base units per contract of ccxt: its contract size times the multiplier in its base's name. */
  function unitOf(instrument: Instrument): number {
    const market = marketOf(instrument);
    const multiplier = /^(10+)[A-Z]/.exec(market.base)?.[1] ?? '1';
    return (market.contractSize ?? 1) * Number(multiplier);
  }
  const symbolOf = (instrument: Instrument): string => marketOf(instrument).symbol;
  const all = (): readonly Instrument[] => ours.catalog.all();
  const perps = (): readonly Instrument[] => all().filter(({ kind }) => isPerp(kind));
  const one = (base: string, kind: Instrument['kind']): Instrument => {
    const found = all().find((listed) => listed.base === base && listed.kind === kind);
    if (found === undefined) throw new Error(`no ${base} ${kind}`);
    return found;
  };
  /** The last place only: both come from the same text. */
  const expectClose = (a: number | undefined | null, b: number | null, what: string): void => {
    const scale = Math.max(Math.abs(Number(a)), Math.abs(Number(b)), Number.MIN_VALUE);
    expect(Math.abs(Number(a) - Number(b)) / scale, `${what}: ${a} and ${b}`).toBeLessThan(1e-9);
  };

  /** Both read between two market ticks; a reading that a tick interrupts is taken again. */
  async function atOneMoment<T>(of: Instrument, read: () => Promise<T>): Promise<T> {
    for (let i = 0; i < readingsMax; i++) {
      const { updateId } = venue.exchange.quote(of.id);
      const result = await read();
      if (venue.exchange.quote(of.id).updateId === updateId) return result;
    }
    throw new Error(`${of.id} moved in each of ${readingsMax} readings`);
  }

  it('instruments: tick, lot, minimum, contract size, kind', () => {
    expect(perps()).toHaveLength(bases.length);
    expect(all().length).toBeGreaterThan(bases.length);
    for (const instrument of all()) {
      const market = marketOf(instrument);
      const { tickSize, lotSize, qtyMin, notionalMin, qtyUnit, priceUnit } = instrument;
      const unit = toNumber(qtyUnit);
      const what = instrument.id;
      expectClose(
        market.precision.price,
        toNumber(tickSize as Decimal) * toNumber(priceUnit),
        what,
      );
      expectClose(market.precision.amount, toNumber(lotSize as Decimal) / unit, what);
      expectClose(market.limits.amount?.min, toNumber(qtyMin as Decimal) / unit, what);
      if (notionalMin !== null) {
        // Bybit names the minimum of a contract where ccxt does not look.
        const cost = market.limits.cost?.min;
        if (cost !== undefined) expectClose(cost, toNumber(notionalMin), what);
      }
      expectClose(unitOf(instrument), unit, what);
      expect([what, market.active]).toEqual([what, instrument.status === 'trading']);
      expect(market.settle ?? market.quote).toBe(instrument.settle);
    }
  });

  it('funding: rate, settlement time and interval', async () => {
    const { theirRates, ourRates } = await atOneMoment(one('BTC', 'linear-perp'), async () => ({
      ourRates: await readRates(perps()),
      theirRates: await theirs.fetchFundingRates(perps().map(symbolOf)),
    }));
    for (const instrument of perps()) {
      const theirRate = theirRates[symbolOf(instrument)] as FundingRate;
      const ourRate = ourRates.get(instrument.id) as FundingRateEvent;
      expect(ourRate.ratePerInterval, `${instrument.id} rate`).toBe(theirRate.fundingRate);
      expect(ourRate.settlesAtMs).toBe(theirRate.fundingTimestamp);
      // The driver joins what the venue says in several places.
      const intervalMs = ours.cell(instrument, 'intervalMs');
      expect(intervalMs).toBe(venue.exchange.funding(instrument.id)?.intervalMs);
      if (theirRate.interval !== undefined) {
        expect(`${intervalMs / 3_600_000}h`).toBe(theirRate.interval);
      }
      expect(ours.cell(instrument, 'settlesAtMs')).toBe(theirRate.fundingTimestamp);
    }
    const instrument = one('BTC', 'linear-perp');
    const theirHistory = await theirs.fetchFundingRateHistory(symbolOf(instrument));
    const range = { fromMs: Date.now() - 5 * 86_400_000, toMs: Date.now() };
    const history = await ask(spec.requests.fundingHistory(instrument, range));
    const rates = new Map(
      theirHistory.map(({ timestamp, fundingRate }) => [timestamp, fundingRate]),
    );
    const settled = history.filter((event) => event.kind === 'funding-rate');
    expect(settled.length).toBeGreaterThanOrEqual(15);
    for (const { settlesAtMs, ratePerInterval } of settled) {
      expect(ratePerInterval).toBe(rates.get(Number(settlesAtMs)));
    }
  });

  /** Our adapter's reading of a public request, without the driver. */
  async function ask(request: HttpRequest) {
    const query = request.query === '' ? '' : `?${request.query}`;
    const reply = await fetch(`${venue.http}${request.path}${query}`);
    const { status } = reply;
    return spec.decodeReply(request, { status, body: await reply.text() }, ours.catalog);
  }

  async function readRates(of: readonly Instrument[]): Promise<Map<string, FundingRateEvent>> {
    const rates = new Map<string, FundingRateEvent>();
    for (const event of await ask(spec.requests.fundingRates(of)[0] as HttpRequest)) {
      if (event.kind === 'funding-rate') rates.set(String(event.instrument), event);
    }
    return rates;
  }

  it('books: the best levels, in base units and price per base unit', async () => {
    for (const instrument of all()) {
      const index = ours.catalog.indexOf(instrument.id);
      const unit = unitOf(instrument);
      const price = toNumber(instrument.priceUnit);
      const same = await atOneMoment(instrument, async () => {
        const book = await theirs.fetchOrderBook(symbolOf(instrument), 20);
        const top = ours.table.books[index];
        return { book, top };
      });
      const at = `${instrument.id} book`;
      expect(same.top, at).toBeDefined();
      for (const [name, levels] of [
        ['bids', same.top?.bids],
        ['asks', same.top?.asks],
      ] as const) {
        for (let i = 0; i < bookLevels; i++) {
          const [theirPrice, theirQty] = same.book[name][i] as [number, number];
          const [ourPrice, ourQty] = levels?.[i] ?? [Number.NaN, Number.NaN];
          expectClose(theirPrice / price, ourPrice, `${at} ${name} ${i} price`);
          expectClose(theirQty * unit, ourQty, `${at} ${name} ${i} quantity`);
        }
      }
    }
  });

  function draft(instrument: Instrument, over: Partial<OrderDraft>, away: number): ApprovedOrder {
    const ask = ours.cell(instrument, 'ask');
    const clientOrderId = `farbdiff${id}${++orders}`;
    sentIds.push(clientOrderId);
    const order: OrderDraft = {
      clientOrderId,
      venue: id,
      instrument: instrument.id,
      side: 'buy',
      qty: roundToStep(fromNumber(1_000 / ask), instrument.lotSize as Decimal, 'up'),
      limit: roundToStep(fromNumber(ask * (1 + away)), instrument.tickSize as Decimal, 'down'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: ask,
      ...over,
    };
    return order as ApprovedOrder; // stands for risk's approval
  }

  it('orders: ours as ccxt reads them, resting, cancelled and filled', async () => {
    const expectSame = async (order: ApprovedOrder, event: OrderEvent): Promise<void> => {
      const instrument = ours.catalog.byId(order.instrument) as Instrument;
      const unit = unitOf(instrument);
      const price = toNumber(instrument.priceUnit);
      const read = await readOrder(symbolOf(instrument), String(event.venueOrderId));
      const status = { open: 'open', canceled: 'canceled', filled: 'closed' }[
        event.status as 'open'
      ];
      const what = `${order.instrument} ${event.status}`;
      expect([what, read.status, read.side]).toEqual([what, status, event.side]);
      expect(read.clientOrderId).toBe(order.clientOrderId);
      expectClose(Number(read.amount) * unit, toNumber(event.qty), what);
      expectClose(Number(read.filled) * unit, toNumber(event.filledQty), what);
      expectClose(Number(read.price) / price, toNumber(event.limit as Decimal), what);
      if (event.averagePrice !== null) {
        expectClose(Number(read.average) / price, toNumber(event.averagePrice), what);
      }
    };
    const ended = async (order: ApprovedOrder, status: OrderEvent['status']): Promise<void> => {
      const { clientOrderId } = order;
      const event = await ours.next(
        'order',
        (e) => e.clientOrderId === clientOrderId && e.status === status,
      );
      await expectSame(order, event);
    };
    for (const instrument of [one('BTC', 'linear-perp'), one('PEPE', 'linear-perp')]) {
      const resting = draft(instrument, { timeInForce: 'post-only' }, -0.02);
      ours.driver.act({ kind: 'place-order', order: resting });
      await ended(resting, 'open');
      const target = { venue: id, instrument: instrument.id };
      const { clientOrderId } = resting;
      ours.driver.act({ kind: 'cancel-order', ...target, clientOrderId });
      await ended(resting, 'canceled');
      const taking = draft(instrument, {}, 0.01);
      ours.driver.act({ kind: 'place-order', order: taking });
      await ended(taking, 'filled');
    }
    const coins = draft(one('BTC', 'spot'), {}, 0.01);
    ours.driver.act({ kind: 'place-order', order: coins });
    await ended(coins, 'filled');
  });

  /** Bybit's ccxt reads open and ended orders from two places. */
  async function readOrder(symbol: string, venueOrderId: string) {
    if (id !== 'bybit') return theirs.fetchOrder(venueOrderId, symbol);
    return theirs.fetchOrder(venueOrderId, symbol, { acknowledged: true });
  }

  it("orders: ccxt's own as our stream tells them", async () => {
    const instrument = one('ETH', 'linear-perp');
    const from = ours.inbox.messages.length;
    const unit = unitOf(instrument);
    const amount = Math.max(marketOf(instrument).limits.amount?.min ?? 0, 0.1 / unit);
    const placed = await theirs.createOrder(symbolOf(instrument), 'market', 'buy', amount);
    const filled = await ours.next(
      'order',
      (e) => e.venueOrderId === String(placed.id) && e.status === 'filled',
      from,
    );
    expect(filled).toMatchObject({ instrument: instrument.id, side: 'buy' });
    expectClose(amount * unit, toNumber(filled.filledQty), 'quantity');
  });

  it('fills: id, price, quantity, side, fee and liquidity', async () => {
    const said = new Map<string, FillEvent>();
    for (const event of ours.inbox.messages) {
      if (event.kind === 'fill') said.set(`${event.instrument} ${event.fillId}`, event);
    }
    let compared = 0;
    for (const instrument of all()) {
      const mine = [...said.values()].filter((fill) => fill.instrument === instrument.id);
      if (mine.length === 0) continue;
      const trades = await theirs.fetchMyTrades(symbolOf(instrument));
      expect(trades.map((trade) => trade.id).sort()).toEqual(mine.map((f) => f.fillId).sort());
      for (const trade of trades) {
        const fill = mine.find(({ fillId }) => fillId === trade.id) as FillEvent;
        const what = `${instrument.id} fill ${trade.id}`;
        expectClose(
          Number(trade.price) / toNumber(instrument.priceUnit),
          toNumber(fill.price),
          what,
        );
        expectClose(Number(trade.amount) * unitOf(instrument), toNumber(fill.qty), what);
        expect([what, trade.side, trade.takerOrMaker]).toEqual([what, fill.side, fill.liquidity]);
        expectClose(trade.fee?.cost, -toNumber(fill.fee), what);
        if (trade.fee?.currency !== undefined) expect(trade.fee.currency).toBe(fill.feeAsset);
        expect(trade.timestamp).toBe(fill.venueTsMs);
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(4);
  });

  /**
   * Where ccxt's total is equity, with the profit of positions, the wallet stands in its raw reply.
   */
  function walletBalance(balance: { readonly info: unknown }, asset: string): number | undefined {
    const { assets, data } = balance.info as {
      readonly assets?: readonly Record<string, string>[]; // Binance USD-M
      readonly data?: readonly { readonly details: readonly Record<string, string>[] }[]; // OKX
    };
    const futures = assets?.find((row) => row['asset'] === asset)?.['walletBalance'];
    const cash = data?.[0]?.details.find((row) => row['ccy'] === asset)?.['cashBal'];
    const text = futures ?? cash;
    return text === undefined ? undefined : Number(text);
  }

  it('balances and positions, as our snapshot has them', async () => {
    const requestId = 'differential';
    ours.driver.act({ kind: 'request-snapshot', venue: id, requestId, sinceMs: 0 });
    const snapshot = await ours.next('venue-snapshot', (e) => e.requestId === requestId);
    expect(snapshot).toMatchObject({ ok: true, error: null });
    for (const type of id === 'binance' ? ['spot', 'future'] : ['unified']) {
      const balance = await theirs.fetchBalance(id === 'binance' ? { type } : {});
      const wallet = type === 'future' ? 'futures' : type;
      for (const { asset, total, wallet: at } of snapshot.balances) {
        if (at !== wallet || total === 0n) continue;
        const read = walletBalance(balance, asset) ?? balance[asset]?.total;
        expectClose(read, toNumber(total), `${wallet} ${asset}`);
      }
    }
    const positions = await theirs.fetchPositions();
    const held = snapshot.positions.filter(({ qty }) => qty !== 0n);
    expect(held.length).toBeGreaterThanOrEqual(3);
    expect(positions).toHaveLength(held.length);
    for (const position of held) {
      const instrument = ours.catalog.byId(String(position.instrument)) as Instrument;
      const read = positions.find(({ symbol }) => symbol === symbolOf(instrument));
      const sign = read?.side === 'short' ? -1 : 1;
      expectClose(
        sign * Number(read?.contracts) * unitOf(instrument),
        toNumber(position.qty),
        instrument.id,
      );
      expectClose(
        Number(read?.entryPrice) / toNumber(instrument.priceUnit),
        toNumber(position.entryPrice as Decimal),
        instrument.id,
      );
    }
  });
});
