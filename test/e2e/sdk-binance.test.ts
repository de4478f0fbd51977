// Unmodified binance (SDK) trades on the testnet's Binance, spot and USD-M: only its URLs are
// changed. REST, market streams, both user-data streams and order entry over the WebSocket API;
// every wait is bounded.
import { MainClient, USDMClient, WebsocketAPIClient, WebsocketClient } from 'binance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Inbox,
  type LocalVenue,
  localKeys,
  silentLogger,
  startLocalVenue,
  startUsdt,
} from '../conformance/local-testnet.ts';

const symbol = 'BTCUSDT';
const keys = { api_key: localKeys.key, api_secret: localKeys.secret };

let venue: LocalVenue;
let usdm: USDMClient;
let spot: MainClient;
const sockets: { closeAll(force?: boolean): unknown }[] = [];

beforeAll(async () => {
  venue = await startLocalVenue('binance');
  usdm = new USDMClient({ ...keys, baseUrl: venue.http }, { proxy: false });
  spot = new MainClient({ ...keys, baseUrl: venue.http }, { proxy: false });
});
afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true);
  await venue.testnet.stop();
});

type Event = Readonly<Record<string, unknown>>;

function stream(): { client: WebsocketClient; inbox: Inbox<Event> } {
  const client = new WebsocketClient(
    {
      ...keys,
      wsUrl: venue.ws,
      restOptions: { baseUrl: venue.http },
      requestOptions: { proxy: false },
    },
    silentLogger,
  );
  const inbox = new Inbox<Event>();
  client.on('message', (message) => inbox.put(message as unknown as Event)); // read as it came
  client.on('exception', (error) => inbox.put({ e: 'exception', error }));
  sockets.push(client);
  return { client, inbox };
}

const of = (name: string) => (event: Event) => event['e'] === name;

/** Fields of the order in a futures report. */
const report = (event: Event): Event => (event['o'] as Event | undefined) ?? {};

const bestBid = async (client: USDMClient | MainClient): Promise<number> => {
  const { bids } = await client.getOrderBook({ symbol, limit: 5 });
  return Number(bids[0]?.[0]);
};
const resting = async (client: USDMClient | MainClient): Promise<number> =>
  Math.round((await bestBid(client)) * 9.7) / 10;

