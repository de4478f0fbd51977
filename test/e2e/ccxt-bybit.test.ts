// Unmodified ccxt (bybit) against the testnet's Bybit: only its URLs are changed. The testnet runs
// at speed 1 with venue time = now.
import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal } from '../../src/base/decimal.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { makeBybitProtocol } from '../../src/testnet/bybit/index.ts';
import { startTestnet, type Testnet } from '../../src/testnet/server.ts';

let testnet: Testnet;
const clients: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  const startMs = Math.floor(Date.now() / 1_000) * 1_000;
  testnet = await startTestnet({
    market: seededMarket({ seed: 7, startMs, venues: ['bybit'] }),
    venues: [
      {
        venue: 'bybit',
        makeProtocol: makeBybitProtocol,
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

type Client = InstanceType<typeof ccxt.pro.bybit>;

async function client(options: object): Promise<Client> {
  const exchange = new ccxt.pro.bybit(options);
  const server = testnet.server('bybit');
  // ccxt's `urls` is an untyped tree of texts: every host in it is replaced.
  const pointed = (tree: unknown): unknown => {
    if (typeof tree === 'string') {
      return tree.replace(/^wss:\/\/[^/]+/, server.ws).replace(/^https:\/\/[^/]+/, server.http);
    }
    if (typeof tree !== 'object' || tree === null) return tree;
    return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, pointed(part)]));
  };
  exchange.urls.api = pointed(exchange.urls.api) as typeof exchange.urls.api;
  await exchange.loadHttpProxyAgent();
  clients.push(exchange);
  return exchange;
}

const keys = { apiKey: 'k', secret: 's' };
/** One client for what needs keys: ccxt paces itself, and loads all markets once per client. */
let trader: Client;
const swap = 'BTC/USDT:USDT';
const spot = 'BTC/USDT';

describe('ccxt bybit', () => {
  it('loads markets and currencies with keys', async () => {
    trader = await client(keys);
    const exchange = trader;
    await exchange.loadMarkets();
    expect(exchange.market(swap)).toMatchObject({
      ...{ id: 'BTCUSDT', swap: true, linear: true, active: true, contractSize: 1 },
    });
    expect(exchange.market(spot)).toMatchObject({ id: 'BTCUSDT', spot: true, active: true });
    const swaps = exchange.symbols?.filter((symbol) => exchange.market(symbol).swap === true);
    expect(swaps?.length).toBeGreaterThanOrEqual(12);
    expect(exchange.currencies).toHaveProperty('USDT');
  });

  it('reads funding, balances and positions', async () => {
    const exchange = trader;
    const rates = await exchange.fetchFundingRates();
    expect(Object.keys(rates).length).toBeGreaterThanOrEqual(12);
    const rate = await exchange.fetchFundingRate(swap);
    const funding = testnet.exchange('bybit').funding('bybit:BTC-USDT-PERP');
    expect(rate.fundingRate).toBeCloseTo(funding?.ratePerInterval ?? Number.NaN, 8);
    expect(rate.fundingTimestamp).toBe(funding?.settlesAtMs);
    expect(rate.interval).toBe('8h');
    expect(await exchange.fetchFundingRateHistory(swap, undefined, 10)).toHaveLength(10);
    expect((await exchange.fetchBalance())['USDT']).toMatchObject({ total: 50_000, free: 50_000 });
    expect(await exchange.fetchPositions()).toEqual([]);
    const tickers = await exchange.fetchTickers([swap, 'ETH/USDT:USDT']);
    expect(tickers[swap]?.symbol).toBe(swap);
    expect((await exchange.fetchTicker(spot)).bid).toBeGreaterThan(0);
    expect(Math.abs(((await exchange.fetchTime()) ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('keeps an order book in sequence, and the best level', async () => {
    const exchange = await client({});
    for (let n = 0; n < 3; n++) {
      const book = await exchange.watchOrderBook(swap, 50);
      expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    }
    const book = await exchange.watchOrderBook(swap, 50);
    const quote = testnet.exchange('bybit').quote('bybit:BTC-USDT-PERP');
    expect(Math.abs(Number(book.bids[0]?.[0]) / quote.bid - 1)).toBeLessThan(0.01);
    const top = await exchange.watchOrderBook('ETH/USDT', 1);
    expect(top.bids).toHaveLength(1);
    expect((await exchange.watchTicker(swap)).symbol).toBe(swap);
    expect((await exchange.watchTicker(spot)).last).toBeGreaterThan(0);
  });

  it('places, fetches, cancels and fills orders on a perpetual', async () => {
    const exchange = trader;
    await exchange.setLeverage(5, swap);
    const { bids } = await exchange.fetchOrderBook(swap, 5);
    const price = Number(bids[0]?.[0]) * 0.97;

    const placed = await exchange.createOrder(swap, 'limit', 'buy', 0.015, price);
    const id = String(placed.id);
    expect(await exchange.fetchOpenOrder(id, swap)).toMatchObject({
      ...{ id, status: 'open', amount: 0.015, filled: 0, side: 'buy' },
    });
    const acknowledged = { acknowledged: true };
    expect(await exchange.fetchOrder(id, swap, acknowledged)).toMatchObject({ status: 'open' });
    expect(await exchange.fetchOpenOrders(swap)).toHaveLength(1);
    const edited = await exchange.editOrder(id, swap, 'limit', 'buy', 0.02, price);
    expect(edited.id).toBe(id);
    expect(await exchange.fetchOpenOrder(id, swap)).toMatchObject({ amount: 0.02 });
    await exchange.cancelOrder(id, swap);
    const [canceled] = await exchange.fetchCanceledOrders(swap);
    expect(canceled).toMatchObject({ id, status: 'canceled' });

    const bought = await exchange.createOrder(swap, 'market', 'buy', 0.015);
    const filled = await exchange.fetchClosedOrder(String(bought.id), swap);
    expect(filled).toMatchObject({ status: 'closed', filled: 0.015 });
    expect(filled.average).toBeGreaterThan(0);
    const [position] = await exchange.fetchPositions();
    expect(position).toMatchObject({ symbol: swap, side: 'long', contracts: 0.015, leverage: 5 });
    const [trade] = await exchange.fetchMyTrades(swap);
    expect(trade).toMatchObject({ order: bought.id, amount: 0.015, takerOrMaker: 'taker' });
    await exchange.createOrder(swap, 'market', 'sell', 0.015, undefined, { reduceOnly: true });
    expect(await exchange.fetchPositions()).toEqual([]);
  });

  it('buys and sells spot, and refuses what there is no money for', async () => {
    const exchange = trader;
    // ccxt asks for the quantity in base coin.
    const bought = await exchange.createOrder(spot, 'market', 'buy', 0.01);
    const filled = await exchange.fetchClosedOrder(String(bought.id), spot);
    expect(filled).toMatchObject({ status: 'closed', filled: 0.01 });
    const held = (await exchange.fetchBalance())['BTC']?.total ?? 0;
    // The fee of 0.1% was taken in the coin.
    expect(held).toBeCloseTo(0.01 * 0.999, 8);
    const cost = await exchange.createMarketBuyOrderWithCost(spot, 500);
    expect((await exchange.fetchClosedOrder(String(cost.id), spot)).cost).toBeLessThanOrEqual(500);
    await expect(exchange.createOrder(spot, 'market', 'sell', 50)).rejects.toThrow(
      ccxt.InsufficientFunds,
    );
    await expect(exchange.fetchOpenOrder('42', spot)).rejects.toThrow(ccxt.OrderNotFound);
  });

  it('sees its orders and trades on the private streams, and trades over a socket', async () => {
    const exchange = trader;
    const orders = exchange.watchOrders(swap);
    await subscribed(exchange, 'orders');
    const placed = await exchange.createOrderWs(swap, 'market', 'buy', 0.01);
    const [seen] = await orders;
    expect(seen).toMatchObject({ id: placed.id, symbol: swap, side: 'buy' });
    const trades = exchange.watchMyTrades(swap);
    await subscribed(exchange, 'myTrades');
    await exchange.createOrder(swap, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
    const [trade] = await trades;
    expect(trade).toMatchObject({ symbol: swap, side: 'sell', amount: 0.01 });
  });

  it('is refused with another secret', async () => {
    const exchange = await client({ apiKey: 'k', secret: 'wrong' });
    await expect(exchange.fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
  });
});

/** Until the client has sent the subscription and the testnet has taken it. */
async function subscribed(exchange: Client, hash: string): Promise<void> {
  for (;;) {
    const sockets = Object.values(exchange.clients ?? {});
    if (
      sockets.some((socket) =>
        Object.keys(socket.subscriptions).some((key) => key.startsWith(hash)),
      )
    ) {
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A round trip over HTTP: the subscription, sent before, is in by then.
  await exchange.fetchTime();
}
