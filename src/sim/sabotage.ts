// Mutations: each switches one safeguard off, from outside the engine, so that the code that trades
// carries no test switch. The simulator must then find a failing seed: a checker that cannot fail
// proves nothing. Never used but by `farb simulate --break` and its tests.
import { plus, zero } from '../base/decimal.ts';
import type { EngineInput } from '../domain/event.ts';
import type { Pair } from '../domain/pair.ts';
import type { Policy } from '../engine/policy.ts';
import type { EngineState } from '../engine/state.ts';

export interface Sabotage {
  /** A policy in which the safeguard is off; the checkers keep the true one. */
  readonly policy?: (policy: Policy) => Policy;
  /** Tampers with the state or the input before a step. */
  readonly beforeInput?: (state: EngineState, input: EngineInput) => EngineInput | 'dropped' | null;
  readonly afterInput?: (state: EngineState, input: EngineInput) => void;
  /** Effects leave before their records are handed over. */
  readonly commitsLate?: true;
  /** A boot uses the epoch of the one before. */
  readonly repeatsEpoch?: true;
}

export const noSabotage: Sabotage = {};

const never = Number.MAX_SAFE_INTEGER;

const safeguards = {
  /** Fills are booked once, by trade id. */
  'fill-dedupe': {
    beforeInput: (state) => {
      state.fillsSeen.clear();
      return null;
    },
  },
  /** An unanswered order is cancelled, then queried. */
  'unknown-order': {
    beforeInput: (_state, input) =>
      input.kind === 'timer' && input.timer.startsWith('ack:') ? 'dropped' : null,
  },
  /** "Not found" is believed only after the order's validity has passed. */
  'not-found-wait': {
    policy: (policy) => ({
      ...policy,
      orderValidityMs: Object.fromEntries(
        Object.keys(policy.orderValidityMs).map((venue) => [venue, -never]),
      ),
    }),
  },
  /** A leg without its other is hedged in time, also while an order is unknown. */
  hedge: {
    policy: (policy) => ({
      ...policy,
      execution: { ...policy.execution, hedgeDeadlineMs: never },
    }),
  },
  /** After a halt only reducing orders leave. */
  'halt-reducing': {
    beforeInput: (state) => {
      state.mode = 'running';
      return null;
    },
  },
  /** A snapshot's history is folded: what the stream lost is found. */
  reconcile: {
    beforeInput: (_state, input) =>
      input.kind === 'venue-snapshot'
        ? { ...input, orders: [], fills: [], fundingPayments: [] }
        : null,
  },
  /** The opening balance is booked once, from the first snapshot. */
  'ledger-opening': {
    beforeInput: (state) => {
      for (const venue of state.venues.values()) venue.opened = true;
      return null;
    },
  },
  /** Every boot has an epoch of its own in the order ids. */
  'epoch-bump': {
    repeatsEpoch: true,
    beforeInput: (state, input) => {
      if (input.kind === 'booted') state.epoch = 0;
      return null;
    },
  },
  /** The record is in the journal before the order leaves. */
  'journal-order': { commitsLate: true },
  /** A leg has one working order at a time. */
  'leg-lock': {
    beforeInput: (state) => {
      for (const pair of state.pairs.values()) {
        pair.long.workingOrderId = null;
        pair.short.workingOrderId = null;
      }
      return null;
    },
  },
  /** Exposure limits. */
  'exposure-limit': {
    policy: (policy) => ({
      ...policy,
      limits: {
        ...policy.limits,
        grossExposureUsdMax: never,
        venueExposureUsdMax: never,
        positionUsdMax: never,
      },
    }),
  },
  /** The delta of an open pair is watched: ADL, liquidation and manual trades are hedged. */
  'delta-watch': {
    beforeInput: (state) => {
      for (const pair of state.pairs.values()) {
        if (pair.phase === 'open') pair.bandQty = pair.targetQty;
      }
      return null;
    },
  },
  /** What a lost record left behind is closed. */
  orphans: {
    beforeInput: (_state, input) =>
      input.kind === 'timer' && input.timer.startsWith('orphan:') ? 'dropped' : null,
  },
  /** Every fill of a leg that rests is followed on the other leg. */
  'maker-hedge': {
    beforeInput: (state) => {
      for (const pair of state.pairs.values()) {
        const { mode, makerLeg } = pair.plan;
        const isFilling = pair.phase === 'opening' && makerLeg !== null;
        if (mode !== 'maker-taker' || !isFilling || pair[makerLeg].qty === zero) continue;
        pair.bandQty = twice(pair.targetQty);
      }
      return null;
    },
  },
  /** A slice is no larger than its plan says. */
  'slice-bound': {
    beforeInput: (state) => {
      for (const pair of state.pairs.values()) {
        if (pair.plan.sliceQty !== null) pair.plan = { ...pair.plan, sliceQty: pair.targetQty };
      }
      return null;
    },
  },
  /** A cancel that the venue did not carry out is sent again. */
  'cancel-again': {
    beforeInput: (state) => {
      for (const known of state.orders.values()) known.aliveAfterCancel = false;
      return null;
    },
  },
  /** What rests is cancelled when the system may not add any more. */
  'stop-cancel': {
    beforeInput: (state, input) => {
      const isLook = input.kind === 'timer' && /^(pair|ack):/.test(input.timer);
      return isLook && state.mode !== 'running' ? 'dropped' : null;
    },
  },
  /** Nothing is entered or left beside a settlement. */
  'settlement-guard': {
    policy: (policy) => ({
      ...policy,
      execution: { ...policy.execution, settlementGuardMs: 0 },
      strategies: policy.strategies.map(({ strategy, params }) => ({
        strategy,
        params: { ...params, settlementGuardMs: 0 },
      })),
    }),
  },
} as const satisfies Record<string, Sabotage>;

function twice(qty: Pair['targetQty']): Pair['targetQty'] {
  return plus(qty, qty);
}

export type Safeguard = keyof typeof safeguards;

export const safeguardNames = Object.keys(safeguards) as readonly Safeguard[]; // the keys above

export function sabotageOf(name: Safeguard | null): Sabotage {
  return name === null ? noSabotage : safeguards[name];
}
