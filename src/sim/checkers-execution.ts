// The oracle of the ways of execution: what hedges never rests, a slice never runs ahead of the
// last one, a roll never holds a leg twice, nothing is entered or left beside a settlement, and
// nothing of ours rests for long after a stop. Plans are read from the journal, by code of its own.
import { formatDecimal } from '../base/decimal.ts';
import type { EngineEvent, JournalRecord } from '../domain/event.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { LegName, PairPhase } from '../domain/pair.ts';
import type { ExecutionPlan } from '../domain/plan.ts';
import type { FundingView } from '../domain/view.ts';
import { check } from './checkers.ts';
import { type JournalBook, magnitude } from './checkers-book.ts';
import type { FaultableExchange } from './exchange.ts';
import { ourPrefix } from './faults-resting.ts';

/** What was ordered to stop must be gone within this time of a venue that takes orders. */
export const stopMsMax = 3_000;

/** One part in so many: above every fee. */
const feeShare = 200n;

export interface ExecutionOptions {
  readonly exchanges: readonly FaultableExchange[];
  readonly settlementGuardMs: number;
}

interface KnownPair {
  long: InstrumentId;
  short: InstrumentId;
  targetQty: bigint;
  phase: PairPhase;
  plan: ExecutionPlan | null;
  /** Base units per contract of its inverse legs, in 1e-18; others count base units. */
  readonly units: ReadonlyMap<InstrumentId, bigint>;
  /** While rolling: what the leg moves to, and which one leaves. */
  roll: {
    readonly leg: LegName;
    readonly to: InstrumentId;
    readonly leaving: InstrumentId;
  } | null;
}

export class ExecutionChecker {
  private readonly options: ExecutionOptions;
  private readonly pairs = new Map<string, KnownPair>();
  /** Instruments that others traded on this account: whose part is whose is not ours to say. */
  private readonly touched = new Set<InstrumentId>();
  /** Whose record has the rates that count. */
  private lastEvent: EngineEvent | null = null;
  private tsMs = 0;
  private readonly restingMs = new Map<string, number>();
  private lastMs = 0;

  constructor(options: ExecutionOptions) {
    this.options = options;
  }

  /** Judged by what the journal knew before the record. */
  onAppend(record: JournalRecord, book: JournalBook): void {
    this.fold(record, book);
    if (!('effect' in record) || record.effect.kind !== 'place-order') return;
    this.judge(record.effect.order, book, record.seq);
  }

  fold(record: JournalRecord, book: JournalBook): void {
    this.tsMs = record.tsMs;
    if ('input' in record) {
      const { input } = record;
      this.lastEvent = record;
      if (input.kind === 'fill' && input.instrument !== null) {
        const known = input.clientOrderId !== null && book.orders.has(input.clientOrderId);
        if (!known) this.touched.add(input.instrument);
      }
      if (input.kind === 'venue-snapshot') {
        for (const { clientOrderId, instrument } of input.fills) {
          const known = clientOrderId !== null && book.orders.has(clientOrderId);
          if (!known && instrument !== null) this.touched.add(instrument);
        }
      }
      return;
    }
    const { effect } = record;
    if (effect.kind === 'pair-created') {
      const { key, qty, units: of } = effect.intent;
      const { long, short } = key;
      const units = new Map(of === undefined ? [] : [[long, of.long] as const, [short, of.short]]);
      const plan = effect.plan ?? null;
      const phase = 'opening';
      const pair = { long, short, targetQty: qty, phase, plan, units, roll: null } as const;
      this.pairs.set(effect.pairId, { ...pair });
    }
    if (effect.kind === 'pair-planned') {
      const pair = this.pairs.get(effect.pairId);
      if (pair !== undefined) pair.plan = effect.plan;
    }
    if (effect.kind === 'pair-moved') {
      const pair = this.pairs.get(effect.pairId);
      if (pair === undefined) return;
      pair.phase = effect.phase;
      pair.plan = effect.plan ?? null;
      if (effect.roll !== undefined) {
        const { leg, to } = effect.roll;
        pair.roll = { leg, to, leaving: pair[leg] };
      }
      if (pair.roll !== null && effect.reason === 'rolled') pair[pair.roll.leg] = pair.roll.to;
      if (effect.phase === 'open') pair.roll = null;
    }
  }

