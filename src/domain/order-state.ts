// An order of ours over its life, as the engine keeps it. `filledQty` counts booked fills (deduped
// by trade id); `reportedFilledQty` is what the venue's order messages say. An order is settled
// when it is terminal and both agree: only then may anything be concluded from its quantity.
import type { Decimal } from '../base/decimal.ts';
import { type ApprovedOrder, isTerminal, type OrderStatus } from './order.ts';

export interface OrderState {
  readonly order: ApprovedOrder;
  status: OrderStatus;
  venueOrderId: string | null;
  filledQty: Decimal;
  /** Sum of price x quantity of the booked fills. */
  filledCost: Decimal;
  reportedFilledQty: Decimal;
  readonly sentWallMs: number;
  readonly sentTsMs: number;
  /** The boot epoch that sent it: an order of an earlier epoch may never have left. */
  readonly epoch: number;
  /** Wall time of the last answer of any kind; null = none yet. */
  answeredWallMs: number | null;
  cancelsSent: number;
  queriesSent: number;
  /** The venue said "no such order" to a query or cancel. */
  saidGone: boolean;
  /** The venue showed it alive after we asked to cancel it: the cancel may have been lost. */
  aliveAfterCancel: boolean;
  reason: string | null;
}

export function isSettled(state: OrderState): boolean {
  return isTerminal(state.status) && state.filledQty >= state.reportedFilledQty;
}

/** What may still fill: the whole remainder until terminal, then only what the venue reported. */
export function remainingOf(state: OrderState): Decimal {
  if (!isTerminal(state.status)) return (state.order.qty - state.filledQty) as Decimal; // brand
  const missing = state.reportedFilledQty - state.filledQty;
  return (missing > 0n ? missing : 0n) as Decimal; // brand: a difference of decimals
}
