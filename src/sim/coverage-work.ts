// How often every way of execution, and every turn that it can take, was really met.
import type { EngineInput, JournalRecord, PairCreated, PairMoved } from '../domain/event.ts';
import { type ApprovedOrder, isTerminal, rests } from '../domain/order.ts';
import { isSettled } from '../domain/order-state.ts';
import { legOn, legsOf, type Pair } from '../domain/pair.ts';
import type { ExecutionMode } from '../domain/plan.ts';
import { hedgedElsewhere } from '../engine/decide-pairs.ts';
import type { EngineState } from '../engine/state.ts';
import type { SimEvent } from './api.ts';
import type { MarketFault } from './faults.ts';
import type { ExogenousMarket } from './market-api.ts';

export const workNames = [
  'entry taker-taker',
  'entry maker-taker',
  'entry sliced',
  'exit taker-taker',
  'exit maker-taker',
  'exit sliced',
  'maker posted',
  'maker reposted',
  'maker filled in part',
  'maker followed',
  'maker fell back',
  'slices ended early',
  'slice sent',
  'cancel repeated',
  'resting at a stop',
  'resting at a crash',
  'rebalanced',
  'entry waits',
  'better use',
  'roll begun',
  'roll part',
  'rolled',
  'roll given up',
  'routed elsewhere',
  'worst case bounded',
  'hedged elsewhere',
] as const;

export type WorkName = (typeof workNames)[number];

/** Which property of the market an event shows; null = none. */
export function marketFaultOf(event: SimEvent, market: ExogenousMarket): MarketFault | null {
  if (event.kind === 'interval-change') return 'interval-flip';
  if (event.kind !== 'funding-payment') return null;
  const { instrument, settledAtMs, rate } = event.payment;
  const shown = market.fundingEstimate(instrument, settledAtMs - 1);
  return shown === rate ? null : 'funding-surprise';
}

/** What a record shows, after it was folded. */
export function workOf(state: EngineState, record: JournalRecord): readonly WorkName[] {
  if ('input' in record) return workOfInput(state, record.input);
  const { effect } = record;
  switch (effect.kind) {
    case 'pair-created':
      return workOfEntry(effect);
    case 'pair-moved':
      if (effect.reason.startsWith(hedgedElsewhere)) return ['hedged elsewhere'];
      if (effect.phase === 'rolling') return ['roll begun'];
      if (effect.reason === 'rolled') return ['rolled'];
      if (effect.reason === 'roll given up') return ['roll given up'];
      if (effect.reason === 'better-use') return ['better use', `exit ${modeOf(effect)}`];
      if (effect.phase === 'closing') return [`exit ${modeOf(effect)}`];
      return effect.phase === 'rebalancing' ? ['rebalanced'] : [];
    case 'pair-planned':
      return [effect.plan.from === 'sliced' ? 'slices ended early' : 'maker fell back'];
    case 'entry-waits':
      return ['entry waits'];
    case 'cancel-order':
      return (state.orders.get(effect.clientOrderId)?.cancelsSent ?? 0) > 1
        ? ['cancel repeated']
        : [];
    case 'place-order':
      return workOfOrder(state, effect.order);
    default:
      return [];
  }
}

function modeOf({ plan }: PairMoved): ExecutionMode {
  return plan?.mode ?? 'taker-taker';
}

function workOfEntry({ plan }: PairCreated): readonly WorkName[] {
  const isRouted = plan?.routes.some((route) => route.includes('instead of')) ?? false;
  const entry: WorkName = `entry ${plan?.mode ?? 'taker-taker'}`;
  return isRouted ? [entry, 'routed elsewhere'] : [entry];
}

function workOfInput(state: EngineState, input: EngineInput): readonly WorkName[] {
  if (input.kind === 'fill') {
    const known = input.clientOrderId === null ? undefined : state.orders.get(input.clientOrderId);
    const isPart = known !== undefined && known.filledQty < known.order.qty;
    return isPart && rests(known.order) ? ['maker filled in part'] : [];
  }
  const stops = input.kind === 'operator' && input.command !== 'resume';
  if (!stops && input.kind !== 'booted') return [];
  const isResting = [...state.orders.values()].some(
    ({ order, status }) => rests(order) && !isTerminal(status),
  );
  if (!isResting) return [];
  return [stops ? 'resting at a stop' : 'resting at a crash'];
}

function workOfOrder(state: EngineState, order: ApprovedOrder): readonly WorkName[] {
  const pair = order.pairId === null ? undefined : state.pairs.get(order.pairId);
  if (pair === undefined) return [];
  const leg = legOn(pair, order.instrument);
  if (rests(order)) {
    return (leg?.attempts ?? 0) > 1 ? ['maker posted', 'maker reposted'] : ['maker posted'];
  }
  if (order.purpose === 'roll') return ['roll part'];
  if (isBounding(state, pair, order)) return ['worst case bounded'];
  const adds = order.purpose === 'entry' || order.purpose === 'exit';
  if (pair.plan.mode === 'sliced' && adds) return ['slice sent'];
  const follows = pair.plan.mode === 'maker-taker' && leg?.name !== pair.plan.makerLeg;
  return follows ? ['maker followed'] : [];
}

/** It cuts or hedges while another order of its pair is unanswered. */
function isBounding(state: EngineState, pair: Pair, order: ApprovedOrder): boolean {
  if (order.purpose !== 'hedge' && order.purpose !== 'unwind') return false;
  return legsOf(pair).some(({ workingOrderId }) => {
    if (workingOrderId === null || workingOrderId === order.clientOrderId) return false;
    const other = state.orders.get(workingOrderId);
    return other !== undefined && other.status !== 'open' && !isSettled(other);
  });
}