  /** Pairs that the journal has not closed, with a leg of these instruments. */
  pairsOn(isIt: (id: InstrumentId) => boolean): number {
    let count = 0;
    for (const { long, short, phase } of this.pairs.values()) {
      if (phase !== 'closed' && (isIt(long) || isIt(short))) count++;
    }
    return count;
  }

  /** A new process: only what survived of the journal is known. */
  reboot(): void {
    this.pairs.clear();
    this.touched.clear();
    this.restingMs.clear();
  }

  /** `stopped`: the journal says that nothing may be added. */
  onTick(moment: {
    readonly wallMs: number;
    readonly alive: boolean;
    readonly stopped: boolean;
    readonly accepts: (venue: string) => boolean;
  }): void {
    const passedMs = this.lastMs === 0 ? 0 : moment.wallMs - this.lastMs;
    this.lastMs = moment.wallMs;
    if (!moment.alive || !moment.stopped) return this.restingMs.clear();
    for (const exchange of this.options.exchanges) {
      if (!moment.accepts(exchange.venue)) continue;
      for (const { clientOrderId, instrument } of exchange.openOrders(null)) {
        if (!clientOrderId.startsWith(ourPrefix)) continue;
        const restedMs = (this.restingMs.get(clientOrderId) ?? 0) + passedMs;
        this.restingMs.set(clientOrderId, restedMs);
        const message = () =>
          `${clientOrderId} rests on ${instrument} for ${restedMs} ms after a stop`;
        check(restedMs <= stopMsMax, 'resting-after-stop', message);
      }
    }
  }

  private judge(order: ApprovedOrder, book: JournalBook, seq: number): void {
    const { purpose, timeInForce, limit, clientOrderId } = order;
    const isImmediate = limit === null || timeInForce === 'ioc' || timeInForce === 'fok';
    const cuts = purpose === 'hedge' || purpose === 'unwind' || purpose === 'flatten';
    const what = () => `record ${seq}: ${purpose} ${clientOrderId} on ${order.instrument}`;
    check(!cuts || isImmediate, 'hedge-rests', () => `${what()} rests`);
    const pair = order.pairId === null ? undefined : this.pairs.get(order.pairId);
    if (pair === undefined || cuts) return;
    const legs =
      pair.roll === null ? [pair.long, pair.short] : [pair.long, pair.short, pair.roll.to];
    if (legs.some((id) => this.touched.has(id))) return;
    const held = heldOf(book, order.pairId ?? '', pair);
    const qty = inBase(pair, order.instrument, order.qty);
    const most = legs.reduce((largest, id) => larger(largest, magnitude(held.get(id) ?? 0n)), 0n);
    // Fees that are taken in base are not in what was filled.
    const flat = this.flatQty(pair, legs) + most / feeShare;
    const delta = legs.reduce((total, id) => total + (held.get(id) ?? 0n), 0n);
    if (magnitude(delta) > flat) {
      const message = () => `${what()} while ${text(delta)} is unbalanced`;
      check(purpose === 'exit', 'slice-imbalance', message);
      return; // it follows the other leg: neither a slice nor an exit of its own
    }
    // What a roll closes half way is no slice; its parts are judged below.
    if (pair.roll === null) this.judgeSlice(order, pair, { what, flat });
    // Below what counts as flat it may still do nothing but cut the delta.
    const onlyCuts = (order.side === 'buy') === delta < 0n && qty <= magnitude(delta);
    if (!onlyCuts) this.judgeSettlement(order, what);
    if (purpose === 'roll' && pair.roll !== null) this.judgeRoll(order, pair, { held, what, flat });
  }

