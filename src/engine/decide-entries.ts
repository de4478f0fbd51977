// Entering and leaving pairs: the strategy's opinion on a journaled view, then quantize, filters,
// risk.
import { type Decimal, fromNumber, minOf, roundToStep, times, zero } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { OrderDraft } from '../domain/order.ts';
import type { ExecutionPlan } from '../domain/plan.ts';
import type { HeldPair, LegView, OpenIntent, PairView } from '../domain/view.ts';
import { ownQtyOf } from '../execution/pair-units.ts';
import { checkFilters, quantizeBuy, quantizeLimit, quantizeQty } from '../execution/quantize.ts';
import { commonLot } from '../strategy/sizing.ts';
import { controlPair, pairTimer } from './decide-pairs.ts';
import { type PlanSubject, planBasisOf, planEntry, planExit } from './decide-plan.ts';
import { type Routed, routeEntry, routesOf } from './decide-route.ts';
import { alternativeFor, considerHeld, noteWaiting } from './decide-switch.ts';
import {
  type Decision,
  mayEver,
  nextOrderId,
  send,
  setTimer,
  shareThatFits,
  submit,
  takeBack,
} from './decision.ts';
import { nearLiquidation } from './liquidation.ts';
import { heldQtyOf, type LivePair } from './live.ts';
import type { ActiveStrategy } from './policy.ts';
import { isReady, keyOf } from './state.ts';

export function decideEntry(decision: Decision, view: PairView): void {
  const { state } = decision;
  const { legsOf } = decision.live;
  const isHeld = legsOf.has(view.long) || legsOf.has(view.short);
  if (!mayOpen(decision, view)) return;
  const active = strategyOf(decision, view.strategy);
  if (isHeld) {
    if (active !== null) considerHeld(decision, view, active);
    return;
  }
  const long = state.instruments.get(view.long);
  const short = state.instruments.get(view.short);
  if (active === null || long === undefined || short === undefined) return;
  if (isCoolingDown(decision, view)) return;
  const context = { long, short, params: active.params };
  const entry = active.strategy.entry(view, context);
  if (!entry.ok) return;
  const subject = { view, long, short, params: active.params };
  // Contracts of another face, or at another price, are another quantity: such a leg stays.
  if (entry.intent.units !== undefined) {
    return openPair(decision, openingOf(subject, entry.intent, []));
  }
  const routed = routeEntry(decision, subject, { active, qty: entry.intent.qty });
  const again = routed.view === view ? entry : active.strategy.entry(routed.view, routed);
  const { intent } = again.ok ? again : entry;
  const chosen = again.ok ? routed : subject;
  openPair(decision, openingOf(chosen, intent, routed.told));
}

function isCoolingDown({ state, policy }: Decision, view: PairView): boolean {
  if (state.cooldowns.size === 0) return false;
  const cooledAt = state.cooldowns.get(keyOf(view));
  return cooledAt !== undefined && state.wallMs - cooledAt < policy.entryCooldownMs;
}

/**
 * Opens only when running, on ready venues, with instruments that no live pair uses and of which
 * nobody holds a position by hand.
 */
function mayOpen(decision: Decision, view: PairView): boolean {
  const { state } = decision;
  if (state.mode !== 'running' || state.windingDown || state.flattening) return false;
  if (state.fromVenuesAlone) return false;
  return mayTouch(decision, view.longLeg) && mayTouch(decision, view.shortLeg);
}

function mayTouch({ state, live }: Decision, { venue: id, instrument, kind }: LegView): boolean {
  const venue = state.venues.get(id);
  if (venue === undefined || !isReady(venue)) return false;
  if (live.legsOf.has(instrument)) return true; // a pair's own: it may make way
  if (state.orphans.has(instrument)) return false;
  // No pair owns anything of it.
  return kind === 'spot' || (state.positions.get(instrument)?.qty ?? zero) === zero;
}

interface Opening extends PlanSubject {
  readonly intent: OpenIntent;
  readonly told: Routed['told'];
}

function openingOf(
  { view, long, short, params }: PlanSubject,
  intent: OpenIntent,
  told: Opening['told'],
): Opening {
  return { view, long, short, params, intent, told };
}

