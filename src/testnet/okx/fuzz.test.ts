// Whatever a client sends, the protocol answers and never throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blank, credentials, okxTestnet } from '../../../test/support/okx-testnet.ts';
import { okx } from '../../venues/okx/index.ts';
import { endpoints } from '../../venues/okx/paths.ts';

const keys = ['instId', 'instIdCode', 'side', 'ordType', 'sz', 'px', 'tdMode', 'clOrdId', 'ordId'];
const more = [
  'lever',
  'mgnMode',
  'timeOut',
  'reduceOnly',
  'tgtCcy',
  'channel',
  'instType',
  'posMode',
];
const value = fc.constantFrom<unknown>(
  ...['BTC-USDT-SWAP', 'BTC-USDT', 'buy', 'sell', 'limit', 'market', 'post_only', 'fok', 'cross'],
  ...[
    'cash',
    '1',
    '0.01',
    '64000',
    '65000.1',
    '1e60',
    '-1',
    '0',
    '',
    'NaN',
    '9'.repeat(70),
    'SWAP',
  ],
  ...['orders', 'books', 'bbo-tbt', 'account', 'ANY', 'base_ccy', 'net_mode', '30', '__proto__'],
  ...[null, true, {}, [], 1.5e20, 2_000_000_000_000_001],
);
const row = fc.dictionary(fc.constantFrom(...keys, ...more), value, { maxKeys: 12 });
const ops = ['order', 'cancel-order', 'batch-orders', 'amend-order', 'subscribe', 'unsubscribe'];

describe('the protocol', () => {
  it('answers any message on a socket', () => {
    const net = okxTestnet();
    const clients = [net.connect('/ws/v5/public'), net.connectPrivate()];
    const frame = fc.record({
      op: fc.oneof(fc.constantFrom<unknown>(...ops, 'login', 'x'), value),
      args: fc.oneof(fc.array(fc.oneof(row, value), { maxLength: 3 }), value),
    });
    fc.assert(
      fc.property(fc.oneof(frame, fc.string()), (message) => {
        for (const client of clients) {
          client.take();
          client.say(message);
          expect(client.take().length).toBeGreaterThan(0);
        }
        net.pass(1_000);
      }),
      { numRuns: 1_500 },
    );
  });

  it('answers any request with JSON', () => {
    const net = okxTestnet();
    const body = fc
      .oneof(row, fc.array(row, { maxLength: 3 }), value)
      .map((it) => JSON.stringify(it));
    const query = fc
      .array(fc.tuple(fc.constantFrom(...keys, ...more, 'begin', 'after', 'limit'), value), {
        maxLength: 4,
      })
      .map((pairs) =>
        pairs.map(([key, it]) => `${key}=${encodeURIComponent(String(it))}`).join('&'),
      );
    const request = fc.record({ endpoint: fc.constantFrom(...endpoints), body, query });
    fc.assert(
      fc.property(request, ({ endpoint, body: text, query: asked }) => {
        const { method, path } = endpoint;
        const made = {
          ...blank,
          method,
          path,
          query: asked,
          body: method === 'POST' ? text : null,
        };
        net.clock.wallMs += 2_000;
        const reply = net.http(okx.sign(made, credentials, net.clock.wallMs));
        expect(typeof JSON.parse(reply.body).code).toBe('string');
      }),
      { numRuns: 1_500 },
    );
  });
});
