// What Bybit remembers of an order beside the exchange: whether its client id is the client's own,
// the unit of its quantity, and the chain of an amended one. The exchange cannot amend: an amended
// order is cancelled and placed anew under a name of the testnet, and shown under its first ids
// with all fills.
import { type Decimal, plus, zero } from '../../base/decimal.ts';
import type { SimExchange, SimOrder } from '../../sim/api.ts';

/** Orders that are remembered; the oldest are forgotten first. */
const notesMax = 10_000;

export interface OrderNote {
  /** What the client calls it; '' when it gave no name. */
  readonly orderLinkId: string;
  /** The first order id: the venue keeps it over amendments. */
  readonly orderId: string;
  readonly marketUnit: string;
  /** Text of the quantity where it is in quote currency, else null. */
  readonly quoteQty: string | null;
  readonly createdTsMs: number;
  readonly filledQty: Decimal;
  readonly filledCost: Decimal;
  readonly feePaid: Decimal;
}

export class OrderNames {
  private readonly exchange: SimExchange;
  /** By the exchange's order id. */
  private readonly notes = new Map<string, OrderNote>();
  /** The exchange's present order id behind a shown one. */
  private readonly present = new Map<string, string>();
  private readonly replaced = new Set<string>();

  constructor(exchange: SimExchange) {
    this.exchange = exchange;
  }

  note(exchangeOrderId: string, note: OrderNote): void {
    this.notes.set(exchangeOrderId, note);
    this.present.set(note.orderId, exchangeOrderId);
    if (this.notes.size <= notesMax) return;
    const [oldest] = this.notes;
    if (oldest === undefined) return;
    this.notes.delete(oldest[0]);
    this.replaced.delete(oldest[0]);
    if (this.present.get(oldest[1].orderId) === oldest[0]) this.present.delete(oldest[1].orderId);
  }

  /** An earlier form of an amended order: shown no more. */
  retire(exchangeOrderId: string): void {
    this.replaced.add(exchangeOrderId);
  }

  isRetired(order: SimOrder): boolean {
    return this.replaced.has(order.orderId);
  }

  noteOf(order: SimOrder): OrderNote {
    return this.notes.get(order.orderId) ?? plainNote(order);
  }

  /** The order behind the ids of a request, in its present form. */
  find(
    instrument: string,
    ids: { readonly orderId: string | undefined; readonly orderLinkId: string | undefined },
  ): SimOrder | null {
    const { orderId, orderLinkId } = ids;
    let found: SimOrder | null = null;
    if (orderId !== undefined) {
      const presentId = this.present.get(orderId) ?? orderId;
      found = this.exchange.order({ instrument, orderId: presentId });
    } else if (orderLinkId !== undefined) {
      const first = this.exchange.order({ instrument, clientOrderId: orderLinkId });
      const presentId = first === null ? undefined : this.present.get(this.noteOf(first).orderId);
      found =
        presentId === undefined ? first : this.exchange.order({ instrument, orderId: presentId });
    }
    return found;
  }
}

/** An order that this session did not place: a liquidation's, or one that is long past. */
function plainNote(order: SimOrder): OrderNote {
  return {
    orderLinkId: order.clientOrderId,
    orderId: order.orderId,
    marketUnit: '',
    quoteQty: null,
    createdTsMs: order.createdTsMs,
    filledQty: zero,
    filledCost: zero,
    feePaid: zero,
  };
}

/** The fills of an order's earlier forms and of its present one together. */
export function wholeOf(order: SimOrder, note: OrderNote) {
  return {
    qty: plus(order.qty, note.filledQty),
    filledQty: plus(order.filledQty, note.filledQty),
    filledCost: plus(order.filledCost, note.filledCost),
    feePaid: plus(order.feePaid, note.feePaid),
  };
}
