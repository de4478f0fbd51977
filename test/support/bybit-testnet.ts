// Bybit's protocol over a simulated exchange in one process, without sockets: clocks that a test
// moves, requests made and signed by the adapter, sockets that keep their frames.
import { decimal } from '../../src/base/decimal.ts';
import { Catalog, type Market } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { createSimExchange } from '../../src/sim/exchange.ts';
import { bybitListings } from '../../src/sim/listings/bybit.ts';
import type { ExogenousMarket } from '../../src/sim/market-api.ts';
import { makeBybitProtocol } from '../../src/testnet/bybit/index.ts';
import type { RawHttpReply, TestnetSocket } from '../../src/testnet/protocol.ts';
import { bybit } from '../../src/venues/bybit/index.ts';
import { bytesOf, requestTo } from './bybit-fixtures.ts';
import { type Script, scriptedMarket } from './scripted-market.ts';

export const credentials = { key: 'k', secret: 's', passphrase: 'p' } as const;
export const perpId = 'bybit:BTC-USDT-PERP';
export const spotId = 'bybit:BTC-USDT-SPOT';
/** Far from venue time, so that a mixed-up clock shows. */
export const wallStartMs = 1_790_000_000_000;

export type Frame = Record<string, unknown> & { readonly data?: unknown };

/** BTC at 65,000 on a scripted market, unless another market is given. */
export function bybitTestnet(
  options: { readonly script?: Partial<Script>; readonly market?: ExogenousMarket } = {},
) {
  const script = { price: () => 65_000, ...options.script };
  const market = options.market ?? scriptedMarket('bybit', script);
  const exchange = createSimExchange({
    venue: 'bybit',
    market,
    listings:
      options.market === undefined
        ? bybitListings.filter(({ underlying }) => underlying === 'BTC')
        : bybitListings,
    startBalances: [{ wallet: 'unified', asset: 'USDT', amount: decimal('100000') }],
  });
  const clock = { tsMs: market.startMs, wallMs: wallStartMs };
  const faults = new Set<string>();
  const protocol = makeBybitProtocol({
    exchange,
    credentials,
    now: () => ({ ...clock }),
    fault: (name) => faults.has(name),
    orderFault: () => null,
    log: () => undefined,
  });
  exchange.onEvent((event) => protocol.event(event));
  const catalog = new Catalog();
  for (const { instrument } of exchange.instruments()) catalog.put(instrument);
  let sockets = 0;

  /** Sends exactly this; nothing is signed. */
  const raw = (request: HttpRequest): RawHttpReply =>
    protocol.http({
      method: request.method,
      path: request.path,
      query: request.query,
      body: request.body ?? '',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    });
  const signed = (request: HttpRequest): RawHttpReply =>
    raw(bybit.sign({ ...request, auth: 'signed' }, credentials, clock.wallMs));

  return {
    exchange,
    catalog,
    clock,
    faults,
    raw,
    signed,
    /** Signs, sends and decodes, as the driver does. */
    call: (request: HttpRequest): readonly VenueEvent[] => {
      const reply = request.auth === 'signed' ? signed(request) : raw(request);
      return bybit.decodeReply(request, reply, catalog);
    },
    /** The `result` of a request that the adapter does not make. */
    ask: (line: string, body?: object): Frame => {
      const request = {
        ...requestLine(line),
        body: body === undefined ? null : JSON.stringify(body),
      };
      return JSON.parse(signed(request).body) as Frame;
    },
    instrument: (id: string) => {
      const instrument = catalog.byId(id);
      if (instrument === undefined) throw new Error(`not listed: ${id}`);
      return instrument;
    },
    /** Moves both clocks and publishes a tick. */
    tick: (venueMs: number, wallMs = 100): void => {
      clock.tsMs += venueMs;
      clock.wallMs += wallMs;
      exchange.advance(clock);
      protocol.tick({ ...clock });
    },
    second: () => protocol.second({ ...clock }),
    open: (path: string) => {
      const frames: Frame[] = [];
      const texts: string[] = [];
      let closed: number | null = null;
      const socket: TestnetSocket = {
        id: ++sockets,
        path,
        query: '',
        openedWallMs: clock.wallMs,
        send: (text) => {
          texts.push(text);
          frames.push(JSON.parse(text) as Frame);
        },
        close: (code) => {
          closed = code;
        },
      };
      const handler = protocol.open(socket);
      if (handler === null) return null;
      return {
        frames,
        closedWith: () => closed,
        close: () => handler.closed(),
        say: (message: object | string) =>
          handler.message(typeof message === 'string' ? message : JSON.stringify(message)),
        /** Takes what came since the last time, decoded by the adapter. */
        take: (market: Market | null = null): readonly VenueEvent[] => {
          frames.length = 0;
          return texts
            .splice(0)
            .flatMap((text) => bybit.decode(bytesOf(text), { stream: 't', market }, catalog));
        },
        takeFrames: (): readonly Frame[] => {
          texts.length = 0;
          return frames.splice(0);
        },
      };
    },
  };
}

export type BybitTestnet = ReturnType<typeof bybitTestnet>;
export type Client = NonNullable<ReturnType<BybitTestnet['open']>>;

/** Opens a socket and fails when there is no such path. */
export function openSocket(testnet: BybitTestnet, path: string): Client {
  const client = testnet.open(path);
  if (client === null) throw new Error(`no socket at ${path}`);
  return client;
}

/** A private socket after its login and with all topics. */
export function openPrivate(testnet: BybitTestnet): Client {
  const client = openSocket(testnet, '/v5/private');
  const [stream] = bybit.privateStreams([]);
  client.say(stream?.login?.(credentials, testnet.clock.wallMs) ?? '');
  for (const message of stream?.subscribe ?? []) client.say(message);
  client.takeFrames();
  return client;
}

export function orderOf(over: Partial<OrderDraft>): ApprovedOrder {
  const draft: OrderDraft = {
    clientOrderId: 'farb1A2B0001L',
    venue: 'bybit',
    instrument: perpId,
    side: 'buy',
    qty: decimal('0.5'),
    limit: decimal('64000'),
    timeInForce: 'gtc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 65_000,
    ...over,
  };
  return draft as ApprovedOrder; // a test stands in for risk
}

/** Lets what waits for the end of the present call happen. */
export async function settle(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

function requestLine(line: string): HttpRequest {
  const [method = 'GET', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  return {
    ...requestTo('GET /v5/market/time'),
    method: method === 'POST' ? 'POST' : 'GET',
    path,
    query,
  };
}
