// The pair state machine: what to do next for one pair, as a pure function of what is confirmed. It
// is a controller, not a script: it looks at the legs' booked quantities and working orders and
// says which orders and which phase follow, so it gives the same answer after a crash as before it.
// A leg has one order at a time. Hedges and unwinds are immediate, never resting.
//
// opening: worked by the pair's plan (domain/plan.ts).
//   taker-taker: both orders were sent together (IOC). It stays here while either is unsettled.
//     Both settled: equal fills -> open (or closed when both are zero), unequal -> mending. An
//     order still unknown past the hedge deadline -> mending as well. A plan that another one fell
//     back to sends both orders for what is missing first, once.
//   maker-taker: one leg rests post-only, the other takes every fill of it (pair-maker.ts). At the
//     plan's deadline, or when the posts are used up, it falls back to taker-taker.
//   sliced: both legs at once, a part at a time; no part before the last one is balanced
//     (pair-sliced.ts). At the deadline it keeps what it has -> open.
// mending: one leg has more than the other. Complete the lagging leg while that is allowed, priced
//   inside the plan's slack and not yet tried too often; else unwind the excess of the leading leg.
//   While the leading leg's venue takes no orders, completing is the only way, at today's price.
//   Balanced again -> open, or closed at zero.
// open: both legs hold the same quantity. A delta outside the band (ADL, liquidation, a manual
//   trade, a late fill) -> mending, where the excess is unwound. A smaller one that is still worth
//   an order -> rebalancing, now and then.
// rebalancing: one immediate order on the leg and side that corrects most of the drift and costs
//   least; settled, whatever came of it -> open (pair-rebalance.ts).
// rolling: one leg moves to another venue: a third leg is built up there while the old one is cut,
//   in balanced swaps of a part each; the held leg stays (pair-roll.ts). Old leg empty -> open,
//   with the new leg in its place. Given up with nothing moved -> open as it was; given up half
//   way: the rest of the old leg is closed together with as much of the held one -> open.
// closing: the exit rule or the operator wants it closed: reducing orders on all legs, worked by a
//   plan like an entry; taker-taker is IOC again and wider until all are empty or below what the
//   venue lets one sell -> closed. While balanced it waits beside a settlement.
// unwinding: closing in a hurry (flatten, halt): the same with no wait for quotes or settlements,
//   and at the market when there has been no price for half of the naked budget.
// closed: final.
//
// Whatever the phase, a delta that lives past the hedge deadline while orders are unanswered, or
// while no venue lets it be cut, is bounded first: half of the range that it may come to be is
// traded on a leg that is free, or at a third venue (pair-worst-case.ts).
//
// What rests is cancelled, before anything else is asked, when the system may not add any more (a
// halt, a wind-down, a store or a venue down), beside a settlement, when the other leg does not
// follow in time, and at the deadline. The rest of the answer waits until the cancel is confirmed.
import type { Pair } from '../domain/pair.ts';
import { type PairContext, type PairStep, rest } from './pair-context.ts';
import { planMaker } from './pair-maker.ts';
import { planOpen, planRebalancing } from './pair-rebalance.ts';
import { planRolling } from './pair-roll.ts';
import { planSlicedClosing, planSlicedOpening } from './pair-sliced.ts';
import { planClosing, planMending, planOpening } from './pair-taker.ts';
import { boundWorstCase } from './pair-worst-case.ts';

export function planPair(pair: Pair, context: PairContext): PairStep {
  return boundWorstCase(pair, context, planPhase);
}

function planPhase(pair: Pair, context: PairContext): PairStep {
  const { mode } = context.plan;
  switch (context.phase) {
    case 'opening':
      if (mode === 'maker-taker') return planMaker(pair, context);
      return mode === 'sliced' ? planSlicedOpening(pair, context) : planOpening(pair, context);
    case 'mending':
      return planMending(pair, context);
    case 'open':
      return planOpen(pair, context);
    case 'rebalancing':
      return planRebalancing(pair, context);
    case 'rolling':
      return planRolling(pair, context);
    case 'closing':
      if (mode === 'maker-taker') return planMaker(pair, context);
      return mode === 'sliced' ? planSlicedClosing(pair, context) : planClosing(pair, context);
    case 'unwinding':
      return planClosing(pair, context);
    case 'closed':
      return rest;
  }
}
