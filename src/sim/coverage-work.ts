// How often every way of execution, and every turn that it can take, was really met.
import type { EngineInput, JournalRecord } from '../domain/event.ts';
import { type ApprovedOrder, isTerminal, rests } from '../domain/order.ts';
import { legOn } from '../domain/pair.ts';
import type { EngineState } from '../engine/state.ts';

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
] as const;

export type WorkName = (typeof workNames)[number];

/** What a record shows, after it was folded. */
export function workOf(state: EngineState, record: JournalRecord): readonly WorkName[] {
  if ('input' in record) return workOfInput(state, record.input);
  const { effect } = record;
  switch (effect.kind) {
    case 'pair-created':
      return [`entry ${effect.plan?.mode ?? 'taker-taker'}`];
    case 'pair-moved':
      if (effect.phase === 'closing') return [`exit ${effect.plan?.mode ?? 'taker-taker'}`];
      return effect.phase === 'rebalancing' ? ['rebalanced'] : [];
    case 'pair-planned':
      return [effect.plan.from === 'sliced' ? 'slices ended early' : 'maker fell back'];
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
  const adds = order.purpose === 'entry' || order.purpose === 'exit';
  if (pair.plan.mode === 'sliced' && adds) return ['slice sent'];
  const follows = pair.plan.mode === 'maker-taker' && leg?.name !== pair.plan.makerLeg;
  return follows ? ['maker followed'] : [];
}
