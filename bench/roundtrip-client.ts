// A process of its own that places orders on the local testnet and takes the time until each is
// acknowledged: our driver, or an unmodified library from npm with nothing but its addresses
// changed. Every order is a limit that does not trade and expires at once, so none is left behind.
// All listen to what their account tells of its orders, as whoever trades has to. It ends with its
// parent.
import { connect } from 'node:net';
import { decimal } from '../src/base/decimal.ts';
import { messageOf } from '../src/base/errors.ts';
import { Catalog } from '../src/domain/instrument.ts';
import { MarketTable } from '../src/domain/market-table.ts';
import type { ApprovedOrder, OrderDraft } from '../src/domain/order.ts';
import { systemClock } from '../src/io/clock.ts';
import { createDriver } from '../src/io/driver.ts';
import type { OrderEntryMode } from '../src/io/driver-types.ts';
import { venueByName } from '../src/venues/registry.ts';
import { localEndpoints } from '../test/conformance/local-driver.ts';
import { silentLogger } from '../test/conformance/local-testnet.ts';
import type { Door, RoundtripVenue, ServerReady } from './roundtrip-server.ts';

export type Client = keyof typeof clients;

export interface ClientTold {
  readonly way: string;
  readonly orders: number;
}

export interface ClientSaid {
  /** What can be measured, after the start. */
  readonly ways?: readonly string[];
  /** Nanoseconds of each round trip. */
  readonly measured?: readonly number[];
  /** The library cannot be used, or an order was not acknowledged. */
  readonly failed?: string;
}

/** One round trip; rejects when the order was not acknowledged. */
type Send = () => Promise<unknown>;
type Sends = Readonly<Record<string, Send>>;

/** BTC on Binance and Bybit. */
const quantity = '0.01';
/** OKX counts contracts, of 0.01 BTC. */
const contracts = '1';
const echoBytes = 200;

const clients = {
  echo,
  farb,
  binance: binanceSdk,
  'okx-api': okxSdk,
  'bybit-api': bybitSdk,
  ccxt,
};

/** How the ways are named: `binance, REST`. */
export function wayOf(venue: RoundtripVenue, transport: 'REST' | 'WebSocket'): string {
  return `${venue}, ${transport}`;
}

if (process.send !== undefined) void main();

async function main(): Promise<void> {
  const [client, ready = ''] = process.argv.slice(2) as [Client, string];
  const say = (said: ClientSaid): void => void process.send?.(said);
  process.on('disconnect', () => process.exit(0));
  try {
    const sends = await clients[client](JSON.parse(ready) as ServerReady);
    process.on('message', ({ way, orders }: ClientTold) => {
      measure(sends[way] as Send, orders).then(
        (measured) => say({ measured }),
        (thrown: unknown) => say({ failed: reasonOf(thrown) }),
      );
    });
    say({ ways: Object.keys(sends) });
  } catch (thrown) {
    say({ failed: reasonOf(thrown) });
  }
}

/** One after the other: an order waits for the acknowledgement of the one before. */
async function measure(send: Send, orders: number): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let i = 0; i < orders; i++) {
    const startedNs = process.hrtime.bigint();
    await send();
    samples.push(Number(process.hrtime.bigint() - startedNs));
  }
  return samples;
}

/** SDKs throw plain objects too. */
function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? messageOf(thrown) : JSON.stringify(thrown);
  // Where this machine keeps things is no part of a record.
  return (text.split('\n')[0] ?? text).replace(/ imported from .*/, '').slice(0, 160);
}

async function echo({ echoPort }: ServerReady): Promise<Sends> {
  const socket = connect(echoPort, '127.0.0.1');
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const payload = Buffer.alloc(echoBytes, 'x');
  let due = 0;
  let done = (): void => undefined;
  socket.on('data', ({ length }) => {
    due -= length;
    if (due === 0) done();
  });
  const send: Send = () =>
    new Promise<void>((resolve) => {
      due = echoBytes;
      done = resolve;
      socket.write(payload);
    });
  return { echo: send };
}

/** The product's own driver, with everything that it does beside: streams, clocks, limits. */
async function farb({ doors }: ServerReady): Promise<Sends> {
  const sends: Record<string, Send> = {};
  for (const venue of Object.keys(doors) as RoundtripVenue[]) {
    const { farb: own, 'farb-rest': ownRest } = doors[venue];
    sends[wayOf(venue, 'WebSocket')] = await driverSend(venue, own, 'websocket');
    sends[wayOf(venue, 'REST')] = await driverSend(venue, ownRest, 'rest');
  }
  return sends;
}

