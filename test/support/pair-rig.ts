// Test support: a pair and what the controller sees of its two venues, and its answer as texts.
import { type Decimal, decimal, formatDecimal, zero } from '../../src/base/decimal.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { ApprovedOrder, OrderStatus } from '../../src/domain/order.ts';
import type { OrderState } from '../../src/domain/order-state.ts';
import type { Leg, Pair } from '../../src/domain/pair.ts';
import { type ExecutionPlan, takerPlan } from '../../src/domain/plan.ts';
import type { EdgeBreakdown, LegView } from '../../src/domain/view.ts';
import { planPair } from '../../src/execution/pair.ts';
import type { LegContext, LegOrder } from '../../src/execution/pair-context.ts';
import {
  type ExecutionPolicy,
  defaultExecutionPolicy as policy,
} from '../../src/execution/policy.ts';

export const now = 100_000;

export function instrument(venue: string, kind: Instrument['kind'] = 'linear-perp'): Instrument {
  return {
    id: `${venue}:BTC-USDT-${kind === 'spot' ? 'SPOT' : 'PERP'}`,
    venue,
    symbol: 'BTCUSDT',
    kind,
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: decimal('0.001'),
    qtyMax: null,
    notionalMin: decimal('5'),
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

export function view(spec: Instrument, bid = 50_000, ask = 50_001): LegView {
  return {
    instrument: spec.id,
    venue: spec.venue,
    kind: spec.kind,
    bid,
    bidQty: 1,
    ask,
    askQty: 1,
    bids: [],
    asks: [],
    mark: bid,
    index: bid,
    funding: null,
    feeRateTaker: 0.0005,
    quoteAgeMs: 5,
    fundingAgeMs: null,
  };
}

export function leg(name: 'long' | 'short', spec: Instrument, changes: Partial<Leg> = {}): Leg {
  return {
    name,
    venue: spec.venue,
    instrument: spec.id,
    openSide: name === 'long' ? 'buy' : 'sell',
    qty: zero,
    workingOrderId: null,
    attempts: 1,
    retryAtWallMs: 0,
    lastRejectCode: null,
    ...changes,
  };
}

export const long = instrument('binance');
export const short = instrument('okx');
const edge = {} as EdgeBreakdown; // not read by the controller

export function pair(changes: Partial<Pair> & { longQty?: string; shortQty?: string }): Pair {
  const { longQty = '0', shortQty = '0', ...rest } = changes;
  const naked = longQty !== shortQty.replace('-', '');
  return {
    id: 'p1-1',
    strategy: 'perp-perp',
    phase: 'opening',
    phaseSinceWallMs: now,
    targetQty: decimal('0.1'),
    bandQty: decimal('0.001'),
    long: leg('long', long, { qty: decimal(longQty) }),
    short: leg('short', short, { qty: decimal(shortQty) }),
    incoming: null,
    plan: takerPlan('test'),
    rebalancedWallMs: 0,
    longLimit: 50_050,
    shortLimit: 49_950,
    edge,
    createdTsMs: 0,
    openedTsMs: null,
    closedTsMs: null,
    entryBasis: 0,
    nakedSinceWallMs: naked ? now - 100 : null,
    nakedHeldMs: 0,
    nakedMsMax: 0,
    legBreaks: 0,
    closeReason: null,
    fundingUsd: 0,
    ...rest,
  };
}

export function working(side: 'buy' | 'sell', status: OrderStatus, filled = '0'): OrderState {
  const order = { side, qty: decimal('0.1') } as unknown as ApprovedOrder; // a test's approval
  return {
    order,
    status,
    venueOrderId: null,
    filledQty: decimal(filled),
    filledCost: zero,
    reportedFilledQty: decimal(filled),
    sentWallMs: now - 100,
    sentTsMs: 0,
    epoch: 1,
    answeredWallMs: null,
    cancelsSent: 0,
    queriesSent: 0,
    saidGone: false,
    aliveAfterCancel: false,
    reason: null,
  };
}

interface Changes {
  readonly long?: Partial<LegContext>;
  readonly short?: Partial<LegContext>;
  /** The leg that a roll builds up: its instrument, and what differs. */
  readonly incoming?: { readonly spec: Instrument } & Partial<LegContext>;
  readonly phase?: Pair['phase'];
  readonly mayComplete?: boolean;
  readonly mayHedge?: boolean;
  readonly tsMs?: number;
  readonly wallMs?: number;
  readonly policy?: Partial<ExecutionPolicy>;
}

export function plan(subject: Pair, changes: Changes = {}) {
  const side = (spec: Instrument, heldQty: Decimal) => ({
    instrument: spec,
    view: view(spec),
    working: null,
    accepts: true,
    ready: true,
    heldQty,
    lastPrice: 50_000,
  });
  const { incoming } = changes;
  const step = planPair(subject, {
    policy: { ...policy, ...changes.policy },
    wallMs: changes.wallMs ?? now,
    tsMs: changes.tsMs ?? 0,
    phase: changes.phase ?? subject.phase,
    plan: subject.plan,
    isPlanNew: false,
    incoming:
      incoming === undefined
        ? null
        : { ...side(incoming.spec, subject.incoming?.qty ?? zero), ...incoming },
    mayComplete: changes.mayComplete ?? true,
    mayHedge: changes.mayHedge ?? changes.mayComplete ?? true,
    long: { ...side(long, subject.long.qty), ...changes.long },
    short: { ...side(short, subject.short.qty), ...changes.short },
  });
  const { elsewhere } = step;
  return {
    move: step.move?.phase ?? null,
    orders: step.orders.map(textOf),
    cancels: step.cancels,
    replanned: step.plan === null ? null : `${step.plan.mode}: ${step.plan.reason}`,
    wakes: step.wakeWallMs !== null,
    stuck: step.stuck,
    elsewhere: elsewhere === null ? null : `${elsewhere.leg} ${formatDecimal(elsewhere.qty)}`,
  };
}

function textOf(order: LegOrder): string {
  const { leg: name, side, qty, limit, reduceOnly, purpose, timeInForce } = order;
  return [
    `${name} ${side} ${formatDecimal(qty)}`,
    `@ ${limit === null ? 'market' : formatDecimal(limit)}`,
    `${purpose}${reduceOnly ? ' reduce' : ''}${timeInForce === 'ioc' ? '' : ' resting'}`,
  ].join(' ');
}

/** An order that rests in the book, posted `agoMs` ago. */
export function resting(
  side: 'buy' | 'sell',
  order: {
    readonly limit: string;
    readonly filled?: string;
    readonly agoMs?: number;
    readonly status?: OrderStatus;
  },
): OrderState {
  const { limit, filled = '0', agoMs = 100, status = 'open' } = order;
  const known = working(side, status, filled);
  const fields = { clientOrderId: 'resting', limit: decimal(limit), timeInForce: 'post-only' };
  // A test's approval.
  const approved = { ...known.order, ...fields } as unknown as ApprovedOrder;
  return { ...known, order: approved, sentWallMs: now - agoMs };
}

/** A plan of a mode that takes its time, until `leftMs` from now. */
export function planOf(
  mode: ExecutionPlan['mode'],
  changes: Partial<ExecutionPlan> & { readonly leftMs?: number } = {},
): ExecutionPlan {
  const { leftMs = 10_000, ...rest } = changes;
  return { ...takerPlan('test'), mode, deadlineWallMs: now + leftMs, ...rest };
}
