import { describe, expect, test } from 'vitest';
import {
  decodeFixture,
  decodeReplyFixture,
  fixture,
  fixtureCatalog,
  requestTo,
} from '../../../test/support/bybit-fixtures.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { bybit } from './index.ts';

const catalog = fixtureCatalog();
const place: HttpRequest = { ...requestTo('POST /v5/order/create'), clientOrderId: 'farb1' };
const read = requestTo('GET /v5/position/list');

function reply(request: HttpRequest, status: number, body: string): readonly VenueEvent[] {
  return bybit.decodeReply(request, { status, body }, catalog);
}

function refused(retCode: number, retMsg = ''): string {
  return JSON.stringify({ retCode, retMsg, result: {}, retExtInfo: {}, time: 1 });
}

describe('order replies', () => {
  test('the answer to a create is an ack and nothing more: the order is not live yet', () => {
    expect(decodeReplyFixture('rest-create', 'POST /v5/order/create')).toMatchObject([
      { kind: 'control', name: 'ack', value: '1321003749386327552' },
    ]);
  });

  test('a batch answers with two parallel lists, and every item is read', () => {
    expect(decodeReplyFixture('rest-create-batch', 'POST /v5/order/create-batch')).toMatchObject([
      { kind: 'control', name: 'ack', value: '1666800494330512128' },
      {
        kind: 'error',
        venueCode: '110007',
        reaction: 'funds',
        clientOrderId: 'farb1A2B0007L',
        symbol: 'BTCUSDT',
      },
    ]);
  });

  test('a batch item without a code leaves the outcome open', () => {
    const body = JSON.stringify({
      retCode: 0,
      result: { list: [{ orderLinkId: 'a' }, { orderLinkId: 'b' }] },
      retExtInfo: { list: [{ code: 0 }] },
    });
    expect(reply(requestTo('POST /v5/order/create-batch'), 200, body)).toMatchObject([
      { kind: 'control', name: 'ack' },
      { kind: 'error', code: 'UNKNOWN_OUTCOME', reaction: 'query', clientOrderId: 'b' },
    ]);
  });

  test('a query that finds nothing says so as an error to reconcile', () => {
    const query: HttpRequest = { ...requestTo('GET /v5/order/realtime'), purpose: 'query-order' };
    expect(reply(query, 200, fixture('rest-order-none'))).toMatchObject([
      { kind: 'error', code: 'REJECTED', reaction: 'reconcile' },
    ]);
  });
});

describe('errors', () => {
  test.each([
    [10002, 'TRANSIENT', 'resync-clock'],
    [10003, 'AUTH', 'stop'],
    [10004, 'AUTH', 'stop'],
    [10005, 'AUTH', 'stop'],
    [33004, 'AUTH', 'stop'],
    [10006, 'RATE_LIMITED', 'back-off'],
    [10429, 'RATE_LIMITED', 'back-off'],
    [10000, 'UNKNOWN_OUTCOME', 'query'],
    [10016, 'UNKNOWN_OUTCOME', 'query'],
    [170007, 'UNKNOWN_OUTCOME', 'query'],
    [170146, 'UNKNOWN_OUTCOME', 'query'],
    [10019, 'MAINTENANCE', 'retry'],
    [110001, 'REJECTED', 'reconcile'],
    [110008, 'REJECTED', 'reconcile'],
    [110010, 'REJECTED', 'reconcile'],
    [170213, 'REJECTED', 'reconcile'],
    [110003, 'REJECTED', 'price-band'],
    [170193, 'REJECTED', 'price-band'],
    [170194, 'REJECTED', 'price-band'],
    [110004, 'REJECTED', 'funds'],
    [110007, 'REJECTED', 'funds'],
    [110012, 'REJECTED', 'funds'],
    [170131, 'REJECTED', 'funds'],
    [110017, 'REJECTED', 'refresh-position'],
    [110063, 'TRANSIENT', 'settlement-retry'],
    [110079, 'TRANSIENT', 'retry'],
    [110094, 'REJECTED', 'below-minimum'],
    [170140, 'REJECTED', 'below-minimum'],
    [110072, 'REJECTED', 'query'],
    [170141, 'REJECTED', 'query'],
    [987654, 'REJECTED', 'report'],
  ])('%i of a placement is %s: %s', (venueCode, code, reaction) => {
    expect(reply(place, 200, refused(venueCode, 'why'))).toMatchObject([
      {
        kind: 'error',
        code,
        reaction,
        venueCode: String(venueCode),
        message: 'why',
        clientOrderId: 'farb1',
      },
    ]);
  });

  test('a code of success under a status of failure is no success', () => {
    expect(reply(place, 502, fixture('rest-create'))).toMatchObject([
      { code: 'UNKNOWN_OUTCOME', reaction: 'query', venueCode: 'http-502' },
    ]);
  });

  test('a timeout of a read is asked again: it left nothing open', () => {
    expect(reply(read, 200, refused(10016))).toMatchObject([
      { code: 'TRANSIENT', reaction: 'retry' },
    ]);
  });

  test('a wrong parameter that is the position mode names the mend', () => {
    const message = 'position idx not match position mode';
    expect(reply(place, 200, refused(10001, message))).toMatchObject([
      { reaction: 'fix-position-mode' },
    ]);
    expect(reply(place, 200, refused(10001, 'params error'))).toMatchObject([
      { reaction: 'report' },
    ]);
  });

  test.each([110025, 110026, 110043])('setup: %i is unchanged, which is success', (code) => {
    const setup = requestTo('POST /v5/position/set-leverage');
    expect(reply(setup, 200, refused(code))).toMatchObject([
      { kind: 'control', name: 'unchanged', value: String(code) },
    ]);
  });

  test.each([
    ['place', 503, 'UNKNOWN_OUTCOME', 'query'],
    ['place', 200, 'UNKNOWN_OUTCOME', 'query'],
    ['place', 403, 'RATE_LIMITED', 'back-off'],
    ['place', 429, 'RATE_LIMITED', 'back-off'],
    ['place', 401, 'AUTH', 'stop'],
    ['place', 404, 'BAD_PAYLOAD', 'report'],
    ['read', 503, 'TRANSIENT', 'retry'],
    ['read', 200, 'BAD_PAYLOAD', 'report'],
  ] as const)(
    'a %s answered by something else with status %i is %s',
    (what, status, code, reaction) => {
      const request = what === 'place' ? place : read;
      expect(reply(request, status, '<html>bad gateway</html>')).toMatchObject([
        { kind: 'error', code, reaction, venueCode: `http-${status}` },
      ]);
    },
  );
});

