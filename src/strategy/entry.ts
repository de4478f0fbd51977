// Whether to open: only on known and fresh data, away from settlements, and when the net edge on
// capital after all four fees and slippage reaches the threshold. Never opens on a guess.
import { type Decimal, fromNumber, toNumber } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import { isQuoted, limitBeyond } from '../domain/executable.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { PairUnits } from '../domain/pair.ts';
import type {
  EdgeBreakdown,
  EntryDecision,
  LegView,
  NoEntryCode,
  OpenIntent,
  PairView,
} from '../domain/view.ts';
import { sizeCoinPair } from './coin-sizing.ts';
import { capacityUsd, edgeOf, edgeTermsOf, pairPrices } from './costs.ts';
import { fundingGap, inSettlementGuard, isFresh } from './market-state.ts';
import type { StrategyContext } from './registry.ts';
import { sizePair, spotBuyQty } from './sizing.ts';

export function carryEntry(view: PairView, context: StrategyContext): EntryDecision {
  const { params, long } = context;
  const refused = refusal(view, context);
  if (refused !== null) return none(refused, null);
  const sizing = sizeOf(view, context);
  if (!sizing.ok) return none(sizing.code, null);
  const qty = toNumber(sizing.qty);
  const edge = edgeOf(view, qty, params);
  if (!(edge.netOnCapital >= params.netEdgeMin)) return none('edge-below-threshold', edge);
  const { openLong, openLongWorst, openShort, openShortWorst } = pairPrices(view, qty, params);
  const { limitSlack } = params;
  const intent: OpenIntent = {
    kind: 'open',
    key: { strategy: view.strategy, long: view.long, short: view.short },
    qty: sizing.qty,
    qtyFull: sizing.full,
    longQty: spotQty(long, view.longLeg, sizing.qty),
    longLimit: limitBeyond({ side: 'buy', vwap: openLong, worst: openLongWorst, limitSlack }),
    shortLimit: limitBeyond({ side: 'sell', vwap: openShort, worst: openShortWorst, limitSlack }),
    edge,
  };
  const { units } = sizing;
  return { ok: true, intent: units === undefined ? intent : { ...intent, units } };
}

/**
 * The net edge on capital that `carryEntry` would open at; null = it would not. For looks that only
 * compare: when it breaks even and how much depth there is are nobody's question then.
 */
export function carryWorth(view: PairView, context: StrategyContext): number | null {
  const { params } = context;
  if (refusal(view, context) !== null) return null;
  const sizing = sizeOf(view, context);
  if (!sizing.ok) return null;
  const prices = pairPrices(view, toNumber(sizing.qty), params);
  const { netOnCapital } = edgeTermsOf(view, prices, params);
  return netOnCapital >= params.netEdgeMin ? netOnCapital : null;
}

function none(code: NoEntryCode, edge: EdgeBreakdown | null): EntryDecision {
  return { ok: false, code, edge };
}

/** What forbids an entry whatever the edge; null = nothing. */
function refusal(view: PairView, { long, short, params }: StrategyContext): NoEntryCode | null {
  if (short.kind === 'spot') return 'needs-borrow';
  if (!isTradable(long) || !isTradable(short)) return 'not-trading';
  const { longLeg, shortLeg, tsMs } = view;
  if (!isQuoted(longLeg) || !isQuoted(shortLeg)) return 'quote-unknown';
  const gap = fundingGap(longLeg) ?? fundingGap(shortLeg);
  if (gap !== null) return gap;
  if (!isFresh(longLeg, params) || !isFresh(shortLeg, params)) return 'stale';
  if (isRatePast(longLeg, tsMs) || isRatePast(shortLeg, tsMs)) return 'stale';
  return inSettlementGuard(view, params) ? 'settlement-window' : null;
}

/** The settlement that the rate was for has passed: the next one's rate is not known yet. */
function isRatePast({ funding }: LegView, tsMs: number): boolean {
  return funding !== null && funding.settlesAtMs <= tsMs;
}

function isTradable({ status, tickSize, lotSize }: Instrument): boolean {
  return status === 'trading' && tickSize !== null && lotSize !== null;
}

function sizeOf(
  view: PairView,
  context: StrategyContext,
):
  | {
      readonly ok: true;
      readonly qty: Decimal;
      readonly full: Decimal;
      readonly units?: PairUnits | undefined;
    }
  | { readonly ok: false; readonly code: NoEntryCode } {
  const { long, short, params } = context;
  const { notionalUsd, notionalUsdMin } = params;
  if (isInverse(long) || isInverse(short)) return coinSizeOf(view, context);
  const prices = { longPrice: view.longLeg.ask, shortPrice: view.shortLeg.bid };
  const wanted = sizePair({ long, short, ...prices, notionalUsd, notionalUsdMin });
  if (!wanted.ok) return wanted;
  const capacity = capacityUsd(view, params, notionalUsd);
  const full = wanted.qty;
  if (capacity >= notionalUsd) return { ok: true, qty: full, full };
  const fitted = sizePair({ long, short, ...prices, notionalUsd: capacity, notionalUsdMin });
  return fitted.ok ? { ok: true, qty: fitted.qty, full } : { ok: false, code: 'no-capacity' };
}

/** One order per leg: contracts and base units have no slices in common. */
function coinSizeOf(view: PairView, { long, short, params }: StrategyContext) {
  const capacity = capacityUsd(view, params, params.notionalUsd);
  const prices = { longPrice: view.longLeg.ask, shortPrice: view.shortLeg.bid };
  const notionalUsd = Math.min(params.notionalUsd, capacity);
  const { notionalUsdMin } = params;
  const sized = sizeCoinPair({ long, short, ...prices, notionalUsd, notionalUsdMin });
  if (sized.ok) return { ...sized, full: sized.qty };
  const isShallow = capacity < params.notionalUsd && sized.code === 'too-small';
  return { ok: false, code: isShallow ? 'no-capacity' : sized.code } as const;
}

/** Venues take the fee of a spot buy in the asset that was bought: order that much more. */
function spotQty(instrument: Instrument, leg: LegView, qty: Decimal): Decimal | null {
  if (instrument.kind !== 'spot' || instrument.lotSize === null) return null;
  const feeRate = fromNumber(Math.max(0, leg.feeRateTaker));
  return spotBuyQty({ qty, feeRate, lotSize: instrument.lotSize });
}
