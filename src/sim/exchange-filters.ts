// What a venue checks of an order before it looks at money: grid, size, notional, price band. Pure;
// the message says which figure broke which filter.
import {
  type Decimal,
  formatDecimal,
  fromNumber,
  isMultipleOf,
  minus,
  one,
  plus,
  times,
  zero,
} from '../base/decimal.ts';
import { notionalAt } from '../domain/contract-value.ts';
import { isPerp } from '../domain/instrument.ts';
import type { SimInstrument, SimOrderRequest, SimRejection } from './api.ts';

export interface Refusal {
  readonly ok: false;
  readonly code: SimRejection;
  readonly message: string;
}

export function refuse(code: SimRejection, message: string): Refusal {
  return { ok: false, code, message };
}

/** Null = the order passes. `mark` is the mark of a perpetual, the mid of spot. */
export function refusalByFilters(
  request: SimOrderRequest,
  listed: SimInstrument,
  mark: Decimal,
): Refusal | null {
  const { instrument } = listed;
  if (instrument.status !== 'trading') {
    return refuse('not-trading', `${instrument.symbol} is ${instrument.status}`);
  }
  if (instrument.kind !== 'spot' && !isPerp(instrument.kind)) {
    return refuse('not-trading', `${instrument.kind} cannot be traded here`);
  }
  const shape = refusalByShape(request, listed);
  if (shape !== null) return shape;
  return (
    refusalByPrice(request, listed, mark) ??
    refusalByQty(request, listed) ??
    refusalByNotional(request, listed, mark)
  );
}

function refusalByShape(request: SimOrderRequest, listed: SimInstrument): Refusal | null {
  if (request.qty <= zero) return refuse('invalid-value', 'quantity must be above zero');
  if (request.type === 'limit') {
    if (request.limit === null) return refuse('invalid-value', 'a limit order needs a price');
    if (request.limit <= zero) return refuse('invalid-value', 'price must be above zero');
  } else {
    if (request.limit !== null) return refuse('invalid-value', 'a market order has no price');
    if (request.timeInForce === 'post-only') {
      return refuse('invalid-value', 'a market order cannot be post-only');
    }
  }
  if (request.reduceOnly && listed.instrument.kind === 'spot') {
    return refuse('invalid-value', 'spot has no reduce-only');
  }
  return null;
}

function refusalByPrice(
  request: SimOrderRequest,
  listed: SimInstrument,
  mark: Decimal,
): Refusal | null {
  const { limit } = request;
  const { tickSize } = listed.instrument;
  if (limit === null) return null;
  if (tickSize === null) return refuse('not-trading', 'the tick is not known');
  if (!isMultipleOf(limit, tickSize)) {
    return refuse(
      'price-off-tick',
      `price ${formatDecimal(limit)} is off tick ${formatDecimal(tickSize)}`,
    );
  }
  const band = fromNumber(listed.priceBand);
  const highest = times(mark, plus(one, band));
  const lowest = times(mark, minus(one, band));
  if (request.side === 'buy' && limit > highest) {
    return refuse(
      'price-outside-band',
      `price ${formatDecimal(limit)} is above ${formatDecimal(highest)}`,
    );
  }
  if (request.side === 'sell' && limit < lowest) {
    return refuse(
      'price-outside-band',
      `price ${formatDecimal(limit)} is below ${formatDecimal(lowest)}`,
    );
  }
  return null;
}

function refusalByQty(request: SimOrderRequest, listed: SimInstrument): Refusal | null {
  const { qty } = request;
  const { lotSize, qtyMin, qtyMax } = listed.instrument;
  if (lotSize === null) return refuse('not-trading', 'the lot is not known');
  if (qtyMin !== null && qty < qtyMin) {
    return refuse(
      'qty-below-min',
      `quantity ${formatDecimal(qty)} is below ${formatDecimal(qtyMin)}`,
    );
  }
  if (!isMultipleOf(qty, lotSize)) {
    return refuse(
      'qty-off-lot',
      `quantity ${formatDecimal(qty)} is off lot ${formatDecimal(lotSize)}`,
    );
  }
  if (qtyMax !== null && qty > qtyMax) {
    return refuse(
      'qty-above-max',
      `quantity ${formatDecimal(qty)} is above ${formatDecimal(qtyMax)}`,
    );
  }
  return null;
}

/** Reduce-only orders may be smaller: a rest must be closable. */
function refusalByNotional(
  request: SimOrderRequest,
  listed: SimInstrument,
  mark: Decimal,
): Refusal | null {
  const { notionalMin } = listed.instrument;
  if (notionalMin === null || request.reduceOnly) return null;
  const notional = notionalAt(listed.instrument, request.qty, request.limit ?? mark);
  if (notional >= notionalMin) return null;
  return refuse(
    'notional-below-min',
    `notional ${formatDecimal(notional)} is below ${formatDecimal(notionalMin)}`,
  );
}
