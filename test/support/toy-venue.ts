// A venue whose wire format is the normalised events themselves, as JSON with decimals as text: the
// tests of the driver script any behaviour with it. Quotes come as `q SYMBOL bid bidQty ask askQty
// ts`.
import { decimal } from '../../src/base/decimal.ts';
import { hmacSha256Hex } from '../../src/base/hmac.ts';
import { type Instrument, instrumentIdOf } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../src/domain/order.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import type {
  HttpRequest,
  OrderBatchSpec,
  OrderEntrySpec,
  QuoteScanner,
  RequestPurpose,
  StreamSpec,
  VenueSpec,
} from '../../src/domain/venue-spec.ts';

export const toyKey = 'toy-key-123456';
export const toySecret = 'toy-secret-123456';

const decimalFields = new Set(
  'qty filledQty limit averagePrice price fee realizedPnl total available entryPrice amount'.split(
    ' ',
  ),
);
const exactKinds = new Set(['order', 'fill', 'balance', 'position', 'funding-payment']);

/** Events as the toy's wire has them. */
export function toyJson(value: unknown): string {
  return JSON.stringify(value, (_key, field) =>
    typeof field === 'bigint' ? `${field}` : (field as unknown),
  );
}

function revive(event: Record<string, unknown>): VenueEvent {
  const fields: Record<string, unknown> = { ...blank, ...event };
  if (exactKinds.has(String(event['kind']))) {
    for (const [name, value] of Object.entries(event)) {
      if (decimalFields.has(name) && typeof value === 'string') fields[name] = decimal(value);
    }
  }
  if (event['kind'] === 'instrument') {
    const name = String(event['symbol']);
    const known = toyInstruments.find(({ symbol }) => symbol === name);
    fields['spec'] = { ...known, ...(event['spec'] as object | undefined) };
  } else if (typeof event['symbol'] === 'string') {
    const known = toyInstruments.find(({ symbol }) => symbol === event['symbol']);
    fields['instrument'] = known?.id ?? null;
  }
  return fields as unknown as VenueEvent; // the toy's own wire
}

const blank = { venue: 'toy', symbol: null, instrument: null, venueTsMs: null };

export const toyInstruments: readonly Instrument[] = ['BTC', 'ETH'].flatMap((base) => [
  toyInstrument(base, 'linear-perp'),
  toyInstrument(base, 'spot'),
]);

function toyInstrument(base: string, kind: 'linear-perp' | 'spot'): Instrument {
  return {
    id: instrumentIdOf({ venue: 'toy', kind, base, quote: 'USDT' }),
    venue: 'toy',
    symbol: kind === 'spot' ? `${base}S` : `${base}P`,
    kind,
    base,
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: decimal('0.001'),
    qtyMax: null,
    notionalMin: decimal('5'),
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: 10,
  };
}