/**
 * Taken at once, both orders leave now. Else the whole is judged now, and the pair's own timer, at
 * once, sends the first part.
 */
function openPair(decision: Decision, opening: Opening): void {
  const { state, effects } = decision;
  const { view } = opening;
  const pairId = `p${state.epoch}-${state.pairSerial + 1}`;
  const full = opening.intent.qtyFull ?? opening.intent.qty;
  let drafts = draftsOf(decision, opening, { pairId, intent: resized(opening, full) });
  const wanted = fitted(decision, opening, { full, drafts });
  const { plan, qty } = planEntry(planBasisOf(decision), opening, { intent: wanted, routes: [] });
  const intent = resized({ ...opening, intent: wanted }, qty);
  if (qty !== full) {
    takeBack(decision, drafts);
    drafts = draftsOf(decision, opening, { pairId, intent });
  }
  const label = keyOf(view);
  if (drafts.length < 2) {
    takeBack(decision, drafts);
    const message = 'a leg misses the venue filters';
    const denial = { code: 'position-limit' as const, message, limit: null, value: null };
    effects.push({ kind: 'intent-denied', pair: label, denials: [denial] });
    return;
  }
  const { pairTickMs } = decision.policy.execution;
  if (plan.mode === 'taker-taker') {
    const approved = submit(decision, drafts, label);
    if (approved === null) return tellWaiting(decision, opening);
    effects.push({ kind: 'pair-created', pairId, intent, plan: toldWith(plan, opening) });
    send(decision, approved);
    setTimer(decision, pairTimer(pairId), state.wallMs + pairTickMs);
  } else if (mayEver(decision, drafts, label)) {
    effects.push({ kind: 'pair-created', pairId, intent, plan: toldWith(plan, opening) });
    setTimer(decision, pairTimer(pairId), state.wallMs);
  } else tellWaiting(decision, opening);
}

/** With its routes: most entries are denied, and theirs are never told. */
function toldWith(plan: ExecutionPlan, { told }: Opening): ExecutionPlan {
  return { ...plan, routes: routesOf(told) };
}

/** The orders of both legs; a leg that misses the venue's filters has none. */
function draftsOf(
  decision: Decision,
  { view, long, short }: Opening,
  { pairId, intent }: { readonly pairId: string; readonly intent: OpenIntent },
): readonly OrderDraft[] {
  const buy = entryDraft(decision, { pairId, intent, instrument: long, leg: view.longLeg });
  const sell = entryDraft(decision, { pairId, intent, instrument: short, leg: view.shortLeg });
  if (buy !== null && sell !== null) return [buy, sell];
  return [buy, sell].filter((draft) => draft !== null);
}

/**
 * The intent at what the wallets and tiers carry of it. Where that is too little to be worth four
 * orders it stays as it is: risk then denies it by name. `drafts`: the orders of all of it.
 */
function fitted(
  decision: Decision,
  opening: Opening,
  { full, drafts }: { readonly full: Decimal; readonly drafts: readonly OrderDraft[] },
): OpenIntent {
  const { view, long, short, intent, params } = opening;
  const lot = commonLot(long, short);
  if (lot === null) return intent;
  const share = shareThatFits(decision, drafts);
  if (share >= 1) return intent;
  const most = roundToStep(times(full, fromNumber(share)), lot, 'down');
  const least = fromNumber(params.notionalUsdMin / view.longLeg.bid);
  if (most < least || most === zero) return intent;
  const qty = minOf(intent.qty, most);
  return { ...resized(opening, qty), qtyFull: minOf(full, most) };
}

/** Limits that closing another pair would make room under. */
const capitalLimits: ReadonlySet<string> = new Set([
  ...['pairs-limit', 'gross-exposure-limit', 'venue-exposure-limit', 'leverage-limit'],
]);

/** It was denied for want of capital alone: it waits. */
function tellWaiting(decision: Decision, { view, intent }: Opening): void {
  const denied = decision.effects.findLast((effect) => effect.kind === 'intent-denied');
  if (denied === undefined || !denied.denials.every(({ code }) => capitalLimits.has(code))) return;
  noteWaiting(decision, view, { netOnCapital: intent.edge.netOnCapital, blockedBy: [] });
}