  private judgeSlice(
    order: ApprovedOrder,
    { plan }: KnownPair,
    { what, flat }: { readonly what: () => string; readonly flat: bigint },
  ): void {
    if (plan === null || plan.mode !== 'sliced' || plan.sliceQty === null) return;
    // A spot buy is larger by the fee that is taken of it.
    const most = plan.sliceQty + plan.sliceQty / feeShare + flat;
    const { sliceQty } = plan;
    const message = () => `${what()} is ${text(order.qty)}, a slice is ${text(sliceQty)}`;
    check(order.qty <= most, 'slice-imbalance', message);
  }

  private judgeRoll(
    order: ApprovedOrder,
    pair: KnownPair,
    known: {
      readonly held: ReadonlyMap<InstrumentId, bigint>;
      readonly what: () => string;
      readonly flat: bigint;
    },
  ): void {
    const { held, what, flat } = known;
    const { to, leaving } = pair.roll ?? { to: '', leaving: '' };
    const side = magnitude((held.get(to) ?? 0n) + (held.get(leaving) ?? 0n));
    const most = side + side / 2n + flat;
    const after = side + order.qty;
    const message = () => `${what()} could make the leg ${text(after)} of ${text(side)}`;
    check(after <= most, 'roll-doubled', message);
  }

  private judgeSettlement(order: ApprovedOrder, what: () => string): void {
    const guardMs = this.options.settlementGuardMs;
    const funding = this.lastEvent === null ? null : fundingIn(this.lastEvent, order.instrument);
    if (funding === null) return;
    const { settlesAtMs, intervalMs } = funding;
    const phase = (((this.tsMs - settlesAtMs) % intervalMs) + intervalMs) % intervalMs;
    const distanceMs = Math.min(phase, intervalMs - phase);
    const message = () => `${what()} leaves ${distanceMs.toFixed(0)} ms from a settlement`;
    check(distanceMs >= guardMs, 'settlement-window', message);
  }

  /** A difference below this is flat: lots, least quantities, and what no spot order could sell. */
  private flatQty(pair: KnownPair, ids: readonly InstrumentId[]): bigint {
    let most = 0n;
    for (const id of ids) {
      const venue = id.slice(0, id.indexOf(':'));
      const exchange = this.options.exchanges.find((item) => item.venue === venue);
      const instrument = exchange?.instrument(id)?.instrument;
      if (exchange === undefined || instrument === undefined) continue;
      const price = BigInt(Math.round(exchange.mark(id) * 1e9));
      const dust =
        instrument.kind === 'spot' && price > 0n
          ? ((instrument.notionalMin ?? 0n) * 2n * 1_000_000_000n) / price
          : 0n;
      const sizes = [(instrument.lotSize ?? 0n) * 10n, instrument.qtyMin ?? 0n];
      const own = sizes.map((size) => inBase(pair, id, size));
      for (const size of [...own, dust]) if (size > most) most = size;
    }
    return most;
  }
}

function inBase({ units }: KnownPair, id: InstrumentId, qty: bigint): bigint {
  const unit = units.get(id);
  return unit === undefined ? qty : (qty * unit) / 10n ** 18n;
}

/** In base units. */
function heldOf(
  book: JournalBook,
  pairId: string,
  pair: KnownPair,
): ReadonlyMap<InstrumentId, bigint> {
  const held = new Map<InstrumentId, bigint>();
  for (const { order, filled } of book.orders.values()) {
    if (order.pairId !== pairId) continue;
    const signed = inBase(pair, order.instrument, order.side === 'buy' ? filled : -filled);
    held.set(order.instrument, (held.get(order.instrument) ?? 0n) + signed);
  }
  return held;
}

/** The last that is told of it. */
function fundingIn({ input, legs }: EngineEvent, id: InstrumentId): FundingView | null {
  const seen = input.kind === 'pair-seen' ? [input.view.longLeg, input.view.shortLeg] : [];
  let found: FundingView | null = null;
  for (const { instrument, funding } of [...legs, ...seen]) {
    if (instrument === id && funding !== null) found = funding;
  }
  return found;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function text(value: bigint): string {
  return formatDecimal(value as Parameters<typeof formatDecimal>[0]); // a sum of decimals
}
