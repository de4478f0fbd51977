// Unmodified bybit-api trades on the testnet's Bybit: only its URLs are changed. REST, the public
// and private streams, and order entry over a WebSocket; every wait is bounded.
import { RestClientV5, WebsocketAPIClient, WebsocketClient } from 'bybit-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Inbox,
  type LocalVenue,
  localKeys,
  silentLogger,
  startLocalVenue,
  startUsdt,
} from '../conformance/local-testnet.ts';

const { key, secret } = localKeys;
const linear = { category: 'linear', symbol: 'BTCUSDT' } as const;
const spot = { category: 'spot', symbol: 'BTCUSDT' } as const;

let venue: LocalVenue;
let rest: RestClientV5;
const sockets: { closeAll(force?: boolean): unknown }[] = [];

beforeAll(async () => {
  venue = await startLocalVenue('bybit');
  rest = restWith(secret);
});
afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true);
  await venue.testnet.stop();
});

function restWith(withSecret: string): RestClientV5 {
  return new RestClientV5({ key, secret: withSecret, baseUrl: venue.http }, { proxy: false });
}

/** What a stream's `update` carries, as far as the tests read it. */
interface Update {
  readonly topic: string;
  readonly type?: string;
  readonly data: unknown;
}

function stream(path: string): { client: WebsocketClient; inbox: Inbox<Update> } {
  const client = new WebsocketClient(
    { key, secret, market: 'v5', wsUrl: `${venue.ws}${path}` },
    silentLogger,
  );
  const inbox = new Inbox<Update>();
  client.on('update', (update) => inbox.put(update as Update));
  client.on('exception', (error) => inbox.put({ topic: 'exception', data: error }));
  sockets.push(client);
  return { client, inbox };
}

const rows = (update: Update): readonly Record<string, string>[] =>
  Array.isArray(update.data) ? update.data : [];

/** A row of a private topic that fits; the update may hold several. */
async function row(
  inbox: Inbox<Update>,
  topic: string,
  fits: (row: Record<string, string>) => boolean,
): Promise<Record<string, string>> {
  const has = (update: Update): boolean => update.topic === topic && rows(update).some(fits);
  const update = await inbox.next(`a row of ${topic}`, has);
  return rows(update).find(fits) as Record<string, string>; // `has` found it
}

const bestBid = async (of: typeof linear | typeof spot): Promise<number> => {
  const { result } = await rest.getOrderbook({ ...of, limit: 1 });
  return Number(result.b[0]?.[0]);
};
const onTick = (price: number): string => (Math.round(price * 10) / 10).toFixed(1);

