// The plan of an entry or an exit: what the market and the strategy's figures say about urgency,
// put to execution/plan.ts, which chooses the way.
import type { Decimal } from '../base/decimal.ts';
import { toNumber, zero } from '../base/decimal.ts';
import { baseQtyAt, isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type { LegName } from '../domain/pair.ts';
import type { ExecutionPlan } from '../domain/plan.ts';
import type { LegView, OpenIntent, PairView } from '../domain/view.ts';
import { touchBasis } from '../execution/pair-context.ts';
import { choosePlan, type PlanLeg } from '../execution/plan.ts';
import type { ExecutionPolicy } from '../execution/policy.ts';
import { nextStair, pairPrices } from '../strategy/costs.ts';
import type { StrategyParams } from '../strategy/params.ts';
import { commonLot } from '../strategy/sizing.ts';
import type { Decision } from './decision.ts';

/** How far ahead the next settlement is looked for. */
const settlementsWithinMs = 86_400_000;

/** What a plan is made with, beside the market. */
export interface PlanBasis {
  readonly execution: ExecutionPolicy;
  readonly wallMs: number;
  /** Null = not known. */
  readonly feeRateMaker: (instrument: InstrumentId) => number | null;
}

export function planBasisOf({ state, policy }: Pick<Decision, 'state' | 'policy'>): PlanBasis {
  return {
    execution: policy.execution,
    wallMs: state.wallMs,
    feeRateMaker: (id) => state.feeRates.get(id)?.maker ?? null,
  };
}

export interface PlanSubject {
  readonly view: PairView;
  readonly long: Instrument;
  readonly short: Instrument;
  readonly params: StrategyParams;
}

export function planEntry(
  basis: PlanBasis,
  subject: PlanSubject,
  wanted: {
    readonly intent: Pick<OpenIntent, 'edge' | 'qty' | 'qtyFull'>;
    readonly routes: readonly string[];
  },
): { readonly plan: ExecutionPlan; readonly qty: Decimal } {
  const { view, params } = subject;
  const { intent, routes } = wanted;
  const { edge, qty } = intent;
  const prices = pairPrices(view, toNumber(qty), params);
  // What the entry has beyond its threshold may be lost to prices before it is not worth it.
  const spare = edge.netOnCapital > 0 ? edge.net * (1 - params.netEdgeMin / edge.netOnCapital) : 0;
  const touch = touchBasis(view.shortLeg, view.longLeg);
  const legs = legsOf(basis, subject);
  return choosePlan(
    {
      direction: 'open',
      long: legs.long,
      short: legs.short,
      qty,
      qtyFull: intent.qtyFull ?? qty,
      lot: commonLot(subject.long, subject.short) ?? qty,
      edgeNet: edge.net,
      fleeting: edge.basis - (prices.basisOpen - prices.basisMid),
      settlement: nextSettlement(view, params, 1),
      urgent: false,
      basisMin: touch === null ? null : touch - Math.max(0, spare),
      wallMs: basis.wallMs,
      routes,
    },
    basis.execution,
  );
}

/** `urgent`: somebody or something waits for the exit. */
export function planExit(
  basis: PlanBasis,
  subject: PlanSubject,
  exit: { readonly qty: Decimal; readonly urgent: boolean },
): ExecutionPlan {
  const { view, params } = subject;
  const legs = legsOf(basis, subject);
  const { plan } = choosePlan(
    {
      direction: 'close',
      long: legs.long,
      short: legs.short,
      qty: exit.qty,
      qtyFull: exit.qty,
      lot: commonLot(subject.long, subject.short) ?? exit.qty,
      edgeNet: 0,
      fleeting: 0,
      settlement: nextSettlement(view, params, -1),
      urgent: exit.urgent,
      basisMin: null,
      wallMs: basis.wallMs,
      routes: [],
    },
    basis.execution,
  );
  return plan;
}

/** `held`: +1 = what holding the pair receives then, -1 = what it costs. */
function nextSettlement(view: PairView, params: StrategyParams, held: 1 | -1) {
  const next = nextStair(view, settlementsWithinMs, params);
  return next === null ? null : { inMs: next.inMs, carry: held * next.carry };
}

function legsOf(
  { feeRateMaker }: PlanBasis,
  { view, long, short }: PlanSubject,
): { readonly long: PlanLeg; readonly short: PlanLeg } {
  const finer = finerLeg(view, long, short);
  const legOf = (name: LegName, leg: LegView): PlanLeg => ({
    view: leg,
    feeRateMaker: feeRateMaker(leg.instrument),
    keptFromResting: name === finer ? 'the coarser grid could not follow its fills' : undefined,
  });
  return { long: legOf('long', view.longLeg), short: legOf('short', view.shortLeg) };
}

/** Beside an inverse leg, whose grid has no lot in common with another one; else null. */
function finerLeg(view: PairView, long: Instrument, short: Instrument): LegName | null {
  if (!isInverse(long) && !isInverse(short)) return null;
  const { bid } = view.longLeg;
  const [ofLong = 0, ofShort = 0] = [long, short].map((of) =>
    baseQtyAt(of, toNumber(of.lotSize ?? zero), bid),
  );
  if (ofLong === ofShort) return null;
  return ofLong < ofShort ? 'long' : 'short';
}
