// A process of its own that trades on the venue of the wire-to-wire benchmark: the product as it is
// started by `farb start`, or one of what a user would take instead. It says `ready` and ends with
// its parent.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { venueSetups } from '../src/app/compose.ts';
import { loadConfig } from '../src/app/config.ts';
import { inlineHotPaths } from '../src/app/inlining.ts';
import { startSystem } from '../src/app/system.ts';
import { parseTestnet } from '../src/app/testnet-file.ts';
import { present } from '../src/base/assert.ts';
import type { VenueSpec } from '../src/domain/venue-spec.ts';
import { testnetClock } from '../src/io/clock.ts';
import { openStateDir } from '../src/store/state-dir.ts';
import { symbols, worthAnOrder } from './wire-venue.ts';

export type Role = keyof typeof roles;

interface Ports {
  readonly venue: number;
  readonly echo: number;
}

const key = 'benchkey';
/** Until every stream is up and the accounts are compared. */
const settleMs = 3_000;
const secret = 'benchsecretbenchsecretbenchsecret';

const roles = {
  echo: echoing,
  'farb-websocket': (ports: Ports) => farb(ports, 'websocket', false),
  'farb-warm': (ports: Ports) => farb(ports, 'websocket', true),
  'farb-rest': (ports: Ports) => farb(ports, 'rest', false),
  'ccxt-rest': ccxtPro,
  'bybit-api-rest': (ports: Ports) => bybitApi(ports, 'rest'),
  'bybit-api-websocket': (ports: Ports) => bybitApi(ports, 'websocket'),
};

const [role, ports] = process.argv.slice(2) as [Role, string];
await roles[role](JSON.parse(ports) as Ports);
process.send?.({ ready: true });
process.on('disconnect', () => process.exit(0));

async function echoing({ echo }: Ports): Promise<void> {
  const socket = connect(echo, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('data', (bytes) => socket.write(bytes));
  await new Promise((resolve) => socket.once('connect', resolve));
}

/** Everything but the limits, which would stop a thousand pairs a second, as it is shipped. */
async function farb(
  { venue }: Ports,
  orderEntry: 'websocket' | 'rest',
  warm: boolean,
): Promise<void> {
  inlineHotPaths();
  const dir = mkdtempSync(join(tmpdir(), 'farb-wire-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  writeConfig(dir, orderEntry, warm);
  const at = `127.0.0.1:${venue}`;
  const clock = { wallStartMs: Date.now(), venueStartMs: Date.now(), speed: 1 };
  const testnet = parseTestnet(
    JSON.stringify({
      venues: {
        bybit: { http: `http://${at}`, ws: `ws://${at}` },
        'bybit-b': { http: `http://${at}/b`, ws: `ws://${at}/b` },
      },
      ...{ key, secret, passphrase: '', seed: 1, speed: 1, clock },
    }),
    'bench',
  );
  const config = loadConfig(dir, {});
  const loud = process.env['FARB_BENCH_LOG'] === '1';
  const say = (fields: object, text: string): void => {
    if (loud) process.stderr.write(`${text} ${JSON.stringify(fields)}\n`);
  };
  const system = await startSystem({
    config,
    mode: 'testnet',
    setups: venueSetups(config, testnet).map((setup) => {
      return setup.driver === 'native' ? { ...setup, spec: unhurried(setup.spec) } : setup;
    }),
    clock: testnetClock(clock),
    stateDir: await openStateDir(join(dir, 'state')),
    ...{ seed: 1, marketHash: null, failpoint: null, onlyToClose: false, absent: [] },
    log: { debug: () => undefined, info: () => undefined, warn: say, error: say },
  });
  system.failed.catch((thrown: unknown) => {
    process.stderr.write(`farb failed: ${String(thrown)}\n`);
    process.exit(1);
  });
  await sleep(settleMs);
}

function writeConfig(dir: string, orderEntry: 'websocket' | 'rest', warm: boolean): void {
  const venue = { driver: 'bybit', orderEntry, depth: false, spot: false };
  const params = { basisReversionShare: 1, basisCreditMax: 1, notionalUsd: 4_000 };
  const files = {
    'main.yaml': {
      log: { level: 'silent' },
      execution: {
        ...{ entryCooldown: '0ms', modes: ['taker-taker'] },
        route: { ordersPerSecondMax: 10_000 },
        rehearsal: { every: warm ? '2ms' : '0ms' },
      },
      reconcile: { every: '8h' },
    },
    'exchanges.yaml': {
      symbols: symbols.map((symbol) => symbol.slice(0, -'USDT'.length)),
      venues: { bybit: { ...venue, driver: 'native' }, 'bybit-b': venue },
    },
    'strategies.yaml': { strategies: [{ name: 'perp-perp', params }] },
    'risk.yaml': {
      ...{ positionUsdMax: 1e9, grossExposureUsdMax: 1e9, venueExposureUsdMax: 1e9 },
      ...{ netDeltaUsdMax: 1e9, leverageMax: 100, dailyLossUsdMax: 1e9, drawdownMax: 1 },
      ...{ pairsOpenMax: 1_000, ordersOpenMax: 1_000, ordersPerSecondMax: 10_000 },
    },
  };
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(dir, name), JSON.stringify(value));
  }
}

/** The limiter is asked as always; a thousand orders a second are more than a venue allows. */
function unhurried(spec: VenueSpec): VenueSpec {
  const buckets = Object.entries(spec.rateLimits.buckets).map(([name, limit]) => {
    return [name, { ...limit, capacity: limit.capacity * 1_000 }] as const;
  });
  return { ...spec, rateLimits: { ...spec.rateLimits, buckets: Object.fromEntries(buckets) } };
}

/** What of ccxt is called here; its own declarations are wider. */
interface CcxtBybit {
  urls: { api: Record<string, unknown> };
  options: Record<string, unknown>;
  /** Without it ccxt opens no WebSocket that is not over TLS. */
  loadHttpProxyAgent(): Promise<unknown>;
  setMarkets(markets: readonly object[]): void;
  watchOrderBookForSymbols(
    symbols: readonly string[],
    limit: number,
  ): Promise<{ readonly symbol: string; readonly asks: readonly (readonly number[])[] }>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price: number,
    params: object,
  ): Promise<unknown>;
}

