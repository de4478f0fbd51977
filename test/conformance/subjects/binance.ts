// Binance for the conformance suite: its golden payloads, the vectors of its documentation, and how
// its requests and refusals are written.
import { hmacSha256Hex } from '../../../src/base/hmac.ts';
import type { Market } from '../../../src/domain/instrument.ts';
import type { ConformanceSubject, Sample } from '../../../src/testing/subject.ts';
import { makeBinanceProtocol } from '../../../src/testnet/binance/index.ts';
import { binance } from '../../../src/venues/binance/index.ts';
import { signedMessage } from '../../../src/venues/binance/sign.ts';
import {
  exampleCatalog,
  fixture,
  fixtureNames,
  requestOf,
} from '../../support/binance-fixtures.ts';
import { binanceErrors } from '../error-sheet.ts';

const replies: Readonly<Record<string, string>> = {
  'error-no-change': 'POST /fapi/v1/marginType?symbol=BTCUSDT',
  'spot-account': 'GET /api/v3/account',
  'coinm-leverage-bracket': 'GET /dapi/v2/leverageBracket',
  'usdm-leverage-bracket': 'GET /fapi/v1/leverageBracket',
  'spot-margin-hourly-interest': 'GET /sapi/v1/margin/next-hourly-interest-rate',
  'spot-cancel': 'DELETE /api/v3/order',
  'spot-commission': 'GET /api/v3/account/commission',
  'spot-exchange-info': 'GET /api/v3/exchangeInfo',
  'spot-my-trades': 'GET /api/v3/myTrades?limit=1&startTime=1',
  'spot-order-ack': 'POST /api/v3/order',
  'spot-order-full': 'POST /api/v3/order',
  'coinm-account': 'GET /dapi/v1/account',
  'coinm-balance': 'GET /dapi/v1/balance',
  'coinm-commission-rate': 'GET /dapi/v1/commissionRate',
  'coinm-depth': 'GET /dapi/v1/depth?symbol=BTCUSD_PERP',
  'coinm-exchange-info': 'GET /dapi/v1/exchangeInfo',
  'coinm-funding-info': 'GET /dapi/v1/fundingInfo',
  'coinm-funding-rate-history': 'GET /dapi/v1/fundingRate?limit=1&startTime=1',
  'coinm-income': 'GET /dapi/v1/income?limit=1',
  'coinm-order-ack': 'POST /dapi/v1/order',
  'coinm-order': 'GET /dapi/v1/order',
  'coinm-position-risk': 'GET /dapi/v1/positionRisk',
  'coinm-premium-index': 'GET /dapi/v1/premiumIndex',
  'coinm-user-trades': 'GET /dapi/v1/userTrades?limit=1&startTime=1',
  'usdm-account': 'GET /fapi/v3/account',
  'usdm-balance': 'GET /fapi/v3/balance',
  'usdm-commission-rate': 'GET /fapi/v1/commissionRate',
  'usdm-depth': 'GET /fapi/v1/depth?symbol=BTCUSDT',
  'usdm-exchange-info': 'GET /fapi/v1/exchangeInfo',
  'usdm-funding-info': 'GET /fapi/v1/fundingInfo',
  'usdm-funding-rate-history': 'GET /fapi/v1/fundingRate?limit=1&startTime=1',
  'usdm-income': 'GET /fapi/v1/income?limit=1',
  'usdm-order-ack': 'POST /fapi/v1/order',
  'usdm-order': 'GET /fapi/v1/order',
  'usdm-position-risk': 'GET /fapi/v3/positionRisk',
  'usdm-premium-index': 'GET /fapi/v1/premiumIndex',
  'usdm-user-trades': 'GET /fapi/v1/userTrades?limit=1&startTime=1',
};

const marketOfPrefix: Readonly<Record<string, Market>> = {
  spot: 'spot',
  usdm: 'linear',
  coinm: 'inverse',
};

function sampleOf(name: string): Sample {
  const line = replies[name];
  if (line !== undefined) return { name, text: fixture(name), from: requestOf(line) };
  const prefix = name.split('-')[0] as string;
  const market = marketOfPrefix[prefix] ?? null;
  return { name, text: fixture(name), from: { stream: 'conformance', market } };
}

// Keys of the venue's own examples.
const key = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';

/** "SIGNED endpoint examples for POST /api/v3/order", all parameters in the query. */
const restPayload =
  'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1' +
  '&recvWindow=5000&timestamp=1499827319559';

/** "Signed request example (HMAC)" of the WebSocket API. */
const wsPayload =
  `apiKey=${key}&newOrderRespType=ACK&price=52000.00&quantity=0.01000000&recvWindow=100` +
  '&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT';

function loginSignature(): { readonly actual: string; readonly expected: string } {
  const call = { id: 'login', method: 'userDataStream.subscribe.signature', params: {} };
  const { params } = JSON.parse(signedMessage(call, { key, secret }, 1_645_423_376_532.7));
  const { signature, ...rest } = params as Record<string, string>;
  const payload = Object.keys(rest)
    .sort()
    .map((name) => `${name}=${rest[name]}`)
    .join('&');
  return { actual: String(signature), expected: hmacSha256Hex(secret, payload) };
}

export const binanceSubject: ConformanceSubject = {
  spec: binance,
  catalog: exampleCatalog,
  samples: fixtureNames.map(sampleOf),
  unreadable: [],
  signing: [
    {
      name: 'REST, the documented order',
      actual: hmacSha256Hex(secret, restPayload),
      expected: 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    },
    {
      name: 'WebSocket API, the documented order',
      actual: hmacSha256Hex(secret, wsPayload),
      expected: 'cc15477742bd704c29492d96c7ead9414dfd8e0ec4a00f947bb5bb454ddbd08a',
    },
    { name: 'WebSocket API, our subscription: sorted, not encoded', ...loginSignature() },
  ],
  errors: binanceErrors,
  errorReply: (code, message) => ({
    status: 400,
    body: JSON.stringify({ code: Number(code), msg: message }),
  }),
  sentOrder(request) {
    const params = new URLSearchParams(request.query);
    return {
      symbol: params.get('symbol') ?? '',
      side: params.get('side') === 'BUY' ? 'buy' : 'sell',
      qty: params.get('quantity') ?? '',
      price: params.get('price'),
      clientOrderId: params.get('newClientOrderId') ?? '',
      reduceOnly: params.get('reduceOnly') === 'true',
    };
  },
  // "n: commission, will not push if no commission".
  absentIsZero: ['fill.fee'],
  protocol: makeBinanceProtocol,
};
