// Unmodified ccxt (hyperliquid) against the testnet's Hyperliquid, only its URLs are changed: it
// signs with its own code, and the testnet recovers who signed. What it reads must be what our
// adapter reads. The testnet runs at speed 1 with venue time = now.
import ccxt, { type Market } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDecimal, toNumber, zero } from '../../src/base/decimal.ts';
import { Catalog, type Instrument } from '../../src/domain/instrument.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { accountOf } from '../../src/testnet/hyperliquid/account.ts';
import { testnetVenue } from '../../src/testnet/registry.ts';
import { startTestnet, type Testnet } from '../../src/testnet/server.ts';
import { clientIdOf, cloidOf } from '../../src/venues/hyperliquid/cloid.ts';
import { hyperliquid } from '../../src/venues/hyperliquid/index.ts';

let testnet: Testnet;
const clients: { close(): Promise<unknown> }[] = [];
const shared = { key: 'k', secret: 's', passphrase: 'p' };
const account = accountOf(shared);
const keys = { walletAddress: account.key, privateKey: account.secret };
const swap = 'BTC/USDC:USDC';
const spot = 'BTC/USDC';
const btc = 'hyperliquid:BTC-USDC-PERP';

beforeAll(async () => {
  const startMs = Math.floor(Date.now() / 1_000) * 1_000;
  const entry = testnetVenue('hyperliquid');
  testnet = await startTestnet({
    market: seededMarket({ seed: 7, startMs, venues: ['hyperliquid'] }),
    venues: [
      {
        venue: 'hyperliquid',
        makeProtocol: await entry.load(),
        startBalances: entry.startBalances,
        port: 0,
      },
    ],
    credentials: shared,
    speed: 1,
  });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await testnet.stop();
});

type Client = InstanceType<typeof ccxt.pro.hyperliquid>;

async function client(options: object): Promise<Client> {
  const exchange = new ccxt.pro.hyperliquid(options);
  const server = testnet.server('hyperliquid');
  exchange.urls.api = {
    public: server.http,
    private: server.http,
    ws: { public: `${server.ws}/ws` },
  } as unknown as typeof exchange.urls.api; // an untyped tree of texts
  await exchange.loadHttpProxyAgent();
  clients.push(exchange);
  return exchange;
}

/** Sends a request of our adapter, signed by it, and decodes the answer with it. */
async function ours(request: HttpRequest, catalog: Catalog): Promise<readonly VenueEvent[]> {
  const signed = request.auth === 'none' ? request : hyperliquid.sign(request, account, Date.now());
  const reply = await fetch(`${testnet.server('hyperliquid').http}${signed.path}`, {
    method: signed.method,
    headers: signed.headers,
    body: signed.body,
  });
  const answer = { status: reply.status, body: await reply.text() };
  return hyperliquid.decodeReply(request, answer, catalog);
}

async function ourCatalog(): Promise<Catalog> {
  const catalog = new Catalog();
  for (const request of hyperliquid.requests.instruments()) {
    for (const event of await ours(request, catalog)) {
      if (event.kind === 'instrument') catalog.put(event.spec);
    }
  }
  return catalog;
}

/** One client for what needs keys: ccxt paces itself, and loads all markets once per client. */
let trader: Client;