export function toyOrder(over: Partial<OrderDraft> = {}): ApprovedOrder {
  const draft: OrderDraft = {
    clientOrderId: 'farb1',
    venue: 'toy',
    instrument: 'toy:BTC-USDT-PERP',
    side: 'buy',
    qty: decimal('0.01'),
    limit: decimal('100'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 100,
    ...over,
  };
  return draft as ApprovedOrder; // stands for risk's approval
}

export interface ToyOptions {
  readonly restDepth: boolean;
  readonly silenceMsMax: number;
  /** Orders at /orders: `call ID {line, query, body, ts}`, `answer ID STATUS BODY`. */
  readonly orderSocket: boolean;
  readonly orderHost: string;
  /** Orders of one request: `POST /orders`, `DELETE /orders`; 0 = each goes alone. */
  readonly batchMax: number;
  readonly listenKey: boolean;
  readonly listenKeyRefreshMs: number;
  readonly buckets: VenueSpec['rateLimits']['buckets'];
}

export function toyVenue(over: Partial<ToyOptions> = {}): VenueSpec {
  const options: ToyOptions = {
    restDepth: false,
    silenceMsMax: 20_000,
    orderSocket: false,
    orderHost: 'ws',
    batchMax: 0,
    listenKey: false,
    listenKeyRefreshMs: 60_000,
    buckets: {
      reads: { capacity: 10_000, intervalMs: 1_000 },
      orders: { capacity: 10_000, intervalMs: 1_000 },
    },
    ...over,
  };
  const request = (
    purpose: RequestPurpose,
    line: string,
    rest: Partial<HttpRequest> = {},
  ): HttpRequest => {
    const [method = '', target = ''] = line.split(' ');
    const [path = '', query = ''] = target.split('?');
    return {
      purpose,
      host: 'rest',
      method: method as HttpRequest['method'], // a literal of ours
      path,
      query,
      body: null,
      headers: {},
      auth: 'signed',
      bucket: purpose === 'place' || purpose === 'cancel' ? 'orders' : 'reads',
      weight: 1,
      market: null,
      clientOrderId: null,
      ...rest,
    };
  };
  const open = { auth: 'none' } as const;
  const listenKey = request('listen-key', 'POST /listen-key', { auth: 'key' });
  const stream = (access: 'public' | 'private', rest: Partial<StreamSpec> = {}): StreamSpec => ({
    name: access,
    host: 'ws',
    path: `/${access}`,
    access,
    market: null,
    subscribe: [`sub ${access}`],
    login: null,
    listenKey: null,
    listenKeyRefreshMs: 0,
    heartbeat: { text: 'ping', everyMs: 1_000 },
    silenceMsMax: options.silenceMsMax,
    ...rest,
  });
  return {
    id: 'toy',
    name: 'Toy',
    endpoints: {},
    rateLimits: {
      buckets: options.buckets,
      orderBuckets: ['orders'],
      readHeaders: (headers) => ({
        used: headers['x-used'] === undefined ? {} : { reads: Number(headers['x-used']) },
        retryAfterMs:
          headers['retry-after-ms'] === undefined ? null : Number(headers['retry-after-ms']),
      }),
    },
    orderValidityMs: 5_000,
    needsPassphrase: false,
    publicStreams: () => [stream('public')],
    privateStreams: () => [
      options.listenKey
        ? stream('private', {
            path: '/private?key={listenKey}',
            listenKey,
            listenKeyRefreshMs: options.listenKeyRefreshMs,
          })
        : stream('private', { login: ({ key }, wallMs) => `login ${key} ${wallMs}` }),
    ],
    ...(options.orderSocket ? { orderEntry: toyOrderEntry(options) } : {}),
    ...(options.batchMax > 0 ? { batches: toyBatches(options.batchMax) } : {}),
    decode: (bytes) => decodeText(new TextDecoder().decode(bytes)),
    quoteScanner: (_source, catalog) =>
      scanner((symbol) =>
        catalog.indexOf(toyInstruments.find((i) => i.symbol === symbol)?.id ?? ''),
      ),
    bookVerdict: (event, { lastSeq }) => {
      if (lastSeq === null) return 'resync';
      if (Number(event.seq) <= Number(lastSeq)) return 'drop';
      return event.prevSeq === lastSeq ? 'apply' : 'resync';
    },
    requests: {
      serverTime: () => request('server-time', 'GET /time', open),
      instruments: () => [request('instruments', 'GET /instruments', open)],
      fundingRates: () => [request('funding-rates', 'GET /funding', open)],
      fundingHistory: ({ symbol }, { fromMs, toMs }) =>
        request(
          'funding-history',
          `GET /funding-history?symbol=${symbol}&from=${fromMs}&to=${toMs}`,
          open,
        ),
      quotes: () => [request('quotes', 'GET /quotes', open)],
      depth: ({ symbol }) =>
        options.restDepth ? request('depth', `GET /depth?symbol=${symbol}`, open) : null,
      feeRates: () => [request('fee-rates', 'GET /fees')],
      setup: (_instruments, { leverage }) => [request('setup', `POST /leverage?x=${leverage}`)],
      place: ({ clientOrderId }, { symbol }) =>
        request('place', 'POST /order', {
          body: toyJson({ id: clientOrderId, symbol }),
          clientOrderId,
        }),
      cancel: (clientOrderId) =>
        request('cancel', `DELETE /order?id=${clientOrderId}`, { clientOrderId }),
      queryOrder: (clientOrderId) => [
        request('query-order', `GET /order?id=${clientOrderId}`, { clientOrderId }),
        request('query-order', `GET /order-history?id=${clientOrderId}`, { clientOrderId }),
        request('fills', 'GET /fills'),
      ],
      openOrders: () => [request('open-orders', 'GET /orders')],
      orderHistory: () => [request('order-history', 'GET /orders-history')],
      fills: ({ sinceMs }) => [request('fills', `GET /fills?since=${sinceMs}`)],
      balances: () => [request('balances', 'GET /balances')],
      positions: () => [request('positions', 'GET /positions')],
      fundingPayments: ({ sinceMs }) => [
        request('funding-payments', `GET /payments?since=${sinceMs}`),
      ],
      accountConfig: () => [request('account-config', 'GET /account')],
    },
    nextPage: (from, body) => {
      const match = /"next":"([^"]+)"/.exec(body);
      return match === null ? null : { ...from, query: `page=${match[1]}` };
    },
    sign: (from, { key, secret }, wallMs) => ({
      ...from,
      headers: {
        ...from.headers,
        'x-key': key,
        'x-ts': String(wallMs),
        'x-sign': hmacSha256Hex(secret, `${wallMs}${from.path}?${from.query}${from.body ?? ''}`),
      },
    }),
    decodeReply: (from, { status, body }) => {
      if (status >= 500) {
        const writes = from.purpose === 'place' || from.purpose === 'cancel';
        return [
          toyError(
            writes ? 'UNKNOWN_OUTCOME' : 'TRANSIENT',
            writes ? 'query' : 'retry',
            `http-${status}`,
          ),
        ];
      }
      return decodeText(body);
    },
  };
}

