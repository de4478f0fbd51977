// Which venue a leg goes to, among those that offer the same thing: each leg of an entry, and the
// lacking leg of a pair whose own venues cannot take a hedge. The quotes of the others stand in the
// same record. What is chosen must be a pair of the strategy; an entry passes its entry again.
import type { Decimal } from '../base/decimal.ts';
import type { Instrument, InstrumentId, VenueId } from '../domain/instrument.ts';
import type { OrderDraft, Side } from '../domain/order.ts';
import type { LegName, Pair } from '../domain/pair.ts';
import type { LegView, PairKey, PairView } from '../domain/view.ts';
import { quantizeLimit } from '../execution/quantize.ts';
import {
  type Route,
  type RouteCandidate,
  reasonsOf,
  routeLeg,
  type VenueHealth,
} from '../execution/route.ts';
import { expectedRateSum } from '../strategy/forecast.ts';
import type { StrategyParams } from '../strategy/params.ts';
import type { Strategy } from '../strategy/registry.ts';
import type { PlanSubject } from './decide-plan.ts';
import { type Decision, shareThatFits } from './decision.ts';
import { livePairsOf } from './live.ts';
import { unownedQty } from './orphans.ts';
import type { ActiveStrategy } from './policy.ts';
import { type EngineState, emptyVenueState, isReady, sendsWithin } from './state.ts';

export interface Routed extends PlanSubject {
  /** Why these venues and not others; empty = there was nothing to choose. */
  readonly told: readonly ToldRoute[];
}

interface ToldRoute {
  readonly name: LegName;
  readonly route: Route;
}

/** One sentence per venue that was compared. */
export function routesOf(told: readonly ToldRoute[]): readonly string[] {
  return told.flatMap(({ name, route }) => reasonsOf(route).map((reason) => `${name}: ${reason}`));
}

export function routeEntry(
  decision: Decision,
  subject: PlanSubject,
  entry: { readonly active: ActiveStrategy; readonly qty: Decimal },
): Routed {
  const told: ToldRoute[] = [];
  let routed = subject;
  for (const name of legNames) {
    const others = othersOf(decision, routed, { name, active: entry.active });
    if (others.length === 0) continue;
    const { params, view } = routed;
    const own = name === 'long' ? view.longLeg : view.shortLeg;
    const { qty } = entry;
    const candidates: RouteCandidate[] = [];
    const asked = { name, params, qty, tsMs: view.tsMs };
    addCandidate(candidates, decision, own, asked);
    for (const leg of others) addCandidate(candidates, decision, leg, asked);
    const order = { side: sideOf(name), qty, purpose: 'entry' } as const;
    const route = routeLeg(candidates, order, decision.policy.execution);
    told.push({ name, route });
    const { chosen } = route;
    if (chosen === null || chosen.view === own) continue;
    routed = { ...routed, view: replaced(view, name, chosen.view), [name]: chosen.instrument };
  }
  const { view, long, short, params } = routed;
  return { view, long, short, params, told };
}

const legNames = ['long', 'short'] as const;

/**
 * Where the lacking leg of a pair can be opened instead of at its own venue, which cannot act. What
 * the lots of a venue leave over is no hindrance: less than all is hedged there.
 */
export function routeHedge(
  decision: Decision,
  pair: Pair,
  wish: { readonly leg: LegName; readonly qty: Decimal },
): Route {
  const { state, policy, legs } = decision;
  const active = policy.strategies.find(({ strategy }) => strategy.name === pair.strategy);
  const own = state.instruments.get(pair[wish.leg].instrument);
  if (active === undefined || own === undefined) return { chosen: null, judged: [] };
  const kept = pair[wish.leg === 'long' ? 'short' : 'long'].instrument;
  const asked = { name: wish.leg, qty: wish.qty, params: active.params, tsMs: state.tsMs };
  const candidates: RouteCandidate[] = [];
  for (const leg of legs) {
    const { instrument: id } = leg;
    if (!mayReplace(state, own, id)) continue;
    const key = wish.leg === 'long' ? { long: id, short: kept } : { long: kept, short: id };
    if (isOffered(state, active, key)) addCandidate(candidates, decision, leg, asked);
  }
  const order = { side: sideOf(wish.leg), qty: wish.qty, purpose: 'hedge' } as const;
  return routeLeg(candidates, order, policy.execution);
}

