// Unmodified ccxt (binance, binanceusdm) against the testnet's Binance: only its URLs are changed.
// The testnet runs at speed 1 with venue time = now.
import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal } from '../../src/base/decimal.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { makeBinanceProtocol } from '../../src/testnet/binance/index.ts';
import { startTestnet, type Testnet } from '../../src/testnet/server.ts';

let testnet: Testnet;
const clients: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  const startMs = Math.floor(Date.now() / 1_000) * 1_000;
  testnet = await startTestnet({
    market: seededMarket({ seed: 7, startMs, venues: ['binance'] }),
    venues: [
      {
        venue: 'binance',
        makeProtocol: makeBinanceProtocol,
        startBalances: [
          { wallet: 'futures', asset: 'USDT', amount: decimal('50000') },
          { wallet: 'spot', asset: 'USDT', amount: decimal('50000') },
        ],
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

async function clientOf<T extends InstanceType<typeof ccxt.pro.binance>>(exchange: T): Promise<T> {
  const server = testnet.server('binance');
  // ccxt's `urls` is an untyped tree of texts.
  const api = exchange.urls.api as Record<string, unknown>;
  for (const [name, url] of Object.entries(api)) {
    if (typeof url === 'string') api[name] = url.replace(/^https:\/\/[^/]+/, server.http);
  }
  api.ws = {
    spot: `${server.ws}/stream/ws`,
    margin: `${server.ws}/stream/ws`,
    future: `${server.ws}/ws`,
    'ws-api': { spot: `${server.ws}/ws-api/v3`, future: `${server.ws}/ws-fapi/v1` },
  };
  await exchange.loadHttpProxyAgent();
  clients.push(exchange);
  return exchange;
}

const keys = { apiKey: 'k', secret: 's' };

describe('ccxt binanceusdm', () => {
  const symbol = 'BTC/USDT:USDT';

  it('loads markets with keys, funding, balances and positions', async () => {
    const exchange = await clientOf(new ccxt.pro.binanceusdm(keys));
    await exchange.loadMarkets();
    expect(exchange.market(symbol)).toMatchObject({ id: 'BTCUSDT', swap: true, active: true });
    expect(exchange.market('1000PEPE/USDT:USDT')).toMatchObject({ contract: true });
    const rates = await exchange.fetchFundingRates();
    expect(Object.keys(rates).length).toBeGreaterThanOrEqual(12);
    const rate = await exchange.fetchFundingRate(symbol);
    expect(rate.fundingRate).toBe(
      Number(
        testnet.exchange('binance').funding('binance:BTC-USDT-PERP')?.ratePerInterval.toFixed(8),
      ),
    );
    expect(rate.fundingTimestamp).toBeGreaterThan(Date.now());
    const intervals = await exchange.fetchFundingIntervals();
    expect(intervals['WIF/USDT:USDT']?.interval).toBe('4h');
    expect(intervals[symbol]).toBeUndefined();
    const balance = await exchange.fetchBalance();
    expect(balance['USDT']?.total).toBe(50_000);
    expect(await exchange.fetchPositions()).toEqual([]);
    const history = await exchange.fetchFundingRateHistory(symbol, undefined, 10);
    expect(history).toHaveLength(10);
  });

  it('keeps an order book in sequence', async () => {
    const exchange = await clientOf(new ccxt.pro.binanceusdm());
    for (let i = 0; i < 3; i++) {
      const book = await exchange.watchOrderBook(symbol);
      expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    }
    const quote = testnet.exchange('binance').quote('binance:BTC-USDT-PERP');
    const book = await exchange.watchOrderBook(symbol);
    expect(Math.abs(Number(book.bids[0]?.[0]) / quote.bid - 1)).toBeLessThan(0.01);
  });

  it('places, fetches, cancels and fills orders, and sees them on its streams', async () => {
    const exchange = await clientOf(new ccxt.pro.binanceusdm(keys));
    await exchange.loadMarkets();
    await exchange.setLeverage(5, symbol);
    const watched = exchange.watchOrders(symbol);
    // The listenKey is made and the socket opens before the first order is placed.
    await opened(exchange, 'listenKey');
    const quote = await exchange.fetchOrderBook(symbol, 5);
    const bid = Number(quote.bids[0]?.[0]);
    const resting = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, bid * 0.97);
    expect(resting.status).toBe('open');
    const seen = await watched;
    expect(seen[0]).toMatchObject({ id: resting.id, status: 'open', side: 'buy' });
    const fetched = await exchange.fetchOrder(String(resting.id), symbol);
    expect(fetched).toMatchObject({ id: resting.id, status: 'open', amount: 0.01 });
    expect(await exchange.fetchOpenOrders(symbol)).toHaveLength(1);
    const canceled = await exchange.cancelOrder(String(resting.id), symbol);
    expect(canceled.status).toBe('canceled');
    const bought = await exchange.createOrder(symbol, 'market', 'buy', 0.01);
    expect(bought).toMatchObject({ status: 'closed', filled: 0.01 });
    const [position] = await exchange.fetchPositions();
    expect(position).toMatchObject({ symbol, side: 'long', contracts: 0.01, marginMode: 'cross' });
    const trades = await exchange.fetchMyTrades(symbol);
    expect(trades.at(-1)).toMatchObject({ order: bought.id, side: 'buy', takerOrMaker: 'taker' });
    const closed = await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, {
      reduceOnly: true,
    });
    expect(closed.filled).toBe(0.01);
    expect(await exchange.fetchPositions()).toEqual([]);
  });

  it('is refused as by the venue', async () => {
    const exchange = await clientOf(new ccxt.pro.binanceusdm(keys));
    await exchange.loadMarkets();
    const { asks } = await exchange.fetchOrderBook(symbol, 5);
    const ask = Number(asks[0]?.[0]);
    await expect(
      exchange.createOrder(symbol, 'limit', 'buy', 0.01, ask * 1.01, { postOnly: true }),
    ).rejects.toThrow(/-5022/);
    await expect(
      exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { reduceOnly: true }),
    ).rejects.toThrow(/-2022/);
    await expect(exchange.fetchOrder('1', symbol)).rejects.toThrow(ccxt.OrderNotFound);
    const wrong = await clientOf(new ccxt.pro.binanceusdm({ apiKey: 'k', secret: 'wrong' }));
    await expect(wrong.fetchBalance()).rejects.toThrow(/-1022/);
  });
});

describe('ccxt binance (spot)', () => {
  const symbol = 'BTC/USDT';

  it('loads markets with keys and reads balances', async () => {
    const exchange = await clientOf(new ccxt.pro.binance(keys));
    await exchange.loadMarkets();
    expect(exchange.market(symbol)).toMatchObject({ spot: true, active: true });
    expect(exchange.market('BTC/USDT:USDT')).toMatchObject({ linear: true });
    const balance = await exchange.fetchBalance();
    expect(balance['USDT']).toMatchObject({ free: 50_000, used: 0, total: 50_000 });
  });

  it('keeps an order book in sequence', async () => {
    const exchange = await clientOf(new ccxt.pro.binance());
    for (let i = 0; i < 3; i++) {
      const book = await exchange.watchOrderBook(symbol);
      expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    }
  });

  it('buys and sells, and sees both on the WebSocket API', async () => {
    const exchange = await clientOf(new ccxt.pro.binance(keys));
    await exchange.loadMarkets();
    const watched = exchange.watchOrders(symbol);
    await opened(exchange, 'ws-api');
    const { bids } = await exchange.fetchOrderBook(symbol, 5);
    const bid = Number(bids[0]?.[0]);
    const resting = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, bid * 0.9);
    expect(resting.status).toBe('open');
    const seen = await watched;
    expect(seen[0]).toMatchObject({ id: resting.id, status: 'open' });
    expect(await exchange.fetchOrder(String(resting.id), symbol)).toMatchObject({ status: 'open' });
    expect(await exchange.cancelOrder(String(resting.id), symbol)).toMatchObject({
      status: 'canceled',
    });
    const bought = await exchange.createOrder(symbol, 'market', 'buy', 0.01);
    expect(bought).toMatchObject({ status: 'closed', filled: 0.01 });
    // The fee of a purchase is taken in base: 0.01 x (1 - 0.1%) is what can be sold again.
    const balance = await exchange.fetchBalance();
    expect(balance['BTC']?.free).toBeCloseTo(0.00999, 10);
    const sold = await exchange.createOrder(symbol, 'market', 'sell', 0.00999);
    expect(sold.filled).toBe(0.00999);
    const overWs = await exchange.createOrderWs(symbol, 'limit', 'buy', 0.01, bid * 0.9);
    expect(overWs.status).toBe('open');
    const canceled = await exchange.cancelOrderWs(String(overWs.id), symbol);
    expect(canceled.status).toBe('canceled');
  });
});

/** Waits until the client holds an open socket whose address contains the text. */
async function opened(exchange: object, text: string): Promise<void> {
  // ccxt keeps its sockets by address in an untyped table; `connected` resolves when it is open.
  const { clients: table } = exchange as {
    clients: Record<string, { connected: Promise<unknown> }>;
  };
  for (;;) {
    const client = Object.entries(table).find(([url]) => url.includes(text))?.[1];
    if (client !== undefined) {
      await client.connected;
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
