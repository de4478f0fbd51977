// Bybit for the conformance suite. Its documentation prints no signature with its inputs, so the
// vectors are the documented texts signed by another implementation (node:crypto).
import { createHmac } from 'node:crypto';
import type { HttpRequest } from '../../../src/domain/venue-spec.ts';
import type { ConformanceSubject, Sample } from '../../../src/testing/subject.ts';
import { makeBybitProtocol } from '../../../src/testnet/bybit/index.ts';
import { bybit } from '../../../src/venues/bybit/index.ts';
import { loginMessage } from '../../../src/venues/bybit/sign.ts';
import { fixture, fixtureCatalog, fixtureNames, requestTo } from '../../support/bybit-fixtures.ts';
import { bybitErrors } from '../error-sheet.ts';

const replies: Readonly<Record<string, string>> = {
  'rest-account-info': 'GET /v5/account/info',
  'rest-create-batch': 'POST /v5/order/create-batch',
  'rest-create': 'POST /v5/order/create',
  'rest-execution-list': 'GET /v5/execution/list?category=linear',
  'rest-fee-rate': 'GET /v5/account/fee-rate?category=linear',
  'rest-funding-history': 'GET /v5/market/funding/history?category=linear&startTime=1&endTime=9',
  'rest-instruments-inverse': 'GET /v5/market/instruments-info?category=inverse',
  'rest-instruments-linear': 'GET /v5/market/instruments-info?category=linear',
  'rest-instruments-spot': 'GET /v5/market/instruments-info?category=spot',
  'rest-order-none': 'GET /v5/order/realtime?category=linear',
  'rest-order-realtime': 'GET /v5/order/realtime?category=linear',
  'rest-orderbook': 'GET /v5/market/orderbook?category=linear',
  'rest-position-list': 'GET /v5/position/list?category=linear',
  'rest-query-api': 'GET /v5/user/query-api',
  'rest-margin-data': 'GET /v5/spot-margin-trade/data?vipLevel=No%20VIP',
  'rest-risk-limit-inverse': 'GET /v5/market/risk-limit?category=inverse',
  'rest-risk-limit-linear': 'GET /v5/market/risk-limit?category=linear',
  'rest-set-leverage-unchanged': 'POST /v5/position/set-leverage',
  'rest-tickers-linear': 'GET /v5/market/tickers?category=linear',
  'rest-time': 'GET /v5/market/time',
  'rest-transaction-log': 'GET /v5/account/transaction-log',
  'rest-wallet-balance': 'GET /v5/account/wallet-balance?accountType=UNIFIED',
};

const markets = ['spot', 'inverse'] as const;

function sampleOf(name: string): Sample {
  const line = replies[name];
  if (line !== undefined) return { name, text: fixture(name), from: requestTo(line, 'linear') };
  const market = markets.find((one) => name.includes(one)) ?? 'linear';
  return { name, text: fixture(name), from: { stream: 'conformance', market } };
}

const credentials = { key: 'XXXXXXXXXX', secret: 'YYYYYYYYYY' };
const wallMs = 1_658_384_314_791.9;
const hex = (text: string): string =>
  createHmac('sha256', credentials.secret).update(text).digest('hex');

const read: HttpRequest = {
  ...requestTo('GET /v5/order/realtime'),
  query: 'category=option&symbol=BTC-29JUL22-25000-C',
  auth: 'signed',
};
const body = '{"category": "option"}';
const write: HttpRequest = { ...requestTo('POST /v5/order/create'), body, auth: 'signed' };
const login = JSON.parse(loginMessage(credentials, 1_662_350_400_000)) as {
  readonly args: readonly [string, number, string];
};

export const bybitSubject: ConformanceSubject = {
  spec: bybit,
  catalog: fixtureCatalog,
  samples: fixtureNames.map(sampleOf),
  // A contract type of tomorrow, and a coin without a balance.
  unreadable: ['rest-instruments-linear', 'rest-wallet-balance'],
  signing: [
    {
      name: 'REST read: timestamp, key, window, query',
      actual: bybit.sign(read, credentials, wallMs).headers['X-BAPI-SIGN'] ?? '',
      expected: hex(`1658384314791XXXXXXXXXX5000${read.query}`),
    },
    {
      name: 'REST write: timestamp, key, window, exact body',
      actual: bybit.sign(write, credentials, wallMs).headers['X-BAPI-SIGN'] ?? '',
      expected: hex(`1658384314791XXXXXXXXXX5000${body}`),
    },
    {
      name: 'WebSocket login: GET/realtime and the expiry',
      actual: login.args[2],
      expected: hex(`GET/realtime${login.args[1]}`),
    },
  ],
  errors: bybitErrors,
  errorReply: (code, message) => ({
    status: 200,
    body: JSON.stringify({
      ...{ retCode: Number(code), retMsg: message, result: {}, retExtInfo: {} },
      time: 1_700_000_000_000,
    }),
  }),
  sentOrder(request) {
    const sent = JSON.parse(request.body ?? '{}') as Record<string, string | boolean>;
    return {
      symbol: String(sent['symbol']),
      side: sent['side'] === 'Buy' ? 'buy' : 'sell',
      qty: String(sent['qty']),
      price: sent['price'] === undefined ? null : String(sent['price']),
      clientOrderId: String(sent['orderLinkId']),
      reduceOnly: sent['reduceOnly'] === true,
    };
  },
  absentIsZero: [],
  protocol: makeBybitProtocol,
};
