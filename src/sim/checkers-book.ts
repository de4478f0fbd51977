// The checkers' own reading of the journal: which orders were decided, what of them was booked,
// what is held, which mode rules. Written apart from the engine on purpose: it shares no code with
// it, so that a mistake of the engine is not repeated here.
import type { EngineInput, JournalRecord } from '../domain/event.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { ApprovedOrder, ClientOrderId } from '../domain/order.ts';
import type { FillEvent, OrderEvent } from '../domain/venue-event.ts';
import type { RiskMode } from '../domain/verdict.ts';

export interface BookedOrder {
  readonly order: ApprovedOrder;
  filled: bigint;
  reported: bigint;
  /** The journal holds a final word on it. */
  ended: boolean;
}

const nothingPending: ReadonlyMap<InstrumentId, Pending> = new Map();
const endings = new Set(['filled', 'canceled', 'rejected', 'expired']);

export class JournalBook {
  readonly orders = new Map<ClientOrderId, BookedOrder>();
  /** Of these, those of which something may still fill; ones that have ended go when met. */
  private readonly unfilled = new Set<BookedOrder>();
  /** Signed quantities that the journal's fills add up to. */
  readonly held = new Map<InstrumentId, bigint>();
  /** What a person acknowledged, by `venue wallet asset`. */
  readonly adjusted = new Map<string, bigint>();
  mode: RiskMode = 'running';
  private readonly seen = new Set<string>();
  private readonly opened = new Set<string>();

  fold(record: JournalRecord): void {
    if ('input' in record) {
      this.input(record.input);
      return;
    }
    const { effect } = record;
    if (effect.kind === 'place-order') {
      const { order } = effect;
      const booked = { order, filled: 0n, reported: 0n, ended: false };
      this.orders.set(order.clientOrderId, booked);
      this.unfilled.add(booked);
    }
    if (effect.kind === 'order-resolved' && effect.status !== 'unknown') {
      const known = this.orders.get(effect.clientOrderId);
      if (known !== undefined) known.ended = true;
    }
    if (effect.kind === 'adjustment') {
      const key = `${effect.venue} ${effect.wallet} ${effect.asset}`;
      this.adjusted.set(key, (this.adjusted.get(key) ?? 0n) + effect.amount);
    }
    if (effect.kind === 'mode-changed') this.mode = effect.mode;
  }

  /** What may still fill of an order, as far as the journal knows. */
  left(booked: BookedOrder): bigint {
    const { order, filled, reported, ended } = booked;
    if (!ended) return order.qty - filled;
    return reported > filled ? reported - filled : 0n;
  }

  /** Largest |quantity| that an instrument may come to hold, by the journal alone. */
  worst(instrument: InstrumentId, pending: ReadonlyMap<InstrumentId, Pending>): bigint {
    const held = this.held.get(instrument) ?? 0n;
    const { buys, sells } = pending.get(instrument) ?? { buys: 0n, sells: 0n };
    return larger(magnitude(held + buys), magnitude(held - sells));
  }

  pending(): ReadonlyMap<InstrumentId, Pending> {
    if (this.unfilled.size === 0) return nothingPending;
    const all = new Map<InstrumentId, Pending>();
    for (const booked of this.unfilled) {
      const left = this.left(booked);
      if (left === 0n) {
        if (booked.ended) this.unfilled.delete(booked);
        continue;
      }
      const { instrument, side } = booked.order;
      const { buys, sells } = all.get(instrument) ?? { buys: 0n, sells: 0n };
      all.set(
        instrument,
        side === 'buy' ? { buys: buys + left, sells } : { buys, sells: sells + left },
      );
    }
    return all;
  }

  /** What may still fill of the orders of each pair. */
  leftOfPairs(): ReadonlyMap<string, bigint> {
    const all = new Map<string, bigint>();
    for (const booked of this.unfilled) {
      const { pairId } = booked.order;
      const left = this.left(booked);
      if (pairId !== null && left !== 0n) all.set(pairId, (all.get(pairId) ?? 0n) + left);
    }
    return all;
  }

  private input(input: EngineInput): void {
    switch (input.kind) {
      case 'fill':
        return this.fill(input);
      case 'order':
        return this.order(input);
      case 'query-result':
        if (input.order !== null) this.order(input.order);
        for (const fill of input.fills) this.fill(fill);
        return;
      case 'place-result': {
        const known = this.orders.get(input.clientOrderId);
        if (known === undefined || input.outcome !== 'rejected') return;
        if (known.filled === 0n) known.ended = true;
        return;
      }
      case 'venue-snapshot':
        if (!input.ok) return;
        if (this.opened.has(input.venue)) for (const fill of input.fills) this.fill(fill);
        else for (const fill of input.fills) this.seen.add(keyOf(fill));
        this.opened.add(input.venue);
        for (const order of [...input.orders, ...input.openOrders]) this.order(order);
        return;
      case 'operator':
        if (input.command === 'halt' || input.command === 'halt-flatten') this.mode = 'halted';
        if (input.command === 'resume') this.mode = 'running';
        return;
      default:
        return;
    }
  }

  private fill(fill: FillEvent): void {
    const key = keyOf(fill);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (fill.instrument !== null) {
      const signed = fill.side === 'buy' ? fill.qty : -fill.qty;
      const base = fill.instrument.split(':')[1]?.split('-')[0];
      const fee = fill.instrument.endsWith('-SPOT') && fill.feeAsset === base ? fill.fee : 0n;
      this.held.set(fill.instrument, (this.held.get(fill.instrument) ?? 0n) + signed + fee);
    }
    const known = fill.clientOrderId === null ? undefined : this.orders.get(fill.clientOrderId);
    if (known === undefined) return;
    known.filled += fill.qty;
    if (known.filled >= known.order.qty) known.ended = true;
  }

  private order(event: OrderEvent): void {
    const known = event.clientOrderId === null ? undefined : this.orders.get(event.clientOrderId);
    if (known === undefined) return;
    known.reported = larger(known.reported, event.filledQty);
    if (known.reported > known.filled) this.unfilled.add(known);
    if (endings.has(event.status)) known.ended = true;
  }
}

export interface Pending {
  readonly buys: bigint;
  readonly sells: bigint;
}

function keyOf(fill: FillEvent): string {
  return `${fill.venue} ${fill.symbol} ${fill.fillId}`;
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