async function driverSend(
  venue: RoundtripVenue,
  door: Door,
  orderEntry: OrderEntryMode,
): Promise<Send> {
  const spec = venueByName(venue);
  if (spec === null) throw new Error(`no native ${venue}`);
  const waiting = new Map<string, { resolve: () => void; reject: (reason: Error) => void }>();
  const quiet = (): void => undefined;
  const driver = createDriver({
    spec,
    endpoints: localEndpoints(spec, door),
    ...{ credentials: door, clock: systemClock(), catalog: new Catalog() },
    ...{ table: new MarketTable(16), markets: ['linear'], leverage: 3, depth: false, orderEntry },
    symbols: ({ base, quote, kind }) =>
      base === 'BTC' && quote === 'USDT' && kind === 'linear-perp',
    emit: (event) => {
      if (event.kind !== 'place-result') return;
      const order = waiting.get(event.clientOrderId);
      if (event.outcome === 'acked') order?.resolve();
      else order?.reject(new Error(`${venue}: ${event.outcome} (${event.error?.message})`));
    },
    onQuote: quiet,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  await driver.start();
  let serial = 0;
  return () =>
    new Promise<void>((resolve, reject) => {
      const clientOrderId = `frt${venue}${orderEntry}${++serial}`;
      waiting.set(clientOrderId, { resolve, reject });
      const draft: OrderDraft = {
        ...{ clientOrderId, venue, instrument: `${venue}:BTC-USDT-PERP`, side: 'buy' },
        ...{ qty: decimal(quantity), limit: decimal(door.limit), timeInForce: 'ioc' },
        ...{ reduceOnly: false, purpose: 'entry', pairId: null, arrivalMid: Number(door.limit) },
      };
      const order = draft as ApprovedOrder; // stands for risk's approval
      driver.act({ kind: 'place-order', order });
    });
}

async function binanceSdk({ doors }: ServerReady): Promise<Sends> {
  const { USDMClient, WebsocketAPIClient, WebsocketClient } = await import('binance');
  const { http, ws, key, secret, limit: price } = doors.binance.sdk;
  const keys = { api_key: key, api_secret: secret };
  const rest = new USDMClient({ ...keys, baseUrl: http }, { proxy: false });
  const local = {
    wsUrl: ws,
    restOptions: { baseUrl: http },
    requestOptions: { proxy: false },
  } as const;
  const stream = new WebsocketClient({ ...keys, ...local }, silentLogger);
  await stream.subscribeUsdFuturesUserDataStream();
  const quiet = { attachEventListeners: false, muteLatencyWarning: true };
  const socket = new WebsocketAPIClient({ ...keys, wsUrl: ws, ...quiet }, silentLogger);
  const limit = { type: 'LIMIT', timeInForce: 'IOC', price: Number(price) } as const;
  const order = { symbol: 'BTCUSDT', side: 'BUY', quantity: Number(quantity), ...limit } as const;
  return {
    [wayOf('binance', 'REST')]: () => rest.submitNewOrder(order),
    [wayOf('binance', 'WebSocket')]: () =>
      socket.submitNewFuturesOrder('usdm', { ...order, timestamp: Date.now() }),
  };
}

async function okxSdk({ doors }: ServerReady): Promise<Sends> {
  const { RestClient, WebsocketAPIClient, WebsocketClient } = await import('okx-api');
  const { http, ws, key, secret, passphrase, limit: px } = doors.okx.sdk;
  const account = { apiKey: key, apiSecret: secret, apiPass: passphrase };
  const rest = new RestClient({ ...account, baseUrl: http }, { proxy: false });
  const local = { accounts: [account], wsUrl: `${ws}/ws/v5/private` };
  const stream = new WebsocketClient(local, silentLogger);
  await Promise.all([stream.subscribe({ channel: 'orders', instType: 'ANY' })].flat());
  const socket = new WebsocketAPIClient({ ...local, attachEventListeners: false }, silentLogger);
  const instId = 'BTC-USDT-SWAP';
  const [listed] = await rest.getInstruments({ instType: 'SWAP', instId });
  const { instIdCode } = listed as { instIdCode?: number }; // newer than the SDK's types
  const limit = { ordType: 'ioc', sz: contracts, px } as const;
  const order = { instId, tdMode: 'cross', side: 'buy', ...limit } as const;
  return {
    [wayOf('okx', 'REST')]: () => rest.submitOrder(order),
    [wayOf('okx', 'WebSocket')]: () =>
      socket.submitNewOrder({ ...order, instIdCode: Number(instIdCode) }),
  };
}

async function bybitSdk({ doors }: ServerReady): Promise<Sends> {
  const { RestClientV5, WebsocketAPIClient, WebsocketClient } = await import('bybit-api');
  const { http, ws, key, secret, limit: price } = doors.bybit.sdk;
  const rest = new RestClientV5({ key, secret, baseUrl: http }, { proxy: false });
  const local = { key, secret, market: 'v5' } as const;
  const stream = new WebsocketClient({ ...local, wsUrl: `${ws}/v5/private` }, silentLogger);
  await Promise.all(stream.subscribeV5(['order', 'execution'], 'linear'));
  const socket = new WebsocketAPIClient(
    { ...local, wsUrl: `${ws}/v5/trade`, attachEventListeners: false },
    silentLogger,
  );
  const limit = { orderType: 'Limit', timeInForce: 'IOC', qty: quantity, price } as const;
  const order = { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', ...limit } as const;
  return {
    [wayOf('bybit', 'REST')]: async () => {
      const { retCode, retMsg } = await rest.submitOrder(order);
      if (retCode !== 0) throw new Error(retMsg);
    },
    [wayOf('bybit', 'WebSocket')]: () => socket.submitNewOrder(order),
  };
}

/** Its own limiter is off: the bench keeps to the venues' limits itself. */
async function ccxt({ doors }: ServerReady): Promise<Sends> {
  const { ccxtClient } = await import('../test/conformance/ccxt-client.ts');
  const symbol = 'BTC/USDT:USDT';
  const sends: Record<string, Send> = {};
  for (const venue of Object.keys(doors) as RoundtripVenue[]) {
    const { ccxt: door } = doors[venue];
    const exchange = await ccxtClient(venue, door);
    exchange.enableRateLimit = false;
    void watch(() => exchange.watchOrders(symbol));
    const amount = Number(venue === 'okx' ? contracts : quantity);
    const order = [symbol, 'limit', 'buy', amount, Number(door.limit)] as const;
    const params = { timeInForce: 'IOC' };
    sends[wayOf(venue, 'REST')] = () => exchange.createOrder(...order, params);
    sends[wayOf(venue, 'WebSocket')] = () => exchange.createOrderWs(...order, params);
  }
  return sends;
}

async function watch(next: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) await next();
  } catch (thrown) {
    process.stderr.write(`ccxt: ${reasonOf(thrown)}\n`);
  }
}