describe('binance over REST: USD-M', () => {
  it('reads time, instruments, books, marks and funding', async () => {
    expect(Math.abs((await usdm.getServerTime()) - Date.now())).toBeLessThan(5_000);
    const { symbols } = await usdm.getExchangeInfo();
    expect(symbols.find((listed) => listed.symbol === symbol)).toMatchObject({
      ...{ contractType: 'PERPETUAL', status: 'TRADING', marginAsset: 'USDT' },
    });
    const funding = venue.exchange.funding('binance:BTC-USDT-PERP');
    expect(await usdm.getMarkPrice({ symbol })).toMatchObject({
      ...{ symbol, nextFundingTime: funding?.settlesAtMs },
    });
    expect((await usdm.getMarkPrice()).length).toBeGreaterThan(10);
    const adjusted = await usdm.getFundingRates();
    expect(adjusted.map((row) => row.symbol)).not.toContain(symbol);
    expect(await usdm.getFundingRateHistory({ symbol, limit: 5 })).toHaveLength(5);
    const ticker = await usdm.getSymbolOrderBookTicker({ symbol });
    expect(Number(ticker.bidPrice)).toBeLessThan(Number(ticker.askPrice));
  });

  it('reads the account, and sets modes and leverage', async () => {
    const usdt = (await usdm.getBalanceV3()).find(({ asset }) => asset === 'USDT');
    expect(Number(usdt?.balance)).toBe(startUsdt);
    const information = await usdm.getAccountInformationV3();
    expect(Number(information.totalWalletBalance)).toBe(startUsdt);
    expect(await usdm.setLeverage({ symbol, leverage: 5 })).toMatchObject({ leverage: 5 });
    const dual = usdm.setPositionMode({ dualSidePosition: 'false' });
    await expect(dual).rejects.toMatchObject({ code: -4059 });
    const margin = usdm.setMarginType({ symbol, marginType: 'CROSSED' });
    await expect(margin).rejects.toMatchObject({ code: -4046 });
    // One symbol is answered with its object, not with a list.
    const tiers = await usdm.getNotionalAndLeverageBrackets({ symbol });
    expect(tiers).toMatchObject({ symbol, brackets: expect.any(Array) });
    const fees = await usdm.getAccountCommissionRate({ symbol });
    expect(Number(fees.takerCommissionRate)).toBeGreaterThan(0);
  });

  it('places, lists and cancels resting orders; a batch may fail in part', async () => {
    const price = await resting(usdm);
    const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price } as const;
    const newClientOrderId = usdm.generateNewOrderId();
    const placed = await usdm.submitNewOrder({ ...order, quantity: 0.01, newClientOrderId });
    expect(placed).toMatchObject({ status: 'NEW', clientOrderId: newClientOrderId });
    expect(await usdm.getAllOpenOrders({ symbol })).toMatchObject([{ orderId: placed.orderId }]);
    expect(await usdm.getOrder({ symbol, origClientOrderId: newClientOrderId })).toMatchObject({
      ...{ orderId: placed.orderId, status: 'NEW' },
    });
    const canceled = await usdm.cancelOrder({ symbol, orderId: placed.orderId });
    expect(canceled.status).toBe('CANCELED');
    const again = usdm.cancelOrder({ symbol, orderId: placed.orderId });
    await expect(again).rejects.toMatchObject({ code: -2011 });
    const batch = await usdm.submitMultipleOrders([
      { ...order, quantity: 0.01 },
      { ...order, quantity: 0.00001 },
    ]);
    expect(batch[0]).toMatchObject({ status: 'NEW' });
    expect(batch[1]).toMatchObject({ code: expect.any(Number) });
    await usdm.cancelAllOpenOrders({ symbol });
    expect(await usdm.getAllOpenOrders({ symbol })).toEqual([]);
    const timeout = await usdm.setCancelOrdersOnTimeout({ symbol, countdownTime: 0 });
    expect(timeout).toMatchObject({ symbol });
    const crossing = {
      ...order,
      price: Math.round(price * 10.4) / 10,
      timeInForce: 'GTX',
    } as const;
    const refused = usdm.submitNewOrder({ ...crossing, quantity: 0.01 });
    await expect(refused).rejects.toMatchObject({ code: -5022 });
  });

  it('is refused with another secret', async () => {
    const wrong = new USDMClient(
      { ...keys, api_secret: 'wrong', baseUrl: venue.http },
      { proxy: false },
    );
    await expect(wrong.getBalanceV3()).rejects.toMatchObject({ code: -1022 });
  });
});

describe('binance over WebSocket: USD-M', () => {
  it('follows books, best levels and marks on their routes', async () => {
    const { client, inbox } = stream();
    await client.subscribe(['btcusdt@depth@100ms', 'btcusdt@bookTicker'], 'usdmPublic');
    await client.subscribe(['btcusdt@markPrice@1s'], 'usdmMarket');
    const first = await inbox.next('a depth update', of('depthUpdate'));
    const second = await inbox.next(
      'another',
      (event) => of('depthUpdate')(event) && event !== first,
    );
    expect(second['pu']).toBe(first['u']);
    await inbox.next('a best level', of('bookTicker'));
    const mark = await inbox.next('a mark', of('markPriceUpdate'));
    expect(mark).toMatchObject({ s: symbol, r: expect.any(String) });
  });

  it('sees its own orders, fills, position and balance', async () => {
    const { client, inbox } = stream();
    await client.subscribeUsdFuturesUserDataStream();
    const newClientOrderId = usdm.generateNewOrderId();
    const isMine = (event: Event): boolean => report(event)['c'] === newClientOrderId;
    const price = await resting(usdm);
    const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price } as const;
    const placed = await usdm.submitNewOrder({ ...order, quantity: 0.01, newClientOrderId });
    const seen = (status: string) => (event: Event) =>
      of('ORDER_TRADE_UPDATE')(event) && isMine(event) && report(event)['X'] === status;
    await inbox.next('the order', seen('NEW'));
    await usdm.cancelOrder({ symbol, orderId: placed.orderId });
    await inbox.next('its end', seen('CANCELED'));

    const from = inbox.messages.length;
    const market = { symbol, type: 'MARKET', quantity: 0.02 } as const;
    const bought = await usdm.submitNewOrder({ ...market, side: 'BUY' });
    const isTrade = (event: Event): boolean =>
      of('ORDER_TRADE_UPDATE')(event) && report(event)['i'] === bought.orderId;
    const fill = await inbox.next('a fill', (e) => isTrade(e) && report(e)['x'] === 'TRADE', from);
    expect(report(fill)).toMatchObject({ S: 'BUY', m: false, N: 'USDT' });
    const update = await inbox.next('the account', of('ACCOUNT_UPDATE'), from);
    expect(update).toMatchObject({ a: { m: 'ORDER', P: [{ s: symbol }] } });
    const [position] = await usdm.getPositionsV3({ symbol });
    expect(position).toMatchObject({ positionAmt: '0.020', positionSide: 'BOTH' });
    const trades = await usdm.getAccountTrades({ symbol });
    expect(trades.map(({ id }) => id)).toContain(report(fill)['t']);
    await usdm.submitNewOrder({ ...market, side: 'SELL', reduceOnly: 'true' });
    expect(await usdm.getPositionsV3({ symbol })).toEqual([]);
    const income = await usdm.getIncomeHistory({ symbol });
    expect(income.map(({ incomeType }) => incomeType)).toContain('COMMISSION');
  });
});

