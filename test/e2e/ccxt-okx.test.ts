// Unmodified ccxt (okx) against the testnet's OKX: only its URLs are changed. The testnet runs at
// speed 1 with venue time = now.
import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal } from '../../src/base/decimal.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { makeOkxProtocol } from '../../src/testnet/okx/index.ts';
import { startTestnet, type Testnet } from '../../src/testnet/server.ts';

let testnet: Testnet;
const clients: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  const startMs = Math.floor(Date.now() / 1_000) * 1_000;
  testnet = await startTestnet({
    market: seededMarket({ seed: 7, startMs, venues: ['okx'] }),
    venues: [
      {
        venue: 'okx',
        makeProtocol: makeOkxProtocol,
        startBalances: [{ wallet: 'unified', asset: 'USDT', amount: decimal('50000') }],
        port: 0,
      },
    ],
    credentials: { key: 'k', secret: 's', passphrase: 'p' },
    speed: 1,
  });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await testnet.stop();
});

type Client = InstanceType<typeof ccxt.pro.okx>;

async function client(options: object): Promise<Client> {
  const exchange = new ccxt.pro.okx(options);
  const server = testnet.server('okx');
  // ccxt's `urls` is an untyped tree of texts.
  const api = exchange.urls.api as Record<string, unknown>;
  api.rest = server.http;
  api.ws = `${server.ws}/ws/v5`;
  await exchange.loadHttpProxyAgent();
  clients.push(exchange);
  return exchange;
}

const keys = { apiKey: 'k', secret: 's', password: 'p' };
const swap = 'BTC/USDT:USDT';
const spot = 'BTC/USDT';