/** The answer is `{ items: [events of each, or null] }`. */
function toyBatches(max: number): OrderBatchSpec {
  return {
    groupOf: ({ purpose }) =>
      purpose === 'place' || purpose === 'cancel' ? { key: purpose, max } : null,
    join: (requests) => {
      const [first] = requests as readonly [HttpRequest];
      const ids = requests.map(({ clientOrderId }) => clientOrderId);
      const body = JSON.stringify({ ids });
      const weight = requests.length;
      return { ...first, path: '/orders', query: '', body, weight, clientOrderId: null };
    },
    split: (requests, { body }) => {
      const items = itemsIn(body);
      if (items === null) return null;
      return requests.map((_request, i) => {
        const events = items[i] ?? null;
        return events === null ? null : { status: 200, body: JSON.stringify({ events }) };
      });
    },
  };
}

function itemsIn(body: string): readonly unknown[] | null {
  try {
    const { items } = JSON.parse(body) as { readonly items?: readonly unknown[] };
    return Array.isArray(items) ? items : null;
  } catch {
    return null;
  }
}

function toyOrderEntry({ orderHost, silenceMsMax }: ToyOptions): OrderEntrySpec {
  const name = 'orders';
  return {
    sockets: () => [
      {
        ...{ name, host: orderHost, path: '/orders', market: null, silenceMsMax },
        login: ({ key }, wallMs) => `login ${key} ${wallMs}`,
        heartbeat: { text: 'ping', everyMs: 1_000 },
      },
    ],
    message: ({ purpose, method, path, query, body }, { id, wallMs }) => {
      if (purpose !== 'place' && purpose !== 'cancel') return null;
      const said = { line: `${method} ${path}`, query, body, ts: wallMs };
      return { socket: name, text: `call ${id} ${JSON.stringify(said)}` };
    },
    answer: (bytes) => {
      const text = new TextDecoder().decode(bytes);
      const [, id, status, body] = /^answer (\S+) (\d+) (.*)$/s.exec(text) ?? [];
      if (id === undefined || body === undefined) return null;
      return { id, status: Number(status), body, headers: {} };
    },
  };
}

export function toyError(code: string, reaction: string, venueCode = code): VenueEvent {
  return revive({ kind: 'error', code, reaction, venueCode, message: `toy says ${venueCode}` });
}

function decodeText(text: string): readonly VenueEvent[] {
  try {
    const parsed = JSON.parse(text) as { readonly events?: Record<string, unknown>[] };
    if (Array.isArray(parsed.events)) return parsed.events.map(revive);
  } catch {
    // Falls through: not the toy's wire.
  }
  return [revive({ kind: 'unrecognized', reason: `not of the toy: ${text.slice(0, 20)}` })];
}

function scanner(indexOf: (symbol: string) => number): QuoteScanner {
  return ({ bytes }, from, to, out) => {
    if (bytes[from] !== 113) return -1;
    const text = new TextDecoder().decode(bytes.subarray(from, to));
    const [, symbol = '', ...numbers] = text.split(' ');
    const index = indexOf(symbol);
    if (index >= 0) for (let i = 0; i < 5; i++) out[i] = Number(numbers[i]);
    return index;
  };
}
