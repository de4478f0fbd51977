// The exit rule over plain numbers, for one held pair: the staircase of expected payments of both
// legs, as in strategy/costs.ts and strategy/exit.ts. Scratch is handed in; nothing is allocated.
import { hourMs } from '../base/time.ts';
import { fundingStatus, type Leg } from './columns.ts';
import { type Plan, reversionAfter } from './columns-plan.ts';

/** Slots of a leg's cursor over its coming settlements. */
const slot = { atMs: 0, distance: 1, intervalMs: 2, meanRate: 3, size: 4 } as const;
/** Most steps of a staircase, as in the cost model. */
const stairsMax = 2_000;
/** A bound that a basis rarely reaches: no later stair is looked at for a better one. */
const boundEnough = -0.004;

/** Filled in when a pair is opened. */
export interface Carry {
  plan: Plan;
  longRunLong: number;
  longRunShort: number;
  holdingPerMs: number;
  floor: number;
  /** Two cursors: long, then short. */
  readonly cursors: Float64Array;
}

export function newCarry(plan: Plan): Carry {
  const cursors = new Float64Array(2 * slot.size);
  return { plan, longRunLong: 0, longRunShort: 0, holdingPerMs: 0, floor: 0, cursors };
}

/** False while a leg's funding is not known: nothing is decided then. */
export function isKnown(leg: Leg, state: number): boolean {
  return leg.states.status[state] !== fundingStatus.unknown;
}

/**
 * The lowest ratio of closes (short / long) down to which holding is certainly right on every row
 * from now on while the rates stand; +Infinity = every row must be looked at.
 */
export function holdBound(carry: Carry, legs: HeldLegs, nowMs: number): number {
  const { params } = carry.plan;
  const untilMs = start(carry, legs, nowMs);
  const { cursors } = carry;
  let sum = 0;
  let bound = Number.POSITIVE_INFINITY;
  for (let step = 0; step < stairsMax; step++) {
    const atMs = nextAt(cursors);
    if (!(atMs <= untilMs)) break;
    sum += take(carry, atMs);
    const afterMs = atMs - nowMs;
    // Worth staying whatever a positive basis adds; a negative one may cost this much.
    const spare = sum - carry.holdingPerMs * afterMs - carry.floor;
    if (!(spare >= 0)) continue;
    const reversion = reversionAfter(carry.plan, afterMs);
    const lowest = reversion > 0 ? -spare / reversion : Number.NEGATIVE_INFINITY;
    if (lowest < bound) bound = lowest;
    if (bound <= boundEnough) break;
  }
  return params.basisCreditMax >= 0 ? 1 + bound : Number.POSITIVE_INFINITY;
}

/** The exit rule exactly, at one row: true = stay. */
export function staysAt(carry: Carry, legs: HeldLegs, nowMs: number, ratio: number): boolean {
  const { params } = carry.plan;
  const untilMs = start(carry, legs, nowMs);
  const { cursors } = carry;
  const basis = ratio - 1;
  let sum = 0;
  for (let step = 0; step < stairsMax; step++) {
    const atMs = nextAt(cursors);
    if (!(atMs <= untilMs)) break;
    sum += take(carry, atMs);
    const afterMs = atMs - nowMs;
    const reverting = basis * reversionAfter(carry.plan, afterMs);
    const gain = reverting > params.basisCreditMax ? params.basisCreditMax : reverting;
    if (sum + gain - carry.holdingPerMs * afterMs >= carry.floor) return true;
  }
  return false;
}

export interface HeldLegs {
  long: Leg;
  short: Leg;
  /** Indexes of the states in force. */
  longState: number;
  shortState: number;
}

/** Sets both cursors to their next settlements; returns until when a later exit is looked for. */
function start(carry: Carry, legs: HeldLegs, nowMs: number): number {
  const { cursors } = carry;
  setCursor(cursors, 0, legs.long, legs.longState, nowMs, carry.longRunLong);
  setCursor(cursors, slot.size, legs.short, legs.shortState, nowMs, carry.longRunShort);
  return Math.max(nowMs + carry.plan.params.horizonMs, nextAt(cursors));
}

function setCursor(
  cursors: Float64Array,
  at: number,
  leg: Leg,
  state: number,
  nowMs: number,
  longRun: number,
): void {
  if (leg.isSpot) {
    cursors[at + slot.atMs] = Number.POSITIVE_INFINITY;
    return;
  }
  const { states } = leg;
  const intervalMs = states.intervalMs[state] as number;
  let atMs = states.settlesAtMs[state] as number;
  if (atMs <= nowMs) atMs += (Math.floor((nowMs - atMs) / intervalMs) + 1) * intervalMs;
  const meanRate = longRun * (intervalMs / hourMs);
  cursors[at + slot.atMs] = atMs;
  cursors[at + slot.distance] = (states.rate[state] as number) - meanRate;
  cursors[at + slot.intervalMs] = intervalMs;
  cursors[at + slot.meanRate] = meanRate;
}

function nextAt(cursors: Float64Array): number {
  return Math.min(cursors[slot.atMs] as number, cursors[slot.size + slot.atMs] as number);
}

/** What the settlements at this instant pay; both cursors move on. */
function take({ cursors, plan }: Carry, atMs: number): number {
  let paid = 0;
  if (cursors[slot.size + slot.atMs] === atMs) paid += step(cursors, slot.size, plan.kept);
  if (cursors[slot.atMs] === atMs) paid -= step(cursors, 0, plan.kept);
  return paid;
}

function step(cursors: Float64Array, at: number, kept: number): number {
  const distance = cursors[at + slot.distance] as number;
  cursors[at + slot.distance] = distance * kept;
  cursors[at + slot.atMs] =
    (cursors[at + slot.atMs] as number) + (cursors[at + slot.intervalMs] as number);
  return (cursors[at + slot.meanRate] as number) + distance;
}