describe('ccxt hyperliquid', () => {
  it('loads the markets that our adapter lists, with the same grids and numbers', async () => {
    trader = await client(keys);
    await trader.loadMarkets();
    const catalog = await ourCatalog();
    expect(catalog.size).toBeGreaterThanOrEqual(17);
    const markets = Object.values(trader.markets ?? {}) as readonly Market[];
    for (const instrument of catalog.all()) {
      const market = markets.find((one) => isMarketOf(one, instrument));
      expect(market, instrument.id).toBeDefined();
      expect(Number(market?.['baseId'])).toBe(instrument.assetId);
      const unit = toNumber(instrument.qtyUnit);
      expect(market?.precision.amount).toBeCloseTo(toNumber(instrument.lotSize ?? zero) / unit, 12);
      const tick = toNumber(instrument.tickSize ?? zero) * toNumber(instrument.priceUnit);
      // Of spot ccxt looks the price up by the pair's index, which is not its place.
      if (instrument.kind !== 'spot') {
        expect(market?.precision.price, instrument.id).toBeCloseTo(tick, 12);
      }
      expect(market?.limits.cost?.min).toBe(toNumber(instrument.notionalMin ?? zero));
    }
  });

  it('reads hourly funding, balances, fees and the clock as our adapter does', async () => {
    const catalog = await ourCatalog();
    const rates = await trader.fetchFundingRates();
    const funding = testnet.exchange('hyperliquid').funding(btc);
    expect(rates[swap]?.fundingRate).toBeCloseTo(funding?.ratePerInterval ?? Number.NaN, 8);
    expect(rates[swap]?.interval).toBe('1h');
    const perps = catalog.all().filter(({ kind }) => kind === 'linear-perp');
    const events = (
      await Promise.all(hyperliquid.requests.fundingRates(perps).map((r) => ours(r, catalog)))
    ).flat();
    const settles = events.find(
      (e) => e.kind === 'funding-rate' && e.instrument === btc && e.settlesAtMs !== null,
    );
    expect(settles).toMatchObject({
      ...{ settlesAtMs: funding?.settlesAtMs, intervalMs: 3_600_000, settled: false },
    });
    expect(rates[swap]?.fundingTimestamp).toBe(funding?.settlesAtMs);
    const history = await trader.fetchFundingRateHistory(swap, Date.now() - 10 * 3_600_000);
    expect(history).toHaveLength(10);

    expect((await trader.fetchBalance())['USDC']).toMatchObject({ total: 30_000 });
    expect((await trader.fetchBalance({ type: 'spot' }))['USDC']).toMatchObject({ total: 10_000 });
    const balances = (
      await Promise.all(hyperliquid.requests.balances().map((r) => ours(r, catalog)))
    ).flat();
    expect(
      balances.map((e) => (e.kind === 'balance' ? [e.wallet, e.asset, formatDecimal(e.total)] : e)),
    ).toEqual([
      ['perp', 'USDC', '30000'],
      ['spot', 'USDC', '10000'],
    ]);
    expect(await trader.fetchTradingFee(swap)).toMatchObject({ maker: 0.00015, taker: 0.00045 });
    expect(await trader.fetchPositions()).toEqual([]);
    expect(Math.abs(((await trader.fetchTime()) ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('watches books, tickers and the multiplied coin', async () => {
    const exchange = trader;
    for (let n = 0; n < 2; n++) {
      const book = await exchange.watchOrderBook(swap);
      expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
      expect(book.bids.length).toBe(20);
    }
    const quote = testnet.exchange('hyperliquid').quote(btc);
    const { bids } = await exchange.fetchOrderBook(swap);
    expect(Math.abs(Number(bids[0]?.[0]) / quote.bid - 1)).toBeLessThan(0.01);
    expect((await exchange.watchTicker(swap)).close).toBeGreaterThan(0);
    expect((await exchange.watchTicker(spot)).close).toBeGreaterThan(0);
    const pepe = await exchange.fetchOrderBook('KPEPE/USDC:USDC');
    const ourPepe = testnet.exchange('hyperliquid').quote('hyperliquid:PEPE-USDC-PERP');
    expect(Number(pepe.bids[0]?.[0]) / (1_000 * ourPepe.bid)).toBeCloseTo(1, 1);
  });

  it('places, finds, edits and cancels a resting order by number and by client id', async () => {
    await trader.setLeverage(5, swap);
    const { bids } = await trader.fetchOrderBook(swap);
    const price = Math.round(Number(bids[0]?.[0]) * 0.97);
    const placed = await trader.createOrder(swap, 'limit', 'buy', 0.015, price);
    const id = String(placed.id);
    expect(await trader.fetchOrder(id, swap)).toMatchObject({
      ...{ id, status: 'open', amount: 0.015, filled: 0, side: 'buy', price },
    });
    expect(await trader.fetchOpenOrders(swap)).toHaveLength(1);
    const edited = await trader.editOrder(id, swap, 'limit', 'buy', 0.02, price);
    expect(await trader.fetchOrder(String(edited.id), swap)).toMatchObject({ amount: 0.02 });
    await trader.cancelOrder(String(edited.id), swap);
    await expect(trader.cancelOrder(String(edited.id), swap)).rejects.toThrow(ccxt.OrderNotFound);
    expect(await trader.fetchCanceledOrders(swap)).toHaveLength(2);

    // An id of ours goes through ccxt and comes back through our adapter.
    const clientOrderId = cloidOf('fatest00000000000001');
    await trader.createOrder(swap, 'limit', 'buy', 0.015, price, { clientOrderId });
    const catalog = await ourCatalog();
    const instrument = catalog.byId(btc) as Instrument;
    const [status] = hyperliquid.requests.queryOrder(clientIdOf(clientOrderId), instrument);
    expect(await ours(status as HttpRequest, catalog)).toMatchObject([
      { kind: 'order', clientOrderId: 'fatest00000000000001', status: 'open', instrument: btc },
    ]);
    expect(
      await ours(hyperliquid.requests.cancel('fatest00000000000001', instrument), catalog),
    ).toMatchObject([{ kind: 'control', name: 'ack' }]);
    expect(await trader.fetchOpenOrders(swap)).toEqual([]);
  });

  it('fills at the market; fees, position and cash are those that our adapter reads', async () => {
    const { asks, bids } = await trader.fetchOrderBook(swap);
    const bought = await trader.createOrder(swap, 'market', 'buy', 0.015, Number(asks[0]?.[0]));
    expect(bought.filled).toBe(0.015);
    const [position] = await trader.fetchPositions();
    expect(position).toMatchObject({ symbol: swap, side: 'long', contracts: 0.015, leverage: 5 });
    const trades = await trader.fetchMyTrades(swap);
    expect(trades[0]).toMatchObject({ order: bought.id, takerOrMaker: 'taker', side: 'buy' });

    const catalog = await ourCatalog();
    const scope = { instruments: catalog.all(), sinceMs: 0 };
    const fills = (await ours(hyperliquid.requests.fills(scope)[0] as HttpRequest, catalog)).filter(
      (e) => e.kind === 'fill',
    );
    expect(fills.map(({ fillId }) => fillId)).toEqual(trades.map(({ id }) => id));
    for (const [k, fill] of fills.entries()) {
      expect(toNumber(fill.price)).toBe(trades[k]?.price);
      expect(toNumber(fill.qty)).toBe(trades[k]?.amount);
      // Theirs is a cost, ours is cash.
      expect(toNumber(fill.fee)).toBe(-Number(trades[k]?.fee?.cost));
    }
    const [held] = await ours(
      hyperliquid.requests.positions(catalog.all())[0] as HttpRequest,
      catalog,
    );
    expect(held).toMatchObject({ kind: 'position', instrument: btc, leverage: 5 });
    expect(held?.kind === 'position' && formatDecimal(held.qty)).toBe('0.015');
    const [cash] = await ours(hyperliquid.requests.balances()[0] as HttpRequest, catalog);
    const ledger = testnet
      .exchange('hyperliquid')
      .balances()
      .find(({ wallet }) => wallet === 'perp');
    expect(cash?.kind === 'balance' && cash.total).toBe(ledger?.total);

    const low = Number(bids[0]?.[0]);
    await trader.createOrder(swap, 'market', 'sell', 0.015, low, { reduceOnly: true });
    expect(await trader.fetchPositions()).toEqual([]);
  });

  it('buys bridged spot, and is refused with the sentences of the venue', async () => {
    const { asks } = await trader.fetchOrderBook(spot);
    const ask = Number(asks[0]?.[0]);
    const bought = await trader.createOrder(spot, 'market', 'buy', 0.01, ask);
    expect(bought.filled).toBe(0.01);
    // The fee of 0.07% was taken in the coin.
    const held = (await trader.fetchBalance({ type: 'spot' }))['BTC']?.total ?? 0;
    expect(held).toBeCloseTo(0.01 * 0.9993, 8);
    const refusals: readonly (readonly [() => Promise<unknown>, typeof ccxt.BaseError])[] = [
      [() => trader.createOrder(swap, 'market', 'buy', 1_000, ask), ccxt.InsufficientFunds],
      [() => trader.createOrder(spot, 'market', 'sell', 50, ask), ccxt.InsufficientFunds],
      [() => trader.createOrder(swap, 'limit', 'buy', 0.0001, ask), ccxt.InvalidOrder],
      [
        () => trader.createOrder(swap, 'limit', 'buy', 0.01, ask * 1.01, { postOnly: true }),
        ccxt.InvalidOrder,
      ],
      [() => trader.fetchOrder('42', swap), ccxt.OrderNotFound],
    ];
    for (const [refused, kind] of refusals) await expect(refused()).rejects.toThrow(kind);
  });

  it('sees orders, trades and the account on the streams, and trades over a socket', async () => {
    const { asks } = await trader.fetchOrderBook(swap);
    const ask = Number(asks[0]?.[0]);
    const balance = await trader.watchBalance();
    expect(balance['USDC']?.total).toBeGreaterThan(29_000);
    const orders = trader.watchOrders(swap);
    await subscribed(trader, 'orderUpdates');
    const placed = await trader.createOrderWs(swap, 'market', 'buy', 0.01, ask);
    const [seen] = await orders;
    expect(seen).toMatchObject({ id: placed.id, symbol: swap, side: 'buy' });
    // The first frame of this channel repeats what was traded before.
    const [trade] = await trader.watchMyTrades(swap);
    expect(trade).toMatchObject({ symbol: swap });
    await trader.createOrder(swap, 'market', 'sell', 0.01, ask * 0.99, { reduceOnly: true });
  });

  it('is refused with another key: the signer that is recovered does not exist', async () => {
    const exchange = await client({ ...keys, privateKey: `0x${'42'.repeat(32)}` });
    exchange.setMarkets(trader.markets);
    await expect(exchange.setLeverage(5, swap)).rejects.toThrow(
      /User or API Wallet 0x[0-9a-f]{40}/,
    );
  });
});

function isMarketOf(market: Market, instrument: Instrument): boolean {
  if (market === undefined) return false;
  const isSwap = instrument.kind === 'linear-perp';
  const { baseName, id } = market as { readonly baseName?: string; readonly id: string }; // untyped
  const name = isSwap ? baseName : id;
  return name === instrument.symbol && market.swap === isSwap;
}

/** Until the client has sent the subscription and the testnet has taken it. */
async function subscribed(exchange: Client, type: string): Promise<void> {
  for (;;) {
    const sockets = Object.values(exchange.clients ?? {});
    const names = sockets.flatMap((socket) => Object.keys(socket.subscriptions));
    if (names.some((name) => name.includes(type) || name.startsWith('order'))) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A round trip over HTTP: the subscription, sent before, is in by then.
  await exchange.fetchTime();
}