describe('ccxt okx', () => {
  it('loads markets and currencies with keys', async () => {
    const exchange = await client(keys);
    await exchange.loadMarkets();
    expect(exchange.market(swap)).toMatchObject({
      ...{ id: 'BTC-USDT-SWAP', swap: true, linear: true, active: true, contractSize: 0.01 },
    });
    expect(exchange.market(spot)).toMatchObject({ spot: true, active: true });
    const swaps = exchange.symbols?.filter((symbol) => exchange.market(symbol).swap === true);
    expect(swaps?.length).toBeGreaterThanOrEqual(12);
  });

  it('reads funding, balances and positions', async () => {
    const exchange = await client(keys);
    const rates = await exchange.fetchFundingRates();
    expect(Object.keys(rates).length).toBeGreaterThanOrEqual(12);
    const rate = await exchange.fetchFundingRate(swap);
    expect(rate.fundingRate).toBe(
      testnet.exchange('okx').funding('okx:BTC-USDT-PERP')?.ratePerInterval,
    );
    expect(rate.interval).toBe('8h');
    expect(rate.nextFundingRate).toBeUndefined();
    expect(rates['PEPE/USDT:USDT']?.interval).toBe('4h');
    expect((await exchange.fetchBalance())['USDT']).toMatchObject({ total: 50_000, free: 50_000 });
    expect(await exchange.fetchPositions()).toEqual([]);
    expect(await exchange.fetchFundingRateHistory(swap, undefined, 10)).toHaveLength(10);
    expect(await exchange.fetchTickers([swap, 'ETH/USDT:USDT'])).toHaveProperty([swap]);
    expect((await exchange.fetchMarketLeverageTiers(swap)).length).toBeGreaterThan(1);
    expect(Math.abs(((await exchange.fetchTime()) ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('keeps a book in sequence, and the best level of the tick-by-tick channel', async () => {
    const exchange = await client({});
    for (let n = 0; n < 3; n++) {
      const book = await exchange.watchOrderBook(swap);
      expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    }
    const book = await exchange.watchOrderBook(swap);
    const quote = testnet.exchange('okx').quote('okx:BTC-USDT-PERP');
    expect(Math.abs(Number(book.bids[0]?.[0]) / quote.bid - 1)).toBeLessThan(0.01);
    const top = await exchange.watchOrderBook('ETH/USDT:USDT', 1);
    expect(top.bids).toHaveLength(1);
    const funding = await exchange.watchFundingRate(swap);
    expect(funding.interval).toBe('8h');
    const ticker = await exchange.watchTicker(spot);
    expect(ticker.bid).toBeGreaterThan(0);
  });

  it('places, fetches, cancels and fills orders, and sees them on its streams', async () => {
    const exchange = await client(keys);
    await exchange.loadMarkets();
    await exchange.setLeverage(5, swap, { mgnMode: 'cross' });
    const watched = exchange.watchOrders(swap);
    await subscribed(exchange, 'orders');
    const { bids } = await exchange.fetchOrderBook(swap, 5);
    const bid = Number(bids[0]?.[0]);

    const placed = await exchange.createOrder(swap, 'limit', 'buy', 1.5, bid * 0.97);
    const seen = await watched;
    expect(seen[0]).toMatchObject({ id: placed.id, status: 'open', side: 'buy' });
    expect(await exchange.fetchOrder(idOf(placed), swap)).toMatchObject({
      ...{ id: placed.id, status: 'open', amount: 1.5, filled: 0 },
    });
    expect(await exchange.fetchOpenOrders(swap)).toHaveLength(1);
    await exchange.cancelOrder(idOf(placed), swap);
    expect(await exchange.fetchOrder(idOf(placed), swap)).toMatchObject({ status: 'canceled' });

    const bought = await exchange.createOrder(swap, 'market', 'buy', 1.5);
    expect(await exchange.fetchOrder(idOf(bought), swap)).toMatchObject({
      ...{ status: 'closed', filled: 1.5 },
    });
    const [position] = await exchange.fetchPositions([swap]);
    expect(position).toMatchObject({
      ...{ symbol: swap, side: 'long', contracts: 1.5, contractSize: 0.01, marginMode: 'cross' },
      ...{ leverage: 5, hedged: false },
    });
    const trades = await exchange.fetchMyTrades(swap);
    expect(trades.at(-1)).toMatchObject({ order: bought.id, side: 'buy', takerOrMaker: 'taker' });
    expect(trades.at(-1)?.fee?.cost).toBeGreaterThan(0);
    await exchange.createOrder(swap, 'market', 'sell', 1.5, undefined, { reduceOnly: true });
    expect(await exchange.fetchPositions()).toEqual([]);
    expect(
      (await exchange.fetchLedger('USDT', undefined, undefined, { type: 'swap' })).length,
    ).toBeGreaterThan(0);
  });

  it('trades spot, over REST and over WebSocket', async () => {
    const exchange = await client(keys);
    await exchange.loadMarkets();
    const bought = await exchange.createOrder(spot, 'market', 'buy', 0.01);
    expect(await exchange.fetchOrder(idOf(bought), spot)).toMatchObject({ filled: 0.01 });
    // The fee of 0.1% is taken in base.
    expect((await exchange.fetchBalance())['BTC']?.free).toBeCloseTo(0.00999, 10);
    await exchange.createOrder(spot, 'market', 'sell', 0.00999);
    const { bids } = await exchange.fetchOrderBook(spot, 5);
    const low = Number(bids[0]?.[0]) * 0.97;
    const placed = await exchange.createOrderWs(spot, 'limit', 'buy', 0.01, low);
    expect(await exchange.fetchOrder(idOf(placed), spot)).toMatchObject({ status: 'open' });
    await exchange.cancelOrderWs(idOf(placed), spot);
    expect(await exchange.fetchOrder(idOf(placed), spot)).toMatchObject({ status: 'canceled' });
  });

  it('sees its balance and its position move', async () => {
    const exchange = await client(keys);
    await exchange.loadMarkets();
    const first = await exchange.watchBalance();
    expect(first['USDT']?.total).toBeGreaterThan(0);
    // The first push is what was held at the subscription: nothing.
    expect(await exchange.watchPositions([swap])).toEqual([]);
    const moved = exchange.watchPositions([swap]);
    await exchange.createOrder(swap, 'market', 'sell', 1);
    const seen = await moved;
    expect(seen[0]).toMatchObject({ contracts: 1, side: 'short', symbol: swap });
    await exchange.createOrder(swap, 'market', 'buy', 1, undefined, { reduceOnly: true });
  });

  it('is refused as by the venue', async () => {
    const exchange = await client(keys);
    await exchange.loadMarkets();
    const { asks } = await exchange.fetchOrderBook(swap, 5);
    const ask = Number(asks[0]?.[0]);
    // A crossing post-only order is accepted, and then cancelled with source 31.
    const crossing = await exchange.createOrder(swap, 'limit', 'buy', 1, ask * 1.01, {
      postOnly: true,
    });
    const fetched = await exchange.fetchOrder(idOf(crossing), swap);
    expect(fetched.status).toBe('canceled');
    expect(fetched.info).toMatchObject({ cancelSource: '31' });
    await expect(
      exchange.createOrder(swap, 'market', 'sell', 1, undefined, { reduceOnly: true }),
    ).rejects.toThrow(/51169/);
    await expect(exchange.createOrder(swap, 'limit', 'buy', 2_000, ask)).rejects.toThrow(
      ccxt.InsufficientFunds,
    );
    await expect(exchange.fetchOrder('1', swap)).rejects.toThrow(ccxt.OrderNotFound);
    await expect(exchange.cancelOrder('1', swap)).rejects.toThrow(ccxt.OrderNotFound);
    const wrong = await client({ ...keys, secret: 'wrong' });
    await expect(wrong.fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
  });
});

/** Waits until the client has been told that a private channel is subscribed. */
async function subscribed(exchange: object, channel: string): Promise<void> {
  // ccxt keeps its sockets by address in an untyped table; the testnet tells what it pushes to.
  const { clients: table } = exchange as {
    clients: Record<string, { connected: Promise<unknown>; subscriptions: object }>;
  };
  for (;;) {
    const socket = Object.entries(table).find(([url]) => url.endsWith('/private'))?.[1];
    if (socket !== undefined) {
      await socket.connected;
      const asked = Object.keys(socket.subscriptions).some((name) => name.startsWith(channel));
      if (asked) return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function idOf(order: { readonly id?: string | undefined }): string {
  if (order.id === undefined) throw new Error('the order has no id');
  return order.id;
}
