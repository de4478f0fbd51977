// Orders for cases that need one: on the instrument's own grid, approved by nobody.
import { type Decimal, decimal, maxOf, roundToStep } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';

/** A purchase of a few lots at 1,000 ticks, unless changed. */
export function draftOf(of: Instrument, changes: Partial<OrderDraft> = {}): ApprovedOrder {
  const lot = of.lotSize ?? decimal('0.001');
  const tick = of.tickSize ?? decimal('0.1');
  const least = maxOf(of.qtyMin ?? lot, lot);
  const order: OrderDraft = {
    clientOrderId: 'faconform0001000001l',
    venue: of.venue,
    instrument: of.id,
    side: 'buy',
    qty: roundToStep((least * 3n) as Decimal, lot, 'up'), // brand: a multiple of a decimal
    limit: (tick * 1_000n) as Decimal, // brand: a multiple of a decimal
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 0,
    ...changes,
  };
  return order as ApprovedOrder; // stands for risk's approval
}
