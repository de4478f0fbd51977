import { describe, expect, it } from 'vitest';
import { exampleCatalog, exampleInstrument } from '../../../test/support/binance-fixtures.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { binance } from './index.ts';
import { orderEntry } from './order-entry.ts';
import { requests } from './requests.ts';

const perp = exampleInstrument('BTCUSDT', 'linear');
const spot = exampleInstrument('BTCUSDT', 'spot');
const catalog = exampleCatalog();
const call = { id: 'f1x1', credentials: { key: 'key', secret: 'secret' }, wallMs: 1_700, catalog };
const bytes = (frame: object): Uint8Array => new TextEncoder().encode(JSON.stringify(frame));

interface Message {
  readonly id: string;
  readonly method: string;
  readonly params: Readonly<Record<string, string | number>>;
}
const messageOf = (request: HttpRequest): Message & { readonly socket: string } => {
  const message = orderEntry.message(request, call);
  if (message === null) throw new Error(`no message for ${request.path}`);
  return { socket: message.socket, ...(JSON.parse(message.text) as Message) };
};

describe('orders over the WebSocket APIs', () => {
  it.each([
    ['order.cancel', 'usdm-orders', requests.cancel('a1', perp)],
    ['order.cancel', 'spot-orders', requests.cancel('a1', spot)],
    ['order.cancel', 'coinm-orders', { ...requests.cancel('a1', perp), path: '/dapi/v1/order' }],
    ['order.status', 'usdm-orders', requests.queryOrder('a1', perp)[0] as HttpRequest],
  ])(
    '%s on %s: the parameters of REST, signed in the order of their names',
    (method, socket, of) => {
      const message = messageOf(of);
      expect(message).toMatchObject({ id: 'f1x1', method, socket });
      const { signature, ...signed } = message.params;
      expect(signed).toEqual({
        ...{ symbol: 'BTCUSDT', origClientOrderId: 'a1' },
        ...{ apiKey: 'key', recvWindow: 3_000, timestamp: 1_700 },
      });
      const payload =
        'apiKey=key&origClientOrderId=a1&recvWindow=3000&symbol=BTCUSDT&timestamp=1700';
      expect(signature).toBe(hmacSha256Hex('secret', payload));
    },
  );

  it('listings and batches have no message', () => {
    const [, fills] = requests.queryOrder('a1', perp);
    expect(orderEntry.message(fills as HttpRequest, call)).toBeNull();
  });

  it('an answer is the reply of REST: result, error, status', () => {
    const ok = { id: 'f1x1', status: 200, result: { orderId: 7, symbol: 'BTCUSDT' } };
    expect(orderEntry.answer(bytes(ok), 'usdm-orders')).toEqual({
      ...{ id: 'f1x1', status: 200, headers: {} },
      body: '{"orderId":7,"symbol":"BTCUSDT"}',
    });
    const refused = { id: 'f1x1', status: 400, error: { code: -2011, msg: 'Unknown order sent.' } };
    const answer = orderEntry.answer(bytes(refused), 'usdm-orders');
    expect(answer?.status).toBe(400);
    const request = requests.cancel('a1', perp);
    const reply = { status: 400, body: answer?.body ?? '' };
    expect(binance.decodeReply(request, reply, catalog)).toMatchObject([
      { kind: 'error', venueCode: '-2011', reaction: 'reconcile', clientOrderId: 'a1' },
    ]);
  });

  it('limits come as the headers of REST, for the market of the socket', () => {
    const rateLimits = [
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100, count: 12 },
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1, count: 70 },
    ];
    const used = (socket: string) => {
      const frame = { id: 'f1x1', status: 200, result: {}, rateLimits };
      const { headers = {} } = orderEntry.answer(bytes(frame), socket) ?? {};
      return binance.rateLimits.readHeaders(headers).used;
    };
    expect(used('spot-orders')).toEqual({ 'spot-orders': 12, 'spot-weight': 70 });
    expect(used('usdm-orders')).toEqual({ 'usdm-orders': 12, 'usdm-weight': 70 });
  });

  it('a ban says until when', () => {
    const data = { serverTime: 1_000, retryAfter: 3_500 };
    const frame = { id: 'f1x1', status: 418, error: { code: -1003, msg: 'banned', data } };
    const { headers = {} } = orderEntry.answer(bytes(frame), 'spot-orders') ?? {};
    expect(binance.rateLimits.readHeaders(headers).retryAfterMs).toBe(3_000);
  });

  it('a pong and an event are no answers', () => {
    expect(orderEntry.answer(bytes({ id: 'ping', status: 200 }), 'spot-orders')).toBeNull();
    expect(orderEntry.answer(bytes({ e: 'serverShutdown', E: 1 }), 'spot-orders')).toBeNull();
  });
});
