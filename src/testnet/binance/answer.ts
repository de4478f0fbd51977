// Answers of the venue: JSON bodies, and its error codes with its own words for them.
import type { SimRejection } from '../../sim/api.ts';
import type { RawHttpReply } from '../protocol.ts';
import type { BinanceMarket } from './listed.ts';

/** A refusal as REST and the WebSocket API both say it. */
export interface Refused {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
}

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | ({ readonly ok: false } & Refused);

export function answer(value: unknown): Answer {
  return { ok: true, value };
}

export function refused(code: number, msg: string, status = 400): Answer & { readonly ok: false } {
  return { ok: false, status, code, msg };
}

export function missing(name: string): Answer & { readonly ok: false } {
  return refused(
    -1102,
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
  );
}

export const success = answer({ code: 200, msg: 'success' });

export function httpReply(given: Answer, headers: Readonly<Record<string, string>>): RawHttpReply {
  if (given.ok) return { status: 200, body: JSON.stringify(given.value), headers };
  return {
    status: given.status,
    body: JSON.stringify({ code: given.code, msg: given.msg }),
    headers,
  };
}

type Words = readonly [code: number, msg: string, status?: number];

const futuresRejections: Readonly<Record<SimRejection, Words>> = {
  'unknown-instrument': [-1121, 'Invalid symbol.'],
  'not-trading': [-4140, 'Invalid symbol status for opening position.'],
  'price-off-tick': [-4014, 'Price not increased by tick size.'],
  'qty-off-lot': [-4023, 'Quantity not increased by step size.'],
  'qty-below-min': [-4004, 'Quantity less than min quantity.'],
  'qty-above-max': [-4005, 'Quantity greater than max quantity.'],
  'notional-below-min': [
    -4164,
    "Order's notional must be no smaller than the minimum (unless you choose reduce only).",
  ],
  'price-outside-band': [-4016, "Limit price can't be higher than the price band."],
  'insufficient-funds': [-2019, 'Margin is insufficient.'],
  'reduce-only-rejected': [-2022, 'ReduceOnly Order is rejected.'],
  'duplicate-client-id': [-4116, 'ClientOrderId is duplicated.'],
  'post-only-would-cross': [
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. ' +
      'The order will not be recorded in the order history',
  ],
  'leverage-too-high': [-2027, 'Exceeded the maximum allowable position at current leverage.'],
  'too-many-orders': [-2025, 'Reach max open order limit.'],
  'settlement-in-progress': [-1008, 'Server is currently overloaded with other requests.', 503],
  'order-not-found': [-2013, 'Order does not exist.'],
  'order-terminal': [-2011, 'Unknown order sent.'],
  'invalid-value': [-1130, "Data sent for parameter 'quantity' is not valid."],
};

const spotRejections: Readonly<Record<SimRejection, Words>> = {
  'unknown-instrument': [-1121, 'Invalid symbol.'],
  'not-trading': [-1013, 'Market is closed.'],
  'price-off-tick': [-1013, 'Filter failure: PRICE_FILTER'],
  'qty-off-lot': [-1013, 'Filter failure: LOT_SIZE'],
  'qty-below-min': [-1013, 'Filter failure: LOT_SIZE'],
  'qty-above-max': [-1013, 'Filter failure: LOT_SIZE'],
  'notional-below-min': [-1013, 'Filter failure: NOTIONAL'],
  'price-outside-band': [-1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'],
  'insufficient-funds': [-2010, 'Account has insufficient balance for requested action.'],
  'reduce-only-rejected': [-1106, "Parameter 'reduceOnly' sent when not required."],
  'duplicate-client-id': [-2010, 'Duplicate order sent.'],
  'post-only-would-cross': [-2010, 'Order would immediately match and take.'],
  'leverage-too-high': [-2010, 'This action is disabled on this account.'],
  'too-many-orders': [-1013, 'Filter failure: MAX_NUM_ORDERS'],
  'settlement-in-progress': [-1008, 'Server is currently overloaded with other requests.', 503],
  'order-not-found': [-2013, 'Order does not exist.'],
  'order-terminal': [-2011, 'Unknown order sent.'],
  'invalid-value': [-1013, 'Invalid quantity.'],
};

/** What the venue says when the simulated exchange refuses. */
export function rejection(
  market: BinanceMarket,
  code: SimRejection,
): Answer & { readonly ok: false } {
  const [venueCode, msg, status] = (market === 'spot' ? spotRejections : futuresRejections)[code];
  return refused(venueCode, msg, status ?? 400);
}