describe('the rest', () => {
  test('server time comes from nanoseconds', () => {
    expect(decodeReplyFixture('rest-time', 'GET /v5/market/time')).toMatchObject([
      { name: 'server-time', value: '1764000010123', venueTsMs: 1764000010123 },
    ]);
  });

  test('fee rates are costs', () => {
    const line = 'GET /v5/account/fee-rate?category=linear';
    expect(decodeReplyFixture('rest-fee-rate', line)).toMatchObject([
      { kind: 'fee-rate', instrument: 'bybit:BTC-USDT-PERP', taker: 0.00055, maker: 0.0002 },
    ]);
  });

  test('the account’s kind and the key’s permissions are told', () => {
    expect(decodeReplyFixture('rest-account-info', 'GET /v5/account/info')).toMatchObject([
      { name: 'ack', value: 'unifiedMarginStatus=6 marginMode=REGULAR_MARGIN' },
    ]);
    expect(decodeReplyFixture('rest-query-api', 'GET /v5/user/query-api')).toMatchObject([
      { value: 'readOnly=0 perm=Order,Position,SpotTrade,AccountTransfer,Withdraw' },
    ]);
    const classic = '{"retCode":0,"result":{"unifiedMarginStatus":1}}';
    expect(reply(requestTo('GET /v5/account/info'), 200, classic)).toMatchObject([
      { kind: 'error', reaction: 'restricted' },
    ]);
  });
});

describe('answers of the sockets', () => {
  test.each([
    ['ws-pong-public', 'pong', '7'],
    ['ws-pong-private', 'pong', 'test'],
    ['ws-pong-option', 'pong', null],
    ['ws-pong-trade', 'pong', null],
    ['ws-subscribed', 'subscribed', '10001'],
    ['ws-auth', 'login', null],
    ['ws-auth-trade', 'login', null],
    ['ws-trade-ack', 'ack', 'a4c1718e-fe53-4659-a118-1f6ecce04ad9'],
  ])('%s is %s', (name, control, value) => {
    expect(decodeFixture(name)).toMatchObject([{ kind: 'control', name: control, value }]);
  });

  test.each([
    ['ws-subscribe-failed', 'BAD_PAYLOAD', 'report', 'ws-subscribe'],
    ['ws-auth-failed', 'AUTH', 'stop', 'ws-auth'],
    ['ws-trade-refused', 'REJECTED', 'funds', '110007'],
  ])('%s is an error', (name, code, reaction, venueCode) => {
    expect(decodeFixture(name)).toMatchObject([{ kind: 'error', code, reaction, venueCode }]);
  });
});
