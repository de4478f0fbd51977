// Which venue each leg of an entry goes to, among those that offer the same thing: the quotes of
// the others stand in the same record as the view. What is chosen must be a pair of the strategy,
// and pass its entry again.
import type { Decimal } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { LegName } from '../domain/pair.ts';
import type { LegView, PairKey, PairView } from '../domain/view.ts';
import { type RouteCandidate, routeLeg } from '../execution/route.ts';
import { expectedRateSum } from '../strategy/forecast.ts';
import type { Strategy } from '../strategy/registry.ts';
import type { PlanSubject } from './decide-plan.ts';
import type { Decision } from './decision.ts';
import { livePairsOf } from './live.ts';
import { unownedQty } from './orphans.ts';
import type { ActiveStrategy } from './policy.ts';
import { type EngineState, emptyVenueState, isReady } from './state.ts';

export interface Routed extends PlanSubject {
  /** Why these venues and not others; empty = there was nothing to choose. */
  readonly routes: readonly string[];
}

export function routeEntry(
  decision: Decision,
  subject: PlanSubject,
  entry: { readonly active: ActiveStrategy; readonly qty: Decimal },
): Routed {
  let routed: Routed = { ...subject, routes: [] };
  for (const name of ['long', 'short'] as const) {
    const others = othersOf(decision, routed, name).filter((view) =>
      isOffered(decision.state, entry.active, replaced(routed.view, name, view)),
    );
    if (others.length === 0) continue;
    const own = name === 'long' ? routed.view.longLeg : routed.view.shortLeg;
    const candidates = [own, ...others].map((view) => candidateOf(decision, routed, name, view));
    const side = name === 'long' ? 'buy' : 'sell';
    const order = { side, qty: entry.qty } as const;
    const { chosen, reasons } = routeLeg(candidates, order, decision.policy.execution);
    const routes = [...routed.routes, ...reasons.map((reason) => `${name}: ${reason}`)];
    routed = { ...routed, routes };
    if (chosen === null || chosen.view === own) continue;
    const view = replaced(routed.view, name, chosen.view);
    routed = { ...routed, view, [name]: chosen.instrument };
  }
  return routed;
}

/** Quotes in the record of instruments that could take the leg's place and are free. */
function othersOf(
  { state, legs }: Decision,
  { view, long, short }: Routed,
  name: LegName,
): readonly LegView[] {
  const own = name === 'long' ? long : short;
  return legs.filter(({ instrument: id }) => {
    const other = state.instruments.get(id);
    if (other === undefined || id === view.long || id === view.short) return false;
    return isSameThing(own, other) && isFree(state, other);
  });
}

export function isSameThing(a: Instrument, b: Instrument): boolean {
  return a.base === b.base && a.quote === b.quote && a.kind === b.kind && a.id !== b.id;
}

function isFree(state: EngineState, { id, kind }: Instrument): boolean {
  if (livePairsOf(state).legsOf.has(id) || state.orphans.has(id)) return false;
  return kind === 'spot' || unownedQty(state, id) === 0n;
}

function isOffered(state: EngineState, { strategy }: ActiveStrategy, view: PairView): boolean {
  const long = state.instruments.get(view.long);
  const short = state.instruments.get(view.short);
  if (long === undefined || short === undefined) return false;
  const known = offeredWith(strategy, long);
  let offered = known.get(short);
  if (offered === undefined) {
    const isKey = (key: PairKey): boolean => key.long === view.long && key.short === view.short;
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

function candidateOf(
  { state }: Decision,
  { view, long, short, params }: Routed,
  name: LegName,
  leg: LegView,
): RouteCandidate {
  const instrument = state.instruments.get(leg.instrument) ?? (name === 'long' ? long : short);
  const { funding } = leg;
  const untilMs = view.tsMs + params.horizonMs;
  const rates = { instrument: leg.instrument, funding, fromMs: view.tsMs, untilMs, params };
  const paid = expectedRateSum(rates);
  const venue = state.venues.get(leg.venue) ?? emptyVenueState();
  return {
    instrument,
    view: leg,
    carry: name === 'long' ? -paid : paid,
    health: {
      venue: leg.venue,
      ready: isReady(venue) && venue.restUp,
      restrictedBy: venue.restrictedBy,
      ordersLastSecond: venue.recentSends.filter((at) => state.wallMs - at < 1_000).length,
      latencyMs: venue.latencyMs,
    },
  };
}

function replaced(view: PairView, name: LegName, leg: LegView): PairView {
  return name === 'long'
    ? { ...view, long: leg.instrument, longLeg: leg }
    : { ...view, short: leg.instrument, shortLeg: leg };
}
