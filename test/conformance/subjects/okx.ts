// OKX for the conformance suite. Its documentation prints no signature with its inputs, so the
// vectors are the documented texts signed by another implementation (node:crypto).
import { createHmac } from 'node:crypto';
import type { ConformanceSubject, Sample } from '../../../src/testing/subject.ts';
import { makeOkxProtocol } from '../../../src/testnet/okx/index.ts';
import { okx } from '../../../src/venues/okx/index.ts';
import { loginMessage } from '../../../src/venues/okx/sign.ts';
import { okxCatalog, okxFixture, okxFixtureNames, okxRequest } from '../../support/okx-fixtures.ts';
import { okxErrors } from '../error-sheet.ts';

const replies: Readonly<Record<string, string>> = {
  'reply-balance': 'GET /api/v5/account/balance',
  'reply-bills': 'GET /api/v5/account/bills?type=8&limit=100',
  'reply-bills-coin': 'GET /api/v5/account/bills?type=8&limit=100',
  'reply-config': 'GET /api/v5/account/config',
  'reply-fills': 'GET /api/v5/trade/fills?limit=100',
  'reply-funding-rate-any': 'GET /api/v5/public/funding-rate?instId=ANY',
  'reply-funding-rate-history': 'GET /api/v5/public/funding-rate-history?instId=BTC-USDT-SWAP',
  'reply-instruments-spot': 'GET /api/v5/public/instruments?instType=SPOT',
  'reply-instruments-swap': 'GET /api/v5/public/instruments?instType=SWAP',
  'reply-order-missing': 'GET /api/v5/trade/order?instId=BTC-USDT-SWAP&clOrdId=x',
  'reply-order': 'GET /api/v5/trade/order?instId=BTC-USDT-SWAP&clOrdId=x',
  'reply-position-tiers': 'GET /api/v5/public/position-tiers?instType=SWAP&tdMode=cross',
  'reply-interest-rate': 'GET /api/v5/account/interest-rate',
  'reply-place-batch-partial': 'POST /api/v5/trade/batch-orders',
  'reply-place': 'POST /api/v5/trade/order',
  'reply-trade-fee': 'GET /api/v5/account/trade-fee?instType=SWAP',
};

function sampleOf(name: string): Sample {
  const line = replies[name];
  const from = line === undefined ? { stream: 'public-1', market: null } : okxRequest(line);
  return { name, text: okxFixture(name), from };
}

// The example of the manual's chapter "Signature", with its secret.
const secret = '22582BD0CFF14C41EDBF1AB98506286D';
const credentials = { key: 'k', secret, passphrase: 'p' };
const wallMs = Date.UTC(2020, 11, 8, 9, 8, 57, 715);
const base64 = (text: string): string => createHmac('sha256', secret).update(text).digest('base64');

const read = { ...okxRequest('GET /api/v5/account/balance'), query: 'ccy=BTC' };
const body = '{"instId":"BTC-USDT","lever":"5","mgnMode":"isolated"}';
const write = { ...okxRequest('POST /api/v5/account/set-leverage'), body };

const login = JSON.parse(loginMessage(credentials, 1_538_054_050_975)) as {
  readonly args: readonly { readonly sign: string }[];
};

export const okxSubject: ConformanceSubject = {
  spec: okx,
  catalog: okxCatalog,
  samples: okxFixtureNames.map(sampleOf),
  // A contract that is announced without its value.
  unreadable: ['reply-instruments-swap'],
  signing: [
    {
      name: 'REST read: ISO time, GET, path with query',
      actual: okx.sign(read, credentials, wallMs).headers['OK-ACCESS-SIGN'] ?? '',
      expected: base64('2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC'),
    },
    {
      name: 'REST write: ISO time, POST, path, body',
      actual: okx.sign(write, credentials, wallMs).headers['OK-ACCESS-SIGN'] ?? '',
      expected: base64(`2020-12-08T09:08:57.715ZPOST/api/v5/account/set-leverage${body}`),
    },
    {
      name: 'WebSocket login: epoch seconds, GET, /users/self/verify',
      actual: login.args[0]?.sign ?? '',
      expected: base64('1538054050GET/users/self/verify'),
    },
  ],
  errors: okxErrors,
  errorReply: (code, message) => {
    const ofItem = code.startsWith('51');
    const item = { clOrdId: 'faconform0001000001l', ordId: '', sCode: code, sMsg: message };
    const envelope = ofItem
      ? { code: '1', msg: 'All operations failed', data: [item] }
      : { code, msg: message, data: [] };
    return { status: 200, body: JSON.stringify(envelope) };
  },
  sentOrder(request) {
    const sent = JSON.parse(request.body ?? '{}') as Record<string, string | boolean>;
    return {
      symbol: String(sent['instId']),
      side: sent['side'] === 'buy' ? 'buy' : 'sell',
      qty: String(sent['sz']),
      price: sent['px'] === undefined ? null : String(sent['px']),
      clientOrderId: String(sent['clOrdId']),
      reduceOnly: sent['reduceOnly'] === true,
    };
  },
  absentIsZero: [],
  protocol: makeOkxProtocol,
};