async function ccxtPro({ venue }: Ports): Promise<void> {
  // Loaded by the process that needs it: it is large.
  const { default: ccxt } = await import('ccxt');
  const made = ccxt.pro as unknown as { readonly bybit: new (options: object) => CcxtBybit };
  const exchange = new made.bybit({
    ...{ apiKey: key, secret, enableRateLimit: false, newUpdates: false },
    options: { defaultType: 'swap', enableUnifiedAccount: true, enableUnifiedMargin: false },
  });
  const ws = `ws://127.0.0.1:${venue}`;
  const http = `http://127.0.0.1:${venue}`;
  const usdt = { linear: `${ws}/v5/public/linear` };
  exchange.urls.api = {
    ...{ spot: http, futures: http, v2: http, public: http, private: http },
    ws: {
      public: { spot: `${ws}/v5/public/spot`, inverse: `${ws}/v5/public/inverse`, ...usdt },
      private: {
        ...{ spot: { unified: `${ws}/v5/private`, nonUnified: `${ws}/v5/private` } },
        ...{ contract: `${ws}/v5/private`, usdc: `${ws}/v5/private`, trade: `${ws}/v5/trade` },
      },
    },
  };
  await exchange.loadHttpProxyAgent();
  exchange.setMarkets(symbols.map(ccxtMarket));
  const names = symbols.map((symbol) => `${symbol.slice(0, -'USDT'.length)}/USDT:USDT`);
  const first = await exchange.watchOrderBookForSymbols(names, 1);
  await exchange.createOrder(first.symbol, 'limit', 'buy', 4, 1_000, { timeInForce: 'IOC' });
  const loop = async (): Promise<void> => {
    for (;;) {
      const { symbol, asks } = await exchange.watchOrderBookForSymbols(names, 1);
      const price = present(asks[0]?.[0], 'an ask');
      if (price < worthAnOrder) continue;
      exchange.createOrder(symbol, 'limit', 'buy', 4, price, { timeInForce: 'IOC' }).catch(fail);
    }
  };
  loop().catch(fail);
}

function ccxtMarket(id: string): object {
  const base = id.slice(0, -'USDT'.length);
  return {
    ...{ id, symbol: `${base}/USDT:USDT`, base, quote: 'USDT', settle: 'USDT', baseId: base },
    ...{ quoteId: 'USDT', settleId: 'USDT', type: 'swap', spot: false, margin: false, swap: true },
    ...{ future: false, option: false, active: true, contract: true, linear: true },
    ...{ inverse: false, contractSize: 1, precision: { price: 0.01, amount: 1 }, limits: {} },
    info: {},
  };
}

async function bybitApi({ venue }: Ports, entry: 'rest' | 'websocket'): Promise<void> {
  const { RestClientV5, WebsocketAPIClient, WebsocketClient } = await import('bybit-api');
  const quiet = {
    ...{ trace: () => undefined, info: () => undefined, silly: () => undefined },
    error: (...said: unknown[]) => process.stderr.write(`bybit-api: ${JSON.stringify(said)}\n`),
  };
  const at = `127.0.0.1:${venue}`;
  const rest = new RestClientV5({ key, secret, baseUrl: `http://${at}`, enable_time_sync: false });
  const trade = new WebsocketAPIClient(
    { key, secret, wsUrl: `ws://${at}/v5/trade`, attachEventListeners: false },
    quiet as never,
  );
  const market = new WebsocketClient({ wsUrl: `ws://${at}/v5/public/linear` }, quiet as never);
  const send = (symbol: string, price: string): Promise<unknown> => {
    const limit = { orderType: 'Limit', timeInForce: 'IOC' } as const;
    const order = { category: 'linear', symbol, side: 'Buy', qty: '4', price, ...limit } as const;
    return entry === 'rest' ? rest.submitOrder(order) : trade.submitNewOrder(order);
  };
  await send(present(symbols[0], 'a symbol'), '1000');
  market.on('update', (event: { readonly data?: unknown }) => {
    const { s, a } = event.data as { readonly s: string; readonly a: readonly string[][] };
    const price = present(a[0]?.[0], 'an ask');
    if (Number(price) >= worthAnOrder) send(s, price).catch(fail);
  });
  market.subscribeV5(
    symbols.map((symbol) => `orderbook.1.${symbol}`),
    'linear',
  );
  await sleep(1_000);
}

function fail(thrown: unknown): void {
  process.stderr.write(`${role}: ${String(thrown).slice(0, 300)}\n`);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