describe('binance: spot', () => {
  it('reads instruments, books and the account', async () => {
    const { symbols } = await spot.getExchangeInfo({ symbol });
    expect(symbols).toMatchObject([{ symbol, status: 'TRADING' }]);
    const { balances } = await spot.getAccountInformation();
    expect(Number(balances.find(({ asset }) => asset === 'USDT')?.free)).toBe(startUsdt);
    const ticker = await spot.getSymbolOrderBookTicker({ symbol });
    expect(ticker).toMatchObject({ symbol });
    const { client, inbox } = stream();
    await client.subscribe(['btcusdt@depth@100ms', 'btcusdt@bookTicker'], 'main');
    await inbox.next('a depth update', of('depthUpdate'));
    await inbox.next(
      'a best level',
      (event) => event['B'] !== undefined && event['u'] !== undefined,
    );
  });

  it('trades over REST and the WebSocket API, and sees it on the user stream', async () => {
    const inbox = new Inbox<Event>();
    const trader = new WebsocketAPIClient(
      { ...keys, wsUrl: venue.ws, attachEventListeners: false },
      silentLogger,
    );
    const client = trader.getWSClient();
    sockets.push(client);
    client.on('message', (message) => inbox.put(message as unknown as Event)); // read as it came
    client.on('exception', (error) => inbox.put({ e: 'exception', error }));
    await trader.subscribeUserDataStream('mainWSAPI');

    const price = await resting(spot);
    const limit = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price } as const;
    // HMAC keys sign every message, which takes a timestamp that the SDK's type leaves out.
    const stamped = { ...limit, quantity: 0.01, timestamp: Date.now() };
    const placed = await trader.submitNewSpotOrder(stamped);
    expect(placed.status).toBe(200);
    const { orderId } = placed.result as { orderId: number };
    const seen = (status: string, id: unknown) => (event: Event) =>
      of('executionReport')(event) && event['i'] === id && event['X'] === status;
    await inbox.next('the order', seen('NEW', orderId));
    const canceled = await trader.cancelSpotOrder({ symbol, orderId, timestamp: Date.now() });
    expect(canceled.result).toMatchObject({ status: 'CANCELED' });
    await inbox.next('its end', seen('CANCELED', orderId));

    const market = { symbol, type: 'MARKET' } as const;
    const bought = await spot.submitNewOrder({ ...market, side: 'BUY', quantity: 0.01 });
    const fill = await inbox.next('a fill', seen('FILLED', bought.orderId));
    expect(fill).toMatchObject({ S: 'BUY', N: 'BTC', x: 'TRADE' });
    await inbox.next('the balances', of('outboundAccountPosition'));
    // The fee of 0.1% was taken in the coin.
    const { balances } = await spot.getAccountInformation();
    const held = Number(balances.find(({ asset }) => asset === 'BTC')?.free);
    expect(held).toBeCloseTo(0.00999, 10);
    const sold = await spot.submitNewOrder({ ...market, side: 'SELL', quantity: 0.00999 });
    expect(sold).toMatchObject({ status: 'FILLED' });
    expect((await spot.getAccountTradeList({ symbol })).length).toBeGreaterThanOrEqual(2);
    expect(await spot.getOpenOrders({ symbol })).toEqual([]);
  });
});
