import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../test/support/binance-fixtures.ts';
import { Catalog } from '../../domain/instrument.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { decodeReply } from './replies.ts';

const place = requestOf('POST /fapi/v1/order?symbol=BTCUSDT', { clientOrderId: 'fa1L1' });
const spotPlace = requestOf('POST /api/v3/order?symbol=BTCUSDT', { clientOrderId: 'fa1L2' });
const cancel = requestOf('DELETE /fapi/v1/order?symbol=BTCUSDT');
const read = requestOf('GET /fapi/v3/balance');
const setup = requestOf('POST /fapi/v1/marginType');

function refused(request: HttpRequest, code: number, msg = 'as the venue words it', status = 400) {
  const body = JSON.stringify({ code, msg });
  return decodeReply(request, { status, body }, new Catalog());
}

// Every code of docs/venues, and what the system does about it.
it.each([
  [-1021, 'TRANSIENT', 'resync-clock'],
  [-1022, 'AUTH', 'stop'],
  [-1003, 'RATE_LIMITED', 'back-off'],
  [-1008, 'RATE_LIMITED', 'back-off'],
  [-1015, 'RATE_LIMITED', 'back-off'],
  [-1006, 'UNKNOWN_OUTCOME', 'query'],
  [-1007, 'UNKNOWN_OUTCOME', 'query'],
  [-1111, 'REJECTED', 'reload-instruments'],
  [-1013, 'REJECTED', 'reload-instruments'],
  [-1125, 'TRANSIENT', 'login'],
  [-2010, 'REJECTED', 're-price'],
  [-5022, 'REJECTED', 're-price'],
  [-5021, 'REJECTED', 'not-filled'],
  [-2011, 'REJECTED', 'reconcile'],
  [-2013, 'REJECTED', 'reconcile'],
  [-2015, 'AUTH', 'stop'],
  [-2018, 'REJECTED', 'funds'],
  [-2019, 'REJECTED', 'funds'],
  [-2027, 'REJECTED', 'funds'],
  [-2022, 'REJECTED', 'refresh-position'],
  [-4061, 'REJECTED', 'fix-position-mode'],
  [-4116, 'UNKNOWN_OUTCOME', 'query'],
  [-4164, 'REJECTED', 'below-minimum'],
  [-9999, 'REJECTED', 'report'],
])('%i on placing is %s: %s', (venueCode, code, reaction) => {
  expect(refused(place, venueCode)).toEqual([
    {
      kind: 'error',
      venue: 'binance',
      symbol: 'BTCUSDT',
      instrument: null,
      venueTsMs: null,
      code,
      venueCode: String(venueCode),
      message: 'as the venue words it',
      reaction,
      clientOrderId: 'fa1L1',
    },
  ]);
});

// Spot says with -2010 and -2011 many things, and which one only in words.
it.each([
  ['Order would immediately match and take.', 'REJECTED', 're-price'],
  ['Account has insufficient balance for requested action.', 'REJECTED', 'funds'],
  ['Duplicate order sent.', 'UNKNOWN_OUTCOME', 'query'],
  ['Market is closed.', 'REJECTED', 'restricted'],
])('-2010 with "%s" is %s: %s', (message, code, reaction) => {
  expect(refused(spotPlace, -2010, message)).toMatchObject([{ code, reaction }]);
});

it.each([-4046, -4059])('%i on setting up is success: it is so already', (code) => {
  expect(refused(setup, code)).toMatchObject([{ kind: 'control', name: 'unchanged' }]);
});

describe('an answer that says nothing', () => {
  it.each([
    [500, '<html>bad gateway</html>', 'http-500'],
    [503, '{"code":0,"msg":"Unknown error"}', 'http-503'],
    [504, '', 'http-504'],
    [0, '', 'timeout'],
    [200, '<html>200</html>', 'http-200'],
    [200, '', 'http-200'],
    [200, '{"orderId":17', 'http-200'],
  ])('%i %j leaves the outcome of a placement open', (status, body, venueCode) => {
    for (const request of [place, spotPlace, cancel]) {
      expect(decodeReply(request, { status, body }, new Catalog())).toMatchObject([
        { kind: 'error', code: 'UNKNOWN_OUTCOME', venueCode, reaction: 'query' },
      ]);
    }
  });

  it.each([
    [500, 'TRANSIENT'],
    [0, 'TRANSIENT'],
    [200, 'BAD_PAYLOAD'],
  ])('%i on a read is %s: it is read again', (status, code) => {
    expect(decodeReply(read, { status, body: 'x' }, new Catalog())).toMatchObject([
      { kind: 'error', code, reaction: 'retry' },
    ]);
  });

  it.each([429, 418, 403])('%i backs off, whatever the body', (status) => {
    for (const body of ['', '{"code":0,"msg":"IP banned"}', '<html>']) {
      expect(decodeReply(place, { status, body }, new Catalog())).toMatchObject([
        { code: 'RATE_LIMITED', reaction: 'back-off' },
      ]);
    }
  });

  it('a 5xx with a code that is not in the table is not taken for a refusal', () => {
    expect(refused(place, -9999, 'Unknown error', 503)).toMatchObject([
      { code: 'UNKNOWN_OUTCOME', reaction: 'query' },
    ]);
  });

  it('an overloaded venue that says so has refused', () => {
    expect(refused(place, -1008, 'Server is currently overloaded', 503)).toMatchObject([
      { code: 'RATE_LIMITED', reaction: 'back-off' },
    ]);
  });
});
