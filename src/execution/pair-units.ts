// A pair with an inverse leg is controlled like any other: in base units. Its legs, the grids of
// its instruments and its orders are shown to the controller in them, and what that wants is
// ordered in the legs' own quantity. Exact both ways: a unit is fixed with the pair (`Pair.units`)
// and has so few decimals that its products are exact.
import { type Decimal, one, over, times } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { OrderState } from '../domain/order-state.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import { planPair } from './pair.ts';
import type { LegContext, PairContext, PairStep } from './pair-context.ts';

export function planPairOf(pair: Pair, context: PairContext): PairStep {
  const { units } = pair;
  if (units === undefined) return planPair(pair, context);
  const { units: _, ...plain } = pair;
  const step = planPair(
    { ...plain, long: legIn(pair.long, units.long), short: legIn(pair.short, units.short) },
    {
      ...context,
      long: contextIn(context.long, units.long),
      short: contextIn(context.short, units.short),
    },
  );
  const orders = step.orders.map((order) => {
    const unit = order.leg === 'long' ? units.long : units.short;
    return { ...order, qty: ownQtyOf(order.qty, unit) };
  });
  return { ...step, orders };
}

/** Base units in a leg's own quantity; what is no multiple of its lot is for the caller to cut. */
export function ownQtyOf(baseQty: Decimal, unit: Decimal): Decimal {
  return unit === one ? baseQty : over(baseQty, unit);
}

function legIn(leg: Leg, unit: Decimal): Leg {
  return unit === one ? leg : { ...leg, qty: times(leg.qty, unit) };
}

function contextIn(context: LegContext, unit: Decimal): LegContext {
  if (unit === one) return context;
  const { instrument, working, heldQty } = context;
  return {
    ...context,
    instrument: gridIn(instrument, unit),
    working: working === null ? null : orderIn(working, unit),
    heldQty: times(heldQty, unit),
  };
}

/** As a linear one, so that quantity x price is its notional. */
function gridIn(instrument: Instrument, unit: Decimal): Instrument {
  const { lotSize, qtyMin, qtyMax } = instrument;
  return {
    ...instrument,
    kind: 'linear-perp',
    contractSize: one,
    lotSize: lotSize === null ? null : times(lotSize, unit),
    qtyMin: qtyMin === null ? null : times(qtyMin, unit),
    qtyMax: qtyMax === null ? null : times(qtyMax, unit),
  };
}

function orderIn(known: OrderState, unit: Decimal): OrderState {
  const order: ApprovedOrder = { ...known.order, qty: times(known.order.qty, unit) };
  return {
    ...known,
    order,
    filledQty: times(known.filledQty, unit),
    reportedFilledQty: times(known.reportedFilledQty, unit),
  };
}
