// The oracles of the simulation: they read the exchanges' truth and the journal, never the engine's
// opinion of itself, and throw at the first breach with its figures. Safety is checked at every
// record, send, trade and tick.
import { formatDecimal, toNumber } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { JournalRecord, VenueEffect } from '../domain/event.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { residualsOf } from '../domain/ledger.ts';
import type { ApprovedOrder, ClientOrderId } from '../domain/order.ts';
import type { RiskLimits } from '../domain/verdict.ts';
import type { EngineState } from '../engine/state.ts';
import type { SimEvent } from './api.ts';
import { JournalBook, magnitude } from './checkers-book.ts';
import { ExecutionChecker } from './checkers-execution.ts';
import type { FaultableExchange } from './exchange.ts';

export const checkNames = [
  'assertion',
  'ledger-zero',
  'exposure-limit',
  'no-order-without-verdict',
  'reducing-after-halt',
  'id-reused',
  'two-orders-one-leg',
  'position-flipped',
  'naked-delta-time',
  'naked-delta-usd',
  'uninformed',
  'recovery',
  'live-orders',
  'live-pairs',
  'live-delta',
  'live-positions',
  'live-cash',
  'live-restrictions',
  'adjusted-apart',
  'hedge-rests',
  'slice-imbalance',
  'roll-doubled',
  'settlement-window',
  'resting-after-stop',
] as const;
export type CheckName = (typeof checkNames)[number];

export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  readonly check: CheckName;

  constructor(check: CheckName, message: string) {
    super(message);
    this.check = check;
  }
}

/** Between a verdict's prices and the marks that it is checked with. */
const priceTolerance = 1.02;
/** What risk allows beyond the limits to complete a leg. */
const hedgeTolerance = 1.1;

export interface CheckersOptions {
  readonly exchanges: readonly FaultableExchange[];
  readonly limits: RiskLimits;
  /** How long after the send a venue still accepts an order, by venue. */
  readonly orderValidityMs: Readonly<Record<string, number>>;
  readonly settlementGuardMs: number;
}

export class Checkers {
  private readonly options: CheckersOptions;
  private readonly exchanges: ReadonlyMap<string, FaultableExchange>;
  readonly execution: ExecutionChecker;
  private book = new JournalBook();
  /** Decided and handed over: orders that may leave. */
  private readonly journaled = new Set<ClientOrderId>();
  private buffered: ClientOrderId[] = [];
  private transactions = 0;
  private readonly sent = new Set<ClientOrderId>();
  /** Left, and neither arrived nor lost. */
  private readonly flying = new Map<ClientOrderId, { order: ApprovedOrder; sentMs: number }>();

  constructor(options: CheckersOptions) {
    this.options = options;
    this.exchanges = new Map(options.exchanges.map((exchange) => [exchange.venue, exchange]));
    this.execution = new ExecutionChecker(options);
  }

  /**
   * A record enters the journal's buffer: a verdict is judged by what the journal knew before it.
   */
  onAppend(record: JournalRecord): void {
    if ('effect' in record && record.effect.kind === 'place-order') {
      this.judge(record.effect.order, record.seq);
      this.buffered.push(record.effect.order.clientOrderId);
    }
    this.execution.onAppend(record, this.book);
    this.book.fold(record);
  }

  onCommit(): void {
    for (const id of this.buffered) this.journaled.add(id);
    this.buffered = [];
  }

  onAct(effect: VenueEffect, wallMs: number): void {
    if (effect.kind !== 'place-order') return;
    const { order } = effect;
    const id = order.clientOrderId;
    const missing = () => `order ${id} is not in the journal`;
    check(this.journaled.has(id), 'no-order-without-verdict', missing);
    check(!this.sent.has(id), 'id-reused', () => `order id ${id} is sent a second time`);
    const validityMs = this.options.orderValidityMs[order.venue] ?? 0;
    for (const { order: other, sentMs } of this.flying.values()) {
      // the venue will refuse it: nothing can come of it
      if (wallMs - sentMs > validityMs) continue;
      const sameLeg = other.pairId === order.pairId && other.instrument === order.instrument;
      const message = () =>
        `order ${id} leaves while ${other.clientOrderId} of its leg is on the way`;
      check(!sameLeg || order.pairId === null, 'two-orders-one-leg', message);
    }
    this.sent.add(id);
    this.flying.set(id, { order, sentMs: wallMs });
  }

  /** The order arrived at its venue, or never will. */
  onFate(id: ClientOrderId): void {
    this.flying.delete(id);
  }

