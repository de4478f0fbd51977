// Capital to a better use, slowly. An entry that would be made if its legs or the limits were free
// is noted as waiting; a pair is closed, or one of its legs moved, for one that has waited long
// enough, when the pair has been held long enough and the last such move is long enough ago. Each
// of the three, and the margin after all costs of the switch, keeps it from churning.
import { fromNumber, roundToStep, times, toNumber } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { LegName, Pair } from '../domain/pair.ts';
import { type ExecutionPlan, takerPlan } from '../domain/plan.ts';
import { type LegView, legOn, type PairView } from '../domain/view.ts';
import { touchBasis } from '../execution/pair-context.ts';
import type { StrategyParams } from '../strategy/params.ts';
import type { StrategyContext } from '../strategy/registry.ts';
import { commonLot } from '../strategy/sizing.ts';
import { pairTimer } from './decide-pairs.ts';
import { type Decision, setTimer } from './decision.ts';
import { waitingGapMs } from './evolve-waiting.ts';
import { heldQtyOf, type LiveLeg } from './live.ts';
import { unownedQty } from './orphans.ts';
import type { ActiveStrategy } from './policy.ts';
import { type EngineState, isReady, keyOf, type WaitingEntry } from './state.ts';
import { isLatest, type Waiting, waitingOf } from './waiting.ts';

/** A waiting entry is noted again after this long (wall), or when it changed by this share. */
const noteEveryMs = 5_000;
const noteShare = 0.2;

/** An entry of this view cannot be made because live pairs hold its legs. */
export function considerHeld(decision: Decision, view: PairView, active: ActiveStrategy): void {
  const { state } = decision;
  const holders = holdersOf(decision, view);
  const [only] = holders;
  if (only === undefined || isOwn(only, view)) return;
  const long = state.instruments.get(view.long);
  const short = state.instruments.get(view.short);
  if (long === undefined || short === undefined) return;
  const { params } = active;
  const netOnCapital = worthOf(active, view, { long, short, params });
  if (netOnCapital === null) return;
  noteWaiting(decision, view, { netOnCapital, blockedBy: holders.map(({ id }) => id) });
  if (holders.length === 1) considerRoll(decision, only, { view, active, long, short });
}

const noLegs: readonly LiveLeg[] = [];

/** The live pairs that hold a leg of the view, each once. */
function holdersOf({ live }: Decision, { long, short }: PairView): readonly Pair[] {
  const holders: Pair[] = [];
  for (const { pair } of live.legsOf.get(long) ?? noLegs) holders.push(pair);
  for (const { pair } of live.legsOf.get(short) ?? noLegs) {
    if (!holders.includes(pair)) holders.push(pair);
  }
  return holders;
}

/** Net edge on capital of the entry that the strategy would make; null = it would make none. */
function worthOf(
  { strategy }: ActiveStrategy,
  view: PairView,
  context: StrategyContext,
): number | null {
  if (strategy.worth !== undefined) return strategy.worth(view, context);
  const entry = strategy.entry(view, context);
  return entry.ok ? entry.intent.edge.netOnCapital : null;
}

/** `blockedBy`: the pairs that hold its legs; none = the limits do not let it. */
export function noteWaiting(
  { state, effects }: Decision,
  view: PairView,
  note: { readonly netOnCapital: number; readonly blockedBy: readonly string[] },
): void {
  const pair = keyOf(view);
  const known = state.waiting.get(pair);
  if (known !== undefined && state.wallMs - known.seenWallMs < noteEveryMs) {
    const change = Math.abs(note.netOnCapital - known.netOnCapital);
    if (change <= Math.abs(known.netOnCapital) * noteShare) return;
  }
  const { netOnCapital, blockedBy } = note;
  effects.push({ kind: 'entry-waits', pair, netOnCapital, blockedBy });
}

/**
 * Net edge on capital of the best entry that this pair keeps from being made; null = none that has
 * waited long enough. One that shares a leg with it in the same place is a matter of rolling.
 */
export function alternativeFor(
  { state }: Decision,
  pair: Pair,
  params: StrategyParams,
): number | null {
  if (!maySwitch(state, pair, params)) return null;
  let best: number | null = null;
  const notes = waitingOf(state);
  const fromWallMs = state.wallMs - waitingGapMs;
  for (let i = notes.length - 1; i >= 0; i--) {
    const note = notes[i] as Waiting;
    const { key, entry } = note;
    if (entry.seenWallMs < fromWallMs) break; // those before it are older
    if (best !== null && entry.netOnCapital <= best) continue;
    if (!hasWaited(state, entry, params) || !isBlockedBy(entry, pair)) continue;
    if (!isLatest(state, note)) continue;
    const [strategy, long, short] = key.split(' ');
    const shares = long === pair.long.instrument || short === pair.short.instrument;
    if (strategy === pair.strategy && shares) continue;
    best = entry.netOnCapital;
  }
  return best;
}

