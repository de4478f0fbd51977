// How often everything really happened: faults that took effect, states that orders and pairs went
// through. A range of seeds that never reached something has proven nothing about it.
import type { EngineEvent, JournalRecord } from '../domain/event.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { PairPhase } from '../domain/pair.ts';
import type { EngineState } from '../engine/state.ts';
import { workNames, workOf } from './coverage-work.ts';
import { faultKinds } from './faults.ts';

/** From this many seeds on, with all faults, a counter at zero is a failure. */
export const coverageSeedsMin = 300;

const orderTransitions = [
  'pending>open',
  'pending>cancel-pending',
  'pending>unknown',
  'pending>filled',
  'pending>expired',
  'pending>rejected',
  'open>cancel-pending',
  'open>unknown',
  'open>canceled',
  'open>filled',
  'open>expired',
  'cancel-pending>unknown',
  'cancel-pending>filled',
  'cancel-pending>canceled',
  'cancel-pending>expired',
  'cancel-pending>rejected',
  'unknown>open',
  'unknown>cancel-pending',
  'unknown>filled',
  'unknown>expired',
  'unknown>rejected',
] as const;

const pairTransitions = [
  'opening>open',
  'opening>mending',
  'opening>closed',
  'mending>open',
  'mending>closed',
  'open>rebalancing',
  'open>rolling',
  'rolling>open',
  'rebalancing>open',
  'open>mending',
  'open>closing',
  'open>unwinding',
  'closing>closed',
  'closing>unwinding',
  'unwinding>closed',
] as const;

const others = [
  'fill-before-ack',
  'fill-after-end',
  'duplicate-fill',
  'external-fill',
  'partial-fill',
  'venue-restricted',
  'venue-unrestricted',
  'halted',
  'reboot',
  'booted-with-open-order',
  'booted-with-naked-pair',
  'funding-paid',
] as const;

/** Everything that a long range must have reached, in the order in which it is printed. */
export const coverageNames: readonly string[] = [
  ...faultKinds.map((kind) => `fault ${kind}`),
  ...orderTransitions.map((name) => `order ${name}`),
  ...pairTransitions.map((name) => `pair ${name}`),
  ...others.map((name) => `seen ${name}`),
  ...workNames.map((name) => `work ${name}`),
];

/** Reached by about one seed in a hundred: asked for in ranges of `rareSeedsMin` only. */
export const rareSeedsMin = 2_000;
/** Mostly the same step cancels what is found alive, and it is never seen open. */
const rare: ReadonlySet<string> = new Set(['order unknown>open']);

export type CoverageCounts = Readonly<Record<string, number>>;

export class Coverage {
  private readonly counts = new Map<string, number>();
  private readonly orders = new Map<string, OrderStatus>();
  private readonly pairs = new Map<string, PairPhase>();
  private readonly acked = new Set<string>();
  private duplicates = 0;

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Called with every record after it was folded. */
  observe(state: EngineState, record: JournalRecord): void {
    if ('input' in record) this.observeInput(state, record);
    else if (record.effect.kind === 'venue-restricted') {
      this.count(record.effect.restricted ? 'seen venue-restricted' : 'seen venue-unrestricted');
    }
    for (const name of workOf(state, record)) this.count(`work ${name}`);
    const order = orderOf(record);
    if (order === 'any') for (const id of state.orders.keys()) this.followOrder(state, id);
    else if (order !== null) this.followOrder(state, order);
    if (!('input' in record) && 'pairId' in record.effect) {
      this.followPair(state, record.effect.pairId);
    }
    if (state.counters.duplicateFills > this.duplicates) this.count('seen duplicate-fill');
    this.duplicates = state.counters.duplicateFills;
  }

  /** A new process folds its state anew: what it starts with is not a transition. */
  reboot(state: EngineState): void {
    this.count('seen reboot');
    this.orders.clear();
    this.pairs.clear();
    for (const [id, { status }] of state.orders) this.orders.set(id, status);
    for (const [id, { phase, nakedSinceWallMs }] of state.pairs) {
      this.pairs.set(id, phase);
      if (nakedSinceWallMs !== null) this.count('seen booted-with-naked-pair');
    }
    for (const { status } of state.orders.values()) {
      if (status === 'pending' || status === 'open' || status === 'unknown') {
        this.count('seen booted-with-open-order');
      }
    }
    this.duplicates = state.counters.duplicateFills;
  }

  all(): CoverageCounts {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private followOrder(state: EngineState, id: string): void {
    const status = state.orders.get(id)?.status;
    const before = this.orders.get(id);
    if (status === undefined || before === status) return;
    this.orders.set(id, status);
    if (before !== undefined) this.count(`order ${before}>${status}`);
  }

  private followPair(state: EngineState, id: string): void {
    const phase = state.pairs.get(id)?.phase;
    const before = this.pairs.get(id);
    if (phase === undefined || before === phase) return;
    this.pairs.set(id, phase);
    if (before !== undefined) this.count(`pair ${before}>${phase}`);
  }

  private observeInput(state: EngineState, { input }: EngineEvent): void {
    if (input.kind === 'place-result') this.acked.add(input.clientOrderId);
    if (input.kind === 'funding-payment') this.count('seen funding-paid');
    if (input.kind === 'operator' && state.mode === 'halted') this.count('seen halted');
    if (input.kind !== 'fill') return;
    const known = input.clientOrderId === null ? undefined : state.orders.get(input.clientOrderId);
    if (known === undefined || input.clientOrderId === null) this.count('seen external-fill');
    else {
      if (!this.acked.has(input.clientOrderId)) this.count('seen fill-before-ack');
      const before = this.orders.get(input.clientOrderId);
      if (before === 'canceled' || before === 'expired') this.count('seen fill-after-end');
      if (known.filledQty < known.order.qty) this.count('seen partial-fill');
    }
  }
}

/** The order whose state a record can change; null = none. */
function orderOf(record: JournalRecord): string | 'any' | null {
  if (!('input' in record)) {
    const { effect } = record;
    if (effect.kind === 'place-order') return effect.order.clientOrderId;
    const isIts = effect.kind === 'cancel-order' || effect.kind === 'order-resolved';
    return isIts ? effect.clientOrderId : null;
  }
  const { input } = record;
  switch (input.kind) {
    case 'order':
    case 'fill':
      return input.clientOrderId ?? 'any'; // known by the venue's id at most
    case 'place-result':
    case 'cancel-result':
    case 'query-result':
      return input.clientOrderId;
    case 'venue-snapshot':
    case 'booted':
      return 'any';
    default:
      return null;
  }
}

/** Sums of the counters of many runs. */
export function addCounts(into: Map<string, number>, counts: CoverageCounts): void {
  for (const [name, count] of Object.entries(counts)) into.set(name, (into.get(name) ?? 0) + count);
}

/** What a range of so many seeds should have reached and did not. */
export function neverReached(
  counts: ReadonlyMap<string, number>,
  seeds: number,
): readonly string[] {
  const isAsked = (name: string): boolean => seeds >= rareSeedsMin || !rare.has(name);
  return coverageNames.filter((name) => isAsked(name) && (counts.get(name) ?? 0) === 0);
}