describe('bybit-api over REST', () => {
  it('reads time, instruments, tickers, books and funding', async () => {
    expect(Math.abs((await rest.fetchServerTime()) * 1_000 - Date.now())).toBeLessThan(5_000);
    const listed = await rest.getInstrumentsInfo({ category: 'linear' });
    const btc = listed.result.list.find(({ symbol }) => symbol === 'BTCUSDT');
    expect(btc).toMatchObject({ contractType: 'LinearPerpetual', status: 'Trading' });
    expect((await rest.getInstrumentsInfo(spot)).result.list).toHaveLength(1);
    const tickers = await rest.getTickers(linear);
    const funding = venue.exchange.funding('bybit:BTC-USDT-PERP');
    expect(tickers.result.list[0]).toMatchObject({
      symbol: 'BTCUSDT',
      nextFundingTime: String(funding?.settlesAtMs),
      fundingIntervalHour: String(Number(funding?.intervalMs) / 3_600_000),
    });
    expect((await rest.getTickers({ category: 'linear' })).result.list.length).toBeGreaterThan(10);
    const history = await rest.getFundingRateHistory({ ...linear, limit: 5 });
    expect(history.result.list).toHaveLength(5);
    const { result: book } = await rest.getOrderbook({ ...linear, limit: 50 });
    expect(Number(book.b[0]?.[0])).toBeLessThan(Number(book.a[0]?.[0]));
    const { result: limits } = await rest.getRiskLimit(linear);
    expect(limits.list.length).toBeGreaterThan(1);
  });

  it('reads the account: balance, fees, key, modes', async () => {
    const { result } = await rest.getWalletBalance({ accountType: 'UNIFIED' });
    const usdt = result.list[0]?.coin.find(({ coin }) => coin === 'USDT');
    expect(Number(usdt?.walletBalance)).toBe(startUsdt);
    expect(Number((await rest.getFeeRate(linear)).result.list[0]?.takerFeeRate)).toBeGreaterThan(0);
    expect((await rest.getAccountInfo()).result.unifiedMarginStatus).toBeGreaterThan(1);
    expect((await rest.getQueryApiKey()).result).toMatchObject({ readOnly: 0 });
    const mode = await rest.switchPositionMode({ category: 'linear', coin: 'USDT', mode: 0 });
    expect([0, 110025]).toContain(mode.retCode);
    const leverage = { ...linear, buyLeverage: '5', sellLeverage: '5' };
    expect(await rest.setLeverage(leverage)).toMatchObject({ retCode: 0 });
    expect(await rest.setLeverage(leverage)).toMatchObject({ retCode: 110043 });
  });

  it('places, amends, lists and cancels a resting order; sends and cancels a batch', async () => {
    const price = onTick((await bestBid(linear)) * 0.97);
    const resting = { ...linear, side: 'Buy', orderType: 'Limit', qty: '0.01', price } as const;
    const { result } = await rest.submitOrder({ ...resting, orderLinkId: 'sdk-rest-1' });
    const { orderId } = result;
    const amended = await rest.amendOrder({ ...linear, orderId, qty: '0.02' });
    expect(amended).toMatchObject({ retCode: 0, result: { orderId } });
    const open = await rest.getActiveOrders(linear);
    expect(open.result.list).toMatchObject([
      { orderId, orderLinkId: 'sdk-rest-1', orderStatus: 'New', qty: '0.02' },
    ]);
    const again = await rest.submitOrder({ ...resting, orderLinkId: 'sdk-rest-1' });
    expect(again.retCode).toBe(110072);
    await rest.cancelOrder({ ...linear, orderLinkId: 'sdk-rest-1' });
    const gone = await rest.cancelOrder({ ...linear, orderId });
    expect(gone.retCode).toBe(110001);
    const batch = await rest.batchSubmitOrders('linear', [
      { ...resting, orderLinkId: 'sdk-batch-1' },
      { ...resting, orderLinkId: 'sdk-batch-2', qty: '0.0001' },
    ]);
    const codes = batch.retExtInfo.list.map(({ code }) => code);
    expect(batch.retCode).toBe(0);
    expect(codes[0]).toBe(0);
    expect(codes[1]).not.toBe(0);
    await rest.cancelAllOrders(linear);
    expect((await rest.getActiveOrders(linear)).result.list).toEqual([]);
  });

  it('is refused with another secret', async () => {
    const refused = await restWith('wrong').getWalletBalance({ accountType: 'UNIFIED' });
    expect(refused.retCode).toBe(10004);
  });
});

