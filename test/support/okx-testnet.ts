// OKX's protocol over a simulated exchange in one process, without sockets: BTC at 65,000 on a
// scripted market, clocks that a test moves, requests signed by the adapter, and sockets that keep
// their frames.
import { decimal } from '../../src/base/decimal.ts';
import { Catalog } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type { HttpRequest } from '../../src/domain/venue-spec.ts';
import { createSimExchange } from '../../src/sim/exchange.ts';
import { okxListings } from '../../src/sim/listings/okx.ts';
import { makeOkxProtocol } from '../../src/testnet/okx/index.ts';
import type { RawHttpReply, TestnetSocket } from '../../src/testnet/protocol.ts';
import { okx } from '../../src/venues/okx/index.ts';
import { type Script, scriptedMarket } from './scripted-market.ts';

export const credentials = { key: 'k', secret: 's', passphrase: 'p' } as const;
export const swapId = 'okx:BTC-USDT-PERP';
export const spotId = 'okx:BTC-USDT-SPOT';
/** Wall time of the start: far from venue time, so that a mixed-up clock shows. */
export const wallStartMs = 1_790_000_000_000;

export const blank: HttpRequest = {
  purpose: 'setup',
  host: 'rest',
  method: 'GET',
  path: '',
  query: '',
  body: null,
  headers: {},
  auth: 'signed',
  bucket: 'x',
  weight: 1,
  market: null,
  clientOrderId: null,
};
/** A request that the adapter does not make itself. */
export const get = (path: string, query = ''): HttpRequest => ({
  ...blank,
  path: `/api/v5/${path}`,
  query,
});
export const post = (path: string, body: unknown): HttpRequest => ({
  ...get(path),
  method: 'POST',
  body: JSON.stringify(body),
});

export function okxTestnet(script: Partial<Script> = {}) {
  const market = scriptedMarket('okx', { price: () => 65_000, ...script });
  const exchange = createSimExchange({
    venue: 'okx',
    market,
    listings: okxListings.filter(({ underlying }) => underlying === 'BTC'),
    startBalances: [{ wallet: 'unified', asset: 'USDT', amount: decimal('1000000') }],
  });
  const clock = { tsMs: market.startMs, wallMs: wallStartMs };
  const faults = new Set<string>();
  const logged: string[] = [];
  const protocol = makeOkxProtocol({
    exchange,
    credentials,
    now: () => ({ ...clock }),
    fault: (name) => faults.has(name),
    orderFault: () => null,
    log: (message) => logged.push(message),
  });
  exchange.onEvent((event) => protocol.event(event));
  exchange.advance(clock);

  const http = (request: HttpRequest): RawHttpReply => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers))
      headers[name.toLowerCase()] = value;
    const { method, path, query } = request;
    return protocol.http({ method, path, query, body: request.body ?? '', headers });
  };
  const catalog = new Catalog();
  /** Signs and sends a request of the adapter, and decodes the reply. */
  const ask = (request: HttpRequest): readonly VenueEvent[] =>
    okx.decodeReply(request, http(okx.sign(request, credentials, clock.wallMs)), catalog);
  for (const event of okx.requests.instruments().flatMap(ask)) {
    if (event.kind === 'instrument') catalog.put(event.spec);
  }
  const listed = (id: string) => {
    const instrument = catalog.byId(id);
    if (instrument === undefined) throw new Error(`not listed: ${id}`);
    return instrument;
  };

  /** Signs and sends a request; the reply as parsed JSON, with its status. */
  const json = (request: HttpRequest) => {
    const reply = http(okx.sign(request, credentials, clock.wallMs));
    return { status: reply.status, ...JSON.parse(reply.body) };
  };
  /** Places 1 contract at 64,000, or as changed, and gives the item of the answer. */
  const order = (change: object) => {
    const body = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', ordType: 'limit' };
    const sized = { ...body, sz: '1', px: '64000', clOrdId: 'abc', ...change };
    return json(post('trade/order', sized)).data[0];
  };

  let orders = 0;
  const draft = (change: Partial<OrderDraft> = {}): ApprovedOrder => {
    orders++;
    const order: OrderDraft = {
      clientOrderId: `test${orders}`,
      venue: 'okx',
      instrument: swapId,
      side: 'buy',
      qty: decimal('0.01'),
      limit: decimal('65000.1'),
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      pairId: null,
      arrivalMid: 65_000,
      ...change,
    };
    return order as ApprovedOrder; // only risk makes one; here its verdict does not matter
  };
  const place = (change: Partial<OrderDraft> = {}): readonly VenueEvent[] => {
    const order = draft(change);
    return ask(okx.requests.place(order, listed(order.instrument)));
  };

  let sockets = 0;
  const connect = (path: string) => {
    const sent: string[] = [];
    const closes: number[] = [];
    const socket: TestnetSocket = {
      id: ++sockets,
      path,
      query: '',
      openedWallMs: clock.wallMs,
      send: (text) => sent.push(text),
      close: (code) => closes.push(code),
    };
    const handler = protocol.open(socket);
    return {
      handler,
      closes,
      sent,
      say: (message: unknown) =>
        handler?.message(typeof message === 'string' ? message : JSON.stringify(message)),
      /** What came since the last call. */
      take: () => sent.splice(0),
      takeJson: () => sent.splice(0).map((text) => JSON.parse(text)),
      /** What came since the last call, as the adapter reads it. */
      events: () =>
        sent.splice(0).flatMap((text) => {
          const bytes = new TextEncoder().encode(text);
          return okx.decode(bytes, { stream: 'x', market: null }, catalog);
        }),
    };
  };
  const connectPrivate = () => {
    const client = connect('/ws/v5/private');
    const [stream] = okx.privateStreams([]);
    client.say(stream?.login?.(credentials, clock.wallMs) ?? '');
    return client;
  };

  /** Moves both clocks and runs what the server would. */
  const pass = (ms: number): void => {
    clock.tsMs += ms;
    clock.wallMs += ms;
    exchange.advance(clock);
    protocol.tick(clock);
    protocol.second(clock);
  };

  return {
    ...{ exchange, protocol, clock, faults, logged, http, ask, place, draft, catalog, listed },
    ...{ json, order, connect, connectPrivate, pass, startMs: market.startMs },
  };
}
