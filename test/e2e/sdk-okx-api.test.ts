// Unmodified okx-api trades on the testnet's OKX: only its URLs are changed. REST, the public and
// private channels, and order operations over a WebSocket; every wait is bounded.
import { RestClient, WebsocketAPIClient, WebsocketClient } from 'okx-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Inbox,
  type LocalVenue,
  localKeys,
  silentLogger,
  startLocalVenue,
  startUsdt,
} from '../conformance/local-testnet.ts';

const account = {
  apiKey: localKeys.key,
  apiSecret: localKeys.secret,
  apiPass: localKeys.passphrase,
};
const swap = 'BTC-USDT-SWAP';
const spot = 'BTC-USDT';

let venue: LocalVenue;
let rest: RestClient;
const sockets: WebsocketClient[] = [];

beforeAll(async () => {
  venue = await startLocalVenue('okx');
  rest = restWith(account.apiSecret);
});
afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true);
  await venue.testnet.stop();
});

function restWith(apiSecret: string): RestClient {
  return new RestClient({ ...account, apiSecret, baseUrl: venue.http }, { proxy: false });
}

interface Update {
  readonly arg: { readonly channel: string; readonly instId?: string };
  readonly action?: string;
  readonly data: readonly Record<string, string>[];
}

function stream(path: string): {
  client: WebsocketClient;
  inbox: Inbox<Update>;
  replies: Inbox<unknown>;
} {
  const client = new WebsocketClient(
    { accounts: [account], wsUrl: `${venue.ws}/ws/v5/${path}` },
    silentLogger,
  );
  const inbox = new Inbox<Update>();
  const replies = new Inbox<unknown>();
  client.on('update', (update) => inbox.put(update as unknown as Update)); // read as it came
  client.on('response', (response) => replies.put(response));
  client.on('exception', (error) => replies.put(error));
  sockets.push(client);
  return { client, inbox, replies };
}

const of = (channel: string) => (update: Update) => update.arg.channel === channel;

async function row(
  inbox: Inbox<Update>,
  channel: string,
  fits: (row: Record<string, string>) => boolean,
): Promise<Record<string, string>> {
  const has = (update: Update): boolean => of(channel)(update) && update.data.some(fits);
  const update = await inbox.next(`a row of ${channel}`, has);
  return update.data.find(fits) as Record<string, string>; // `has` found it
}

const bestBid = async (instId: string): Promise<number> => {
  const [book] = await rest.getOrderBook({ instId, sz: '1' });
  return Number(book?.bids[0]?.[0]);
};
const below = async (instId: string): Promise<string> =>
  ((await bestBid(instId)) * 0.97).toFixed(1);