/** The intent at the plan's quantity: slices carry more than the books do at once. */
function resized({ intent, long, view }: Opening, qty: Decimal): OpenIntent {
  if (qty === intent.qty) return intent;
  const { feeRateTaker: feeRate } = view.longLeg;
  const longQty = long.kind === 'spot' ? quantizeBuy(long, { side: 'buy', qty, feeRate }) : null;
  return { ...intent, qty, longQty };
}

function entryDraft(
  decision: Decision,
  {
    pairId,
    intent,
    instrument,
    leg,
  }: {
    readonly pairId: string;
    readonly intent: OpenIntent;
    readonly instrument: Instrument;
    readonly leg: LegView;
  },
): OrderDraft | null {
  const isLong = instrument.id === intent.key.long;
  const side = isLong ? 'buy' : 'sell';
  const limit = quantizeLimit(instrument, side, isLong ? intent.longLimit : intent.shortLimit);
  const { units } = intent;
  const wanted = isLong ? (intent.longQty ?? intent.qty) : intent.qty;
  const own = units === undefined ? wanted : ownQtyOf(wanted, isLong ? units.long : units.short);
  const qty = quantizeQty(instrument, own);
  if (limit === null || qty === null) return null;
  if (!checkFilters(instrument, { qty, price: limit, reduceOnly: false }).ok) return null;
  return {
    clientOrderId: nextOrderId(decision, isLong ? 'long' : 'short'),
    venue: instrument.venue,
    instrument: instrument.id,
    side,
    qty,
    limit,
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId,
    arrivalMid: (leg.bid + leg.ask) / 2,
  };
}

/** The exit rule over an open pair of this key. */
export function decideExit(decision: Decision, view: PairView): void {
  const { state } = decision;
  const { legsOf, withLegs } = decision.live;
  const held = legsOf.get(view.long);
  if (held === undefined) return;
  const active = strategyOf(decision, view.strategy);
  const long = state.instruments.get(view.long);
  const short = state.instruments.get(view.short);
  if (active === null || long === undefined || short === undefined) return;
  const { params } = active;
  const { liquidationDistanceMin } = decision.policy.limits;
  for (const { pair, at } of held) {
    if (pair.phase !== 'open' || pair.strategy !== view.strategy) continue;
    if (pair.long.instrument !== view.long || pair.short.instrument !== view.short) continue;
    const live = withLegs[at] as LivePair;
    const own = heldOf(live);
    const alternativeNetOnCapital = alternativeFor(decision, pair, params);
    const context = { long, short, params, alternativeNetOnCapital };
    // The marks record that found it near set this timer; whether it still is, is asked anew.
    const near =
      state.timers.has(live.liquidationTimer) &&
      nearLiquidation(state, pair, liquidationDistanceMin) !== null;
    if (!near && active.strategy.holds?.(view, own, context) === true) continue;
    const exit = near ? null : active.strategy.exit(view, own, context);
    if (exit !== null && !exit.exit) continue;
    const reason = exit === null ? 'risk' : exit.code;
    const urgent = reason === 'risk' || reason === 'delisting';
    const plan = planExit(
      planBasisOf(decision),
      { view, long, short, params },
      { qty: own.qty, urgent },
    );
    const phase = 'closing';
    decision.effects.push({ kind: 'pair-moved', pairId: pair.id, phase, reason, plan });
    controlPair(decision, pair, { phase, plan });
  }
}

function heldOf(live: LivePair): HeldPair {
  const { pair } = live;
  return {
    strategy: pair.strategy,
    long: pair.long.instrument,
    short: pair.short.instrument,
    pairId: pair.id,
    qty: heldQtyOf(live),
    entryBasis: pair.entryBasis,
    openedAtMs: pair.openedTsMs ?? pair.createdTsMs,
    fundingReceivedUsd: pair.fundingUsd,
  };
}

function strategyOf(decision: Decision, name: string): ActiveStrategy | null {
  for (const item of decision.policy.strategies) if (item.strategy.name === name) return item;
  return null;
}
