// What befalls orders of ours that rest: somebody takes a part of one, or the venue cancels it.
import { fromNumber, maxOf, minus, one, roundToStep, times } from '../base/decimal.ts';
import type { Prng } from '../base/prng.ts';
import type { SimNow, SimOrder } from './api.ts';
import type { FaultableExchange } from './exchange.ts';
import { type FaultKind, restingFaults } from './faults.ts';

/** Of the client ids of our orders. */
export const ourPrefix = 'fa';
/** Of those that are taken, this share is taken whole. */
const wholeShare = 0.25;

export interface RestingStrikes {
  readonly exchange: FaultableExchange;
  readonly prng: Prng;
  readonly now: SimNow;
  readonly rolls: (kind: FaultKind) => boolean;
  readonly cover: (kind: FaultKind) => void;
}

/** One look at every resting order of ours at a venue. */
export function strikeResting({ exchange, prng, now, rolls, cover }: RestingStrikes): void {
  for (const order of exchange.openOrders(null)) {
    if (!order.clientOrderId.startsWith(ourPrefix)) continue;
    const kind = restingFaults.find(rolls);
    if (kind === undefined) continue;
    cover(kind);
    const { instrument, orderId } = order;
    if (kind === 'resting-taken') takeSome(exchange, order, { prng, now });
    else exchange.cancel({ instrument, orderId }, now, 'margin');
  }
}

/** A part of any size, on the lot. */
export function takeSome(
  exchange: FaultableExchange,
  order: SimOrder,
  { prng, now }: { readonly prng: Prng; readonly now: SimNow },
): void {
  const { instrument, orderId } = order;
  const lot = exchange.instrument(instrument)?.instrument.lotSize ?? order.qty;
  const left = minus(order.qty, order.filledQty);
  const share = prng.chance(wholeShare) ? one : fromNumber(prng.float());
  const qty = maxOf(roundToStep(times(left, share), lot, 'up'), lot);
  exchange.takeResting({ instrument, orderId }, qty, now);
}