describe('bybit-api over WebSocket', () => {
  it('follows books, tickers and funding of both markets', async () => {
    const perps = stream('/v5/public/linear');
    await Promise.all(
      perps.client.subscribeV5(
        ['orderbook.50.BTCUSDT', 'orderbook.1.BTCUSDT', 'tickers.BTCUSDT'],
        'linear',
      ),
    );
    const of = (topic: string, type: string) => (update: Update) =>
      update.topic === topic && update.type === type;
    await perps.inbox.next('a snapshot', of('orderbook.50.BTCUSDT', 'snapshot'));
    await perps.inbox.next('a delta', of('orderbook.50.BTCUSDT', 'delta'));
    await perps.inbox.next('the best level', of('orderbook.1.BTCUSDT', 'snapshot'));
    const ticker = await perps.inbox.next('a ticker', of('tickers.BTCUSDT', 'snapshot'));
    expect(ticker.data).toMatchObject({ symbol: 'BTCUSDT', fundingIntervalHour: '8' });
    const coins = stream('/v5/public/spot');
    await Promise.all(coins.client.subscribeV5(['tickers.BTCUSDT'], 'spot'));
    await coins.inbox.next('a spot ticker', of('tickers.BTCUSDT', 'snapshot'));
  });

  it('sees its own orders, fills, position and wallet, over REST and WebSocket entry', async () => {
    const { client, inbox } = stream('/v5/private');
    await Promise.all(client.subscribeV5(['order', 'execution', 'position', 'wallet'], 'linear'));
    const opened = new Inbox<unknown>();
    client.on('response', (response) => opened.put(response));
    const trader = new WebsocketAPIClient(
      { key, secret, market: 'v5', wsUrl: `${venue.ws}/v5/trade`, attachEventListeners: false },
      silentLogger,
    );
    sockets.push(trader.getWSClient());
    await opened.next('the subscription', (r) => JSON.stringify(r).includes('"subscribe"'));

    const price = onTick((await bestBid(linear)) * 0.97);
    const resting = { ...linear, side: 'Buy', orderType: 'Limit', qty: '0.01', price } as const;
    const placed = await trader.submitNewOrder({ ...resting, orderLinkId: 'sdk-ws-1' });
    expect(placed).toMatchObject({ retCode: 0, data: { orderLinkId: 'sdk-ws-1' } });
    const isFirst = (r: Record<string, string>): boolean => r['orderLinkId'] === 'sdk-ws-1';
    await row(inbox, 'order', (r) => isFirst(r) && r['orderStatus'] === 'New');
    const { orderId } = placed.data;
    expect(await trader.cancelOrder({ ...linear, orderId })).toMatchObject({ retCode: 0 });
    await row(inbox, 'order', (r) => isFirst(r) && r['orderStatus'] === 'Cancelled');

    const market = { ...linear, side: 'Buy', orderType: 'Market', qty: '0.02' } as const;
    const bought = await rest.submitOrder({ ...market, orderLinkId: 'sdk-ws-2' });
    const fill = await row(inbox, 'execution', (r) => r['orderLinkId'] === 'sdk-ws-2');
    expect(fill).toMatchObject({ orderId: bought.result.orderId, side: 'Buy', execType: 'Trade' });
    await row(inbox, 'position', (r) => r['symbol'] === 'BTCUSDT' && Number(r['size']) === 0.02);
    await inbox.next('the wallet', ({ topic }) => topic === 'wallet');
    const { result } = await rest.getPositionInfo(linear);
    expect(result.list[0]).toMatchObject({ side: 'Buy', size: '0.02', positionIdx: 0 });
    const executions = await rest.getExecutionList({ ...linear, orderLinkId: 'sdk-ws-2' });
    expect(executions.result.list.map(({ execId }) => execId)).toContain(fill['execId']);
    const closing = { ...market, side: 'Sell', reduceOnly: true } as const;
    await rest.submitOrder({ ...closing, orderLinkId: 'sdk-ws-3' });
    await row(inbox, 'position', (r) => r['symbol'] === 'BTCUSDT' && Number(r['size']) === 0);
    const log = await rest.getTransactionLog({ accountType: 'UNIFIED', category: 'linear' });
    expect(log.result.list.length).toBeGreaterThanOrEqual(2);
  });

  it('buys spot by cost, and pays the fee in the coin', async () => {
    const buy = { ...spot, side: 'Buy', orderType: 'Market', qty: '500' } as const;
    const { result } = await rest.submitOrder({ ...buy, marketUnit: 'quoteCoin' });
    const history = await rest.getHistoricOrders({ ...spot, orderId: result.orderId });
    const [order] = history.result.list;
    expect(Number(order?.cumExecValue)).toBeLessThanOrEqual(500);
    const { result: wallet } = await rest.getWalletBalance({ accountType: 'UNIFIED' });
    const held = wallet.list[0]?.coin.find(({ coin }) => coin === 'BTC')?.walletBalance;
    // The fee is rounded to the coin's last place.
    expect(Number(held)).toBeCloseTo(Number(order?.cumExecQty) * 0.999, 7);
  });
});
