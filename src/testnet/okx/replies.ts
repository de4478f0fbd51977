// The shapes in which OKX answers: `{ code, msg, data }` over HTTP, `event: error` over WebSocket,
// and one item per order of an operation.
import type { SimRejection } from '../../sim/api.ts';
import type { RawHttpReply } from '../protocol.ts';

export interface Failure {
  readonly code: string;
  readonly msg: string;
}

export function failure(code: string, msg: string): Failure {
  return { code, msg };
}

export function ok(data: readonly unknown[]): RawHttpReply {
  return { status: 200, body: JSON.stringify({ code: '0', data, msg: '' }) };
}

export function fail({ code, msg }: Failure): RawHttpReply {
  return { status: statusOf(code), body: JSON.stringify({ code, data: [], msg }) };
}

function statusOf(code: string): number {
  if (code === '50011' || code === '50061') return 429;
  if (/^501(?:0[1-9]|1[0-4])$/.test(code)) return 401;
  if (/^(?:5000\d|5001[45]|50024|51000)$/.test(code) && code !== '50004') return 400;
  return 200;
}

/** The answer to one order of an operation. */
export interface Item {
  readonly clOrdId: string;
  readonly ordId: string;
  readonly sCode: string;
  readonly sMsg: string;
}

export interface ItemsAnswer {
  readonly code: string;
  readonly msg: string;
  readonly data: readonly Record<string, string>[];
  readonly inTime: string;
  readonly outTime: string;
}

/** Top code 0: all done; 1: none; 2: some. Every item says its own. */
export function itemsAnswer(
  items: readonly Item[],
  now: { tsMs: number; wallMs: number },
): ItemsAnswer {
  const failed = items.filter(({ sCode }) => sCode !== '0').length;
  const code = failed === 0 ? '0' : failed === items.length ? '1' : '2';
  const micros = String(Math.floor(now.wallMs * 1_000));
  const ts = String(now.tsMs);
  return {
    code,
    msg: code === '1' ? 'All operations failed' : '',
    data: items.map((item) => ({ ...item, tag: '', ts })),
    inTime: micros,
    outTime: micros,
  };
}

/** What OKX says for each refusal of the simulated exchange. */
const rejections: Readonly<Record<SimRejection, Failure>> = {
  'unknown-instrument': failure('51001', "Instrument ID or instrument ID code doesn't exist."),
  'not-trading': failure('51022', 'Contract suspended.'),
  'price-off-tick': failure('51000', 'Parameter px error'),
  'qty-off-lot': failure('51121', 'Order quantity must be a multiple of the lot size.'),
  'qty-below-min': failure('51020', 'Your order should meet or exceed the minimum order amount.'),
  'qty-above-max': failure('51005', 'Your order amount exceeds the max order amount.'),
  'notional-below-min': failure(
    '51020',
    'Your order should meet or exceed the minimum order amount.',
  ),
  'price-outside-band': failure('51006', 'Order price is not within the price limit.'),
  'insufficient-funds': failure('51008', 'Order failed. Insufficient balance or margin in account'),
  'reduce-only-rejected': failure(
    '51169',
    "Order failed because you don't have any positions in this direction to reduce or close.",
  ),
  'duplicate-client-id': failure('51016', 'Duplicated client order ID'),
  'post-only-would-cross': failure('51511', 'The order would take liquidity'),
  'leverage-too-high': failure(
    '51004',
    "Order failed. The position can't exceed the tier limit at this leverage.",
  ),
  'too-many-orders': failure('51025', 'Order count exceeds the limit'),
  'settlement-in-progress': failure('51030', 'Funding fee is being settled.'),
  'order-not-found': failure(
    '51400',
    'Cancellation failed as the order has been filled, canceled or does not exist',
  ),
  'order-terminal': failure('51401', 'Cancellation failed as the order is already canceled.'),
  'invalid-value': failure('51000', 'Parameter error'),
};

export function failureOf(rejection: {
  readonly code: SimRejection;
  readonly message: string;
}): Failure {
  const { code, msg } = rejections[rejection.code];
  return rejection.code === 'invalid-value'
    ? { code, msg: `Parameter error: ${rejection.message}` }
    : { code, msg };
}