describe('okx-api over REST', () => {
  it('reads time, instruments, tickers, books and funding', async () => {
    const [time] = await rest.getSystemTime({});
    expect(Math.abs(Number(time?.ts) - Date.now())).toBeLessThan(5_000);
    const swaps = await rest.getInstruments({ instType: 'SWAP' });
    expect(swaps.find(({ instId }) => instId === swap)).toMatchObject({
      ...{ ctVal: '0.01', ctMult: '1', ctType: 'linear', settleCcy: 'USDT', state: 'live' },
    });
    expect((await rest.getInstruments({ instType: 'SPOT' })).length).toBeGreaterThan(2);
    expect((await rest.getTickers({ instType: 'SWAP' })).length).toBeGreaterThan(10);
    const [ticker] = await rest.getTicker({ instId: swap });
    expect(Number(ticker?.bidPx)).toBeLessThan(Number(ticker?.askPx));
    const funding = venue.exchange.funding('okx:BTC-USDT-PERP');
    const [rate] = await rest.getFundingRate({ instId: swap });
    expect(rate).toMatchObject({ nextFundingRate: '', fundingTime: String(funding?.settlesAtMs) });
    expect(Number(rate?.nextFundingTime) - Number(rate?.fundingTime)).toBe(funding?.intervalMs);
    expect((await rest.getFundingRate({ instId: 'ANY' })).length).toBeGreaterThan(10);
    const history = await rest.getFundingRateHistory({ instId: swap, limit: '5' });
    expect(history).toHaveLength(5);
    const [mark] = await rest.getMarkPrice({ instType: 'SWAP', instId: swap });
    expect(Number(mark?.markPx) / venue.exchange.mark('okx:BTC-USDT-PERP')).toBeCloseTo(1, 3);
  });

  it('reads the account: balance, configuration, fees; sets mode and leverage', async () => {
    const [balance] = await rest.getBalance();
    const usdt = balance?.details.find(({ ccy }) => ccy === 'USDT');
    expect(Number(usdt?.cashBal)).toBe(startUsdt);
    const [config] = await rest.getAccountConfiguration();
    expect(config).toMatchObject({ posMode: 'net_mode' });
    expect(await rest.setPositionMode({ posMode: 'net_mode' })).toEqual([{ posMode: 'net_mode' }]);
    const leverage = { instId: swap, lever: '5', mgnMode: 'cross' } as const;
    expect(await rest.setLeverage(leverage)).toMatchObject([{ lever: '5', mgnMode: 'cross' }]);
    expect((await rest.getFeeRates({ instType: 'SWAP' })).length).toBe(1);
  });

  it('places, lists and cancels a resting order; a batch may fail in part', async () => {
    const px = await below(swap);
    const resting = { instId: swap, tdMode: 'cross', side: 'buy', ordType: 'limit', px } as const;
    const [placed] = await rest.submitOrder({ ...resting, sz: '1', clOrdId: 'sdkrest1' });
    expect(placed).toMatchObject({ sCode: '0', clOrdId: 'sdkrest1' });
    const listed = { instType: 'SWAP', instId: swap } as const;
    expect(await rest.getOrderList(listed)).toMatchObject([
      { ordId: placed?.ordId, state: 'live', sz: '1', clOrdId: 'sdkrest1' },
    ]);
    // Amending is the one operation that this testnet refuses, as the venue refuses some types.
    const amended = rest.amendOrder({ instId: swap, clOrdId: 'sdkrest1', newSz: '2' });
    await expect(amended).rejects.toMatchObject({ code: '1', data: [{ sCode: '51506' }] });
    const twice = rest.submitOrder({ ...resting, sz: '1', clOrdId: 'sdkrest1' });
    await expect(twice).rejects.toMatchObject({ code: '1', data: [{ sCode: '51016' }] });
    await rest.cancelOrder({ instId: swap, clOrdId: 'sdkrest1' });
    const [canceled] = await rest.getOrderDetails({ instId: swap, clOrdId: 'sdkrest1' });
    expect(canceled).toMatchObject({ state: 'canceled', accFillSz: '0' });
    const batch = rest.submitMultipleOrders([
      { ...resting, sz: '1', clOrdId: 'sdkbatch1' },
      { ...resting, sz: '0.0001', clOrdId: 'sdkbatch2' },
    ]);
    const refused = { code: '2', data: [{ sCode: '0' }, { sCode: expect.stringMatching(/^51/) }] };
    await expect(batch).rejects.toMatchObject(refused);
    await rest.cancelOrder({ instId: swap, clOrdId: 'sdkbatch1' });
    expect(await rest.getOrderList(listed)).toEqual([]);
    expect(await rest.cancelAllAfter({ timeOut: '0' })).toHaveLength(1);
  });

  it('is refused with another secret', async () => {
    await expect(restWith('wrong').getBalance()).rejects.toMatchObject({ code: '50113' });
  });
});