/** Quotes in the record of instruments that could take the leg's place and are free. */
function othersOf(
  { state, legs }: Decision,
  { view, long, short }: PlanSubject,
  { name, active }: { readonly name: LegName; readonly active: ActiveStrategy },
): readonly LegView[] {
  const own = name === 'long' ? long : short;
  const others: LegView[] = [];
  for (const leg of legs) {
    const { instrument: id } = leg;
    if (id === view.long || id === view.short || !mayReplace(state, own, id)) continue;
    const key = name === 'long' ? { long: id, short: view.short } : { long: view.long, short: id };
    if (isOffered(state, active, key)) others.push(leg);
  }
  return others;
}

/** The same thing at another venue, and nobody holds it. */
function mayReplace(state: EngineState, own: Instrument, id: InstrumentId): boolean {
  const other = state.instruments.get(id);
  return other !== undefined && isSameThing(own, other) && isFree(state, other);
}

function isSameThing(a: Instrument, b: Instrument): boolean {
  return a.base === b.base && a.quote === b.quote && a.kind === b.kind && a.id !== b.id;
}

function isFree(state: EngineState, { id, kind }: Instrument): boolean {
  if (livePairsOf(state).legsOf.has(id) || state.orphans.has(id)) return false;
  return kind === 'spot' || unownedQty(state, id) === 0n;
}

function isOffered(
  state: EngineState,
  { strategy }: ActiveStrategy,
  legs: { readonly long: InstrumentId; readonly short: InstrumentId },
): boolean {
  const long = state.instruments.get(legs.long);
  const short = state.instruments.get(legs.short);
  if (long === undefined || short === undefined) return false;
  const known = offeredWith(strategy, long);
  let offered = known.get(short);
  if (offered === undefined) {
    const isKey = (key: PairKey): boolean => key.long === legs.long && key.short === legs.short;
    offered = strategy.pairs([long, short]).some(isKey);
    known.set(short, offered);
  }
  return offered;
}

/** By strategy and both listings: a listing is replaced, never changed. */
const offers = new WeakMap<Strategy, WeakMap<Instrument, WeakMap<Instrument, boolean>>>();

function offeredWith(strategy: Strategy, long: Instrument): WeakMap<Instrument, boolean> {
  let ofStrategy = offers.get(strategy);
  if (ofStrategy === undefined) {
    ofStrategy = new WeakMap();
    offers.set(strategy, ofStrategy);
  }
  let ofLong = ofStrategy.get(long);
  if (ofLong === undefined) {
    ofLong = new WeakMap();
    ofStrategy.set(long, ofLong);
  }
  return ofLong;
}

/** What is asked of a venue for a leg. */
interface Asked {
  readonly name: LegName;
  readonly qty: Decimal;
  readonly params: StrategyParams;
  readonly tsMs: number;
}

/** None for an instrument that is not known. */
function addCandidate(
  candidates: RouteCandidate[],
  decision: Decision,
  view: LegView,
  asked: Asked,
): void {
  const { state } = decision;
  const { name, params, tsMs } = asked;
  const instrument = state.instruments.get(view.instrument);
  if (instrument === undefined) return;
  const { funding } = view;
  const untilMs = tsMs + params.horizonMs;
  const rates = { instrument: view.instrument, funding, fromMs: tsMs, untilMs, params };
  const paid = expectedRateSum(rates);
  const carry = name === 'long' ? -paid : paid;
  const marginShare = marginShareOf(decision, instrument, view, asked);
  candidates.push({ instrument, view, carry, marginShare, health: healthOf(state, view.venue) });
}

/** 1 where a figure is missing: risk denies an order for that by name. */
function marginShareOf(
  decision: Decision,
  instrument: Instrument,
  leg: LegView,
  { name, qty }: Asked,
): number {
  const side = sideOf(name);
  const touch = side === 'buy' ? leg.ask : leg.bid;
  const order: OrderDraft = {
    clientOrderId: '',
    venue: instrument.venue,
    instrument: instrument.id,
    side,
    qty,
    limit: quantizeLimit(instrument, side, touch),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: touch,
  };
  return shareThatFits(decision, [order]);
}

function healthOf(state: EngineState, id: VenueId): VenueHealth {
  const venue = state.venues.get(id) ?? emptyVenueState();
  return {
    venue: id,
    ready: isReady(venue) && venue.restUp,
    restrictedBy: venue.restrictedBy,
    ordersLastSecond: sendsWithin(venue.recentSends, state.wallMs),
    latencyMs: venue.latencyMs,
    orderHeadroom: venue.orderHeadroom,
  };
}

function sideOf(name: LegName): Side {
  return name === 'long' ? 'buy' : 'sell';
}

function replaced(view: PairView, name: LegName, leg: LegView): PairView {
  return name === 'long'
    ? { ...view, long: leg.instrument, longLeg: leg }
    : { ...view, short: leg.instrument, shortLeg: leg };
}