/** By no other pair. */
function isBlockedBy({ blockedBy }: WaitingEntry, { id }: Pair): boolean {
  for (let i = 0; i < blockedBy.length; i++) if (blockedBy[i] !== id) return false;
  return true;
}

function considerRoll(
  decision: Decision,
  pair: Pair,
  offer: {
    readonly view: PairView;
    readonly active: ActiveStrategy;
    readonly long: Instrument;
    readonly short: Instrument;
  },
): void {
  const { state, effects } = decision;
  const { view, active } = offer;
  const { params, strategy } = active;
  if (pair.phase !== 'open' || pair.strategy !== view.strategy) return;
  const leg: LegName | null =
    view.long === pair.long.instrument
      ? 'short'
      : view.short === pair.short.instrument
        ? 'long'
        : null;
  if (leg === null || strategy.roll === undefined) return;
  if (!maySwitch(state, pair, params)) return;
  const waiting = state.waiting.get(keyOf(view));
  if (waiting === undefined || !hasWaited(state, waiting, params)) return;
  const incoming = leg === 'long' ? offer.long : offer.short;
  if (!mayTake(decision, incoming)) return;
  const leaving = legOn(decision.legs, pair[leg].instrument);
  if (leaving === undefined) return;
  const held = heldView(view, pair, { leg, leaving });
  const live = decision.live.withLegs.find((item) => item.pair === pair);
  if (live === undefined) return;
  const qty = heldQtyOf(live);
  const decided = strategy.roll({ held, offered: view, leg }, toNumber(qty), params);
  if (!decided.roll) return;
  const arriving = leg === 'long' ? view.longLeg : view.shortLeg;
  const basis = leg === 'long' ? touchBasis(leaving, arriving) : touchBasis(arriving, leaving);
  if (basis === null) return;
  const share = times(qty, fromNumber(decision.policy.execution.rollShareMax));
  const lot = commonLot(offer.long, offer.short);
  const plan: ExecutionPlan = {
    ...takerPlan(''),
    mode: 'sliced',
    sliceQty: lot === null ? share : roundToStep(share, lot, 'down'),
    deadlineWallMs: state.wallMs + decision.policy.execution.rollMsMax,
    basisMin: basis - Math.max(0, decided.gain - params.betterUseMargin),
    cost: decided.swapCost,
    reason:
      `roll for ${bps(decided.gain)} more than staying, ` +
      `after ${bps(decided.swapCost)} for the swap`,
  };
  const reason = `better use: ${pair[leg].instrument} to ${incoming.id}`;
  const roll = { leg, to: incoming.id };
  effects.push({ kind: 'pair-moved', pairId: pair.id, phase: 'rolling', reason, plan, roll });
  setTimer(decision, pairTimer(pair.id), state.wallMs);
}

/** Held long enough, and not soon after the last move of capital. */
function maySwitch(
  state: EngineState,
  pair: Pair,
  { betterUseAgeMsMin, betterUseEveryMs }: StrategyParams,
): boolean {
  if (state.mode !== 'running' || state.windingDown || state.flattening) return false;
  const heldMs = state.tsMs - (pair.openedTsMs ?? state.tsMs);
  const sinceMs = state.wallMs - state.switchedWallMs;
  return heldMs >= betterUseAgeMsMin && (state.switchedWallMs === 0 || sinceMs >= betterUseEveryMs);
}

/** Seen for long enough without a pause, and still. */
function hasWaited(
  { wallMs }: EngineState,
  { seenWallMs, sinceWallMs }: WaitingEntry,
  { betterUseConfirmMs }: StrategyParams,
): boolean {
  return wallMs - seenWallMs <= waitingGapMs && seenWallMs - sinceWallMs >= betterUseConfirmMs;
}

/** Nobody holds it, and its venue may be opened on. */
function mayTake({ state, live }: Decision, { id, venue, kind }: Instrument): boolean {
  const known = state.venues.get(venue);
  if (known === undefined || !isReady(known) || state.orphans.has(id)) return false;
  if (live.legsOf.has(id) || state.storesDown.size > 0) return false;
  return kind === 'spot' || unownedQty(state, id) === 0n;
}

function isOwn(pair: Pair, view: PairView): boolean {
  return pair.long.instrument === view.long && pair.short.instrument === view.short;
}

/** The pair as it is held, at the time of the offer. */
function heldView(
  offered: PairView,
  pair: Pair,
  { leg, leaving }: { readonly leg: LegName; readonly leaving: LegView },
): PairView {
  const key = { long: pair.long.instrument, short: pair.short.instrument };
  return leg === 'long'
    ? { ...offered, ...key, longLeg: leaving }
    : { ...offered, ...key, shortLeg: leaving };
}

function bps(fraction: number): string {
  return `${(fraction * 1e4).toFixed(1)} bp`;
}