  onTruth(event: SimEvent): void {
    if (event.kind !== 'fill') return;
    const { fill } = event;
    if (!this.sent.has(fill.clientOrderId) || !event.order.reduceOnly) return;
    const signed = fill.side === 'buy' ? fill.qty : -fill.qty;
    const before = fill.positionAfter - signed;
    const flips = before > 0n !== fill.positionAfter > 0n && fill.positionAfter !== 0n;
    check(
      !flips && magnitude(fill.positionAfter) < magnitude(before),
      'position-flipped',
      () =>
        `${fill.instrument} from ${text(before)} to ${text(fill.positionAfter)} ` +
        `by ${fill.clientOrderId}`,
    );
  }

  onFolded(state: EngineState): void {
    if (state.ledger.transactions === this.transactions) return;
    this.transactions = state.ledger.transactions;
    for (const [asset, residual] of residualsOf(state.ledger)) {
      const message = () => `the ledger of ${asset} sums to ${text(residual)}`;
      check(residual === 0n, 'ledger-zero', message);
    }
  }

  /** A new process: only what survived of the journal is known. */
  reboot(surviving: readonly JournalRecord[]): void {
    this.buffered = [];
    this.journaled.clear();
    this.book = new JournalBook();
    this.execution.reboot();
    for (const record of surviving) {
      this.execution.fold(record, this.book);
      this.book.fold(record);
    }
  }

  /** The journal says that nothing may be added. */
  get stopped(): boolean {
    return this.book.mode !== 'running';
  }

  /** Orders that the journal has no final word on, by instrument. */
  uncertain() {
    return this.book.pending();
  }

  /** What was acknowledged is what people moved by hand, and nothing else. */
  checkAdjusted(moved: ReadonlyMap<string, bigint>): void {
    const { adjusted } = this.book;
    for (const key of new Set([...adjusted.keys(), ...moved.keys()])) {
      const booked = adjusted.get(key) ?? 0n;
      const real = moved.get(key) ?? 0n;
      const message = `${key}: ${text(booked)} acknowledged, ${text(real)} moved by hand`;
      check(booked === real, 'adjusted-apart', message);
    }
  }

  /** What the journal's fills add up to, by instrument. */
  get booked(): ReadonlyMap<InstrumentId, bigint> {
    return this.book.held;
  }

  leftOfPairs(): ReadonlyMap<string, bigint> {
    return this.book.leftOfPairs();
  }

  private judge(order: ApprovedOrder, seq: number): void {
    const { book } = this;
    const held = book.held.get(order.instrument) ?? 0n;
    const reduces = (order.side === 'buy' ? held < 0n : held > 0n) && order.qty <= magnitude(held);
    check(
      book.mode === 'running' || reduces,
      'reducing-after-halt',
      () =>
        `record ${seq}: ${order.purpose} ${order.side} ${text(order.qty)} ${order.instrument} at ` +
        `${text(held)} while ${book.mode}`,
    );
    if (!reduces) this.judgeExposure(order, seq);
  }

  /** Everything held, pending and unknown, and this order, in the worst combination. */
  private judgeExposure(order: ApprovedOrder, seq: number): void {
    const pending = new Map(this.book.pending());
    const { buys, sells } = pending.get(order.instrument) ?? { buys: 0n, sells: 0n };
    const isBuy = order.side === 'buy';
    pending.set(order.instrument, {
      buys: isBuy ? buys + order.qty : buys,
      sells: isBuy ? sells : sells + order.qty,
    });
    let grossUsd = 0;
    for (const id of new Set([...this.book.held.keys(), ...pending.keys()])) {
      grossUsd += (Number(this.book.worst(id, pending)) / 1e18) * this.unitUsdOf(id);
    }
    const factor = order.purpose === 'entry' ? 1 : hedgeTolerance;
    const limit = this.options.limits.grossExposureUsdMax * factor * priceTolerance;
    check(
      grossUsd <= limit,
      'exposure-limit',
      () =>
        `record ${seq}: gross exposure ${grossUsd.toFixed(0)} USD with order ` +
        `${order.clientOrderId} passes ${limit.toFixed(0)}`,
    );
  }

  private unitUsdOf(id: InstrumentId): number {
    const exchange = this.exchanges.get(id.slice(0, id.indexOf(':')));
    const terms = exchange?.instrument(id)?.instrument;
    if (exchange === undefined || terms === undefined) return 0;
    return isInverse(terms) ? toNumber(terms.contractSize) : exchange.mark(id);
  }
}

/** The figures are put into words only when they are needed. */
export function check(
  holds: boolean,
  name: CheckName,
  message: string | (() => string),
): asserts holds {
  if (!holds) throw new CheckFailed(name, typeof message === 'string' ? message : message());
}

function text(value: bigint): string {
  return formatDecimal(value as Parameters<typeof formatDecimal>[0]); // a sum of decimals
}