describe('okx-api over WebSocket', () => {
  it('follows books, best levels, marks and funding', async () => {
    const { client, inbox } = stream('public');
    const channels = ['books', 'bbo-tbt', 'tickers', 'mark-price', 'funding-rate'] as const;
    await Promise.all(
      client.subscribe(channels.map((channel) => ({ channel, instId: swap }))).flat(),
    );
    for (const channel of channels) await inbox.next(channel, of(channel));
    const snapshot = await inbox.next('a snapshot', (u) => u.action === 'snapshot');
    const update = await inbox.next('an update', (u) => u.action === 'update');
    expect(update.data[0]?.['prevSeqId']).toBe(snapshot.data[0]?.['seqId']);
    expect(snapshot.data[0]).toMatchObject({ prevSeqId: -1, checksum: 0 });
  });

  it('sees its own orders, fills, position and balance, over REST and WebSocket', async () => {
    const { client, inbox, replies } = stream('private');
    client.subscribe([
      { channel: 'orders', instType: 'ANY' },
      { channel: 'account' },
      { channel: 'positions', instType: 'ANY' },
    ]);
    for (const channel of ['orders', 'account', 'positions']) {
      const has = (reply: unknown): boolean => {
        const { event, arg } = reply as { event?: string; arg?: { channel: string } }; // any reply
        return event === 'subscribe' && arg?.channel === channel;
      };
      await replies.next(`the subscription of ${channel}`, has);
    }
    const trader = new WebsocketAPIClient(
      {
        accounts: [account],
        wsUrl: `${venue.ws}/ws/v5/private`,
        attachEventListeners: false,
      },
      silentLogger,
    );
    sockets.push(trader.getWSClient());
    const { instIdCode } = (await rest.getInstruments({ instType: 'SWAP', instId: swap }))[0] as {
      instIdCode?: number; // newer than the SDK's types
    };
    expect(instIdCode).toBeDefined();

    const px = await below(swap);
    const resting = { tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', px } as const;
    const first = { ...resting, instId: swap, instIdCode: Number(instIdCode), clOrdId: 'sdkws1' };
    const placed = await trader.submitNewOrder(first);
    expect(placed).toMatchObject({ code: '0', data: [{ clOrdId: 'sdkws1', sCode: '0' }] });
    const isFirst = (r: Record<string, string>): boolean => r['clOrdId'] === 'sdkws1';
    await row(inbox, 'orders', (r) => isFirst(r) && r['state'] === 'live');
    const target = { instId: swap, instIdCode: Number(instIdCode), clOrdId: 'sdkws1' };
    expect(await trader.cancelOrder(target)).toMatchObject({ code: '0' });
    await row(inbox, 'orders', (r) => isFirst(r) && r['state'] === 'canceled');

    const market = { instId: swap, tdMode: 'cross', side: 'buy', ordType: 'market' } as const;
    const [bought] = await rest.submitOrder({ ...market, sz: '2', clOrdId: 'sdkws2' });
    const fill = await row(
      inbox,
      'orders',
      (r) => r['clOrdId'] === 'sdkws2' && r['state'] === 'filled',
    );
    expect(fill).toMatchObject({ ordId: bought?.ordId, accFillSz: '2', execType: 'T' });
    expect(Number(fill['fillFee'])).toBeLessThan(0);
    await row(inbox, 'positions', (r) => r['instId'] === swap && Number(r['pos']) === 2);
    await inbox.next('the account', of('account'));
    const [position] = await rest.getPositions({ instId: swap });
    expect(position).toMatchObject({ pos: '2', posSide: 'net', mgnMode: 'cross', lever: '5' });
    const fills = await rest.getFills({ instId: swap });
    expect(fills.map(({ tradeId }) => tradeId)).toContain(fill['tradeId']);
    const sell = { ...market, side: 'sell', reduceOnly: true } as const;
    await rest.submitOrder({ ...sell, sz: '2', clOrdId: 'sdkws3' });
    await row(inbox, 'positions', (r) => r['instId'] === swap && Number(r['pos']) === 0);
    expect((await rest.getBills()).length).toBeGreaterThanOrEqual(2);
    expect((await rest.getOrderHistory({ instType: 'SWAP' })).length).toBeGreaterThanOrEqual(3);
  });

  it('buys spot in quote currency by default, and pays the fee in the coin', async () => {
    const buy = {
      instId: spot,
      tdMode: 'cash',
      side: 'buy',
      ordType: 'market',
      sz: '500',
    } as const;
    const [placed] = await rest.submitOrder(buy);
    const [order] = await rest.getOrderDetails({ instId: spot, ordId: placed?.ordId ?? '' });
    expect(Number(order?.accFillSz) * Number(order?.avgPx)).toBeLessThanOrEqual(500);
    const [balance] = await rest.getBalance({ ccy: 'BTC' });
    const held = Number(balance?.details[0]?.cashBal);
    expect(held).toBeCloseTo(Number(order?.accFillSz) * 0.999, 8);
  });
});
