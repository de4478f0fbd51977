// Facts about balances, funding, marks and whole-account snapshots.
import { minus, plus, toNumber, zero } from '../base/decimal.ts';
import { dayMs } from '../base/time.ts';
import type { MarksSeen, VenueSnapshot } from '../domain/event.ts';
import { balanceOf, cashAccount, postCash } from '../domain/ledger.ts';
import { legsOf, type Pair } from '../domain/pair.ts';
import type { BalanceEvent, FundingPaymentEvent } from '../domain/venue-event.ts';
import { addUnowned, revalueCollateral, revalueLeg, revalueUnowned } from './attribution.ts';
import { noteFundingBill } from './bills.ts';
import { bookCollateral, coinMarginOf, isCollateral } from './coins.ts';
import { bookFill, fillKey, foldOrder, remember } from './evolve-orders.ts';
import { watchDelta } from './evolve-pairs.ts';
import { baseQtyIn, marginOf, revalueLegOf, unitOf } from './leg-value.ts';
import { type LiveLeg, liveLegsOn, livePairsOf, qtyOf } from './live.ts';
import { noteResting } from './others.ts';
import { equityUsd, isDollar, pricingInstrument, usdPriceOf } from './portfolio.ts';
import { cashGapsOf, differencesOf } from './reconcile.ts';
import { type EngineState, reportPosition, type VenueState, venueOf } from './state.ts';

export function bookBalance(venue: VenueState, event: BalanceEvent): void {
  venue.reportedBalances.set(`${event.wallet}|${event.asset}`, event.total);
}

/** Cash from the venue's own bill, once per bill id. */
export function bookFunding(state: EngineState, event: FundingPaymentEvent): void {
  const key = paymentKey(event);
  if (state.paymentsSeen.has(key)) return;
  remember(state.paymentsSeen, key);
  const { venue, wallet, asset, amount } = event;
  postCash(state.ledger, { venue, wallet, asset, amount, cause: 'funding' });
  noteFundingBill(state, event);
  bookCollateral(state, event);
  const usd = toNumber(event.amount) * (usdPriceOf(state, event.asset, event.venue) ?? 0);
  state.attribution.fundingUsd += usd;
  state.counters.fundingPayments++;
  allotFunding(state, event, usd);
}

/** Not by the id alone: some venues number the hours, one payment per contract in each. */
function paymentKey({ venue, instrument, symbol, id }: FundingPaymentEvent): string {
  return `${venue}|${instrument ?? symbol ?? ''}|${id}`;
}

export function bookMarks(state: EngineState, input: MarksSeen): void {
  const { collateral, unowned } = state.attribution;
  for (const { instrument, price, ageMs } of input.marks) {
    const mark = state.marks.get(instrument);
    if (mark === undefined) state.marks.set(instrument, { price, wallMs: state.wallMs, ageMs });
    else {
      mark.price = price;
      mark.wallMs = state.wallMs;
      mark.ageMs = ageMs;
    }
    if (collateral.size > 0) revalueCollateral(state.attribution, instrument, price);
  }
  // After all prices: what an inverse contract earns counts at its coin's new price.
  for (const { instrument, price } of input.marks) {
    if (!unowned.has(instrument)) continue;
    const listed = state.instruments.get(instrument);
    const margin = listed === undefined ? null : coinMarginOf(state, listed);
    revalueUnowned(state.attribution, instrument, price, margin);
  }
  for (const { pair, long, short, incoming } of livePairsOf(state).withLegs) {
    if (incoming === null) {
      markLeg(state, long, short);
      markLeg(state, short, long);
    } else markRolling(state, pair);
    watchDelta(state, pair);
  }
  updateEquity(state);
}

function markLeg(state: EngineState, own: LiveLeg, other: LiveLeg): void {
  const mark = state.marks.get(own.leg.instrument);
  if (mark === undefined || own.leg.qty === zero) return;
  revalueLeg(state.attribution, {
    priceKey: own.priceKey,
    ownQty: qtyOf(own),
    otherQty: baseQtyIn(state, own.pair, other.leg, {
      qty: qtyOf(other),
      priceKey: other.priceKey,
    }),
    price: mark.price,
    margin: marginOf(state, own.leg),
    unit: unitOf(own.pair, own.leg),
  });
}

/** Three legs: two of them stand against the held one. */
function markRolling(state: EngineState, pair: Pair): void {
  for (const leg of legsOf(pair)) {
    const mark = state.marks.get(leg.instrument);
    if (mark === undefined || leg.qty === zero) continue;
    revalueLegOf(state, pair, { leg, price: mark.price });
  }
}

/**
 * The venue's own account. The first snapshot of a journal books the opening balance and marks the
 * account's earlier history as seen; later ones fold missed orders, fills and bills, then compare.
 */
export function bookSnapshot(state: EngineState, snapshot: VenueSnapshot): void {
  const venue = venueOf(state, snapshot.venue);
  // Asked for before the stream was lost, answered after another one was asked for: what it lists
  // happened, but it says nothing of what was missed since.
  const isLate = venue.awaiting !== null && venue.awaiting !== snapshot.requestId;
  if (!isLate) venue.awaiting = null;
  if (!snapshot.ok || (isLate && !venue.opened)) return;
  if (!venue.opened) {
    for (const fill of snapshot.fills) {
      state.fillsSeen.add(fillKey(fill));
    }
    for (const payment of snapshot.fundingPayments) {
      state.paymentsSeen.add(paymentKey(payment));
    }
  } else {
    // Orders first: fills may name them by the venue's order id alone.
    for (const order of snapshot.orders) foldOrder(state, order);
    for (const order of snapshot.openOrders) foldOrder(state, order);
    for (const fill of snapshot.fills) bookFill(state, fill);
    for (const payment of snapshot.fundingPayments) bookFunding(state, payment);
  }
  if (isLate) return;
  noteResting(state, snapshot);
  venue.snapshots++;
  venue.reportedBalances.clear();
  for (const balance of snapshot.balances) bookBalance(venue, balance);
  venue.reportedPositions.clear();
  venue.reportedPrices.clear();
  for (const position of snapshot.positions) reportPosition(venue, position);
  if (!venue.opened) openBooks(state, snapshot, venue);
  const { balances, positions } = differencesOf(state, snapshot.venue);
  venue.differences = [...positions, ...balances];
  venue.cashGaps = new Map(cashGapsOf(state, snapshot.venue));
  venue.mismatches = venue.differences.length === 0 ? 0 : venue.mismatches + 1;
  if (venue.mismatches === 0) {
    venue.reconciled = true;
    venue.coveredTsMs = venue.awaitingSinceTsMs;
  }
  updateEquity(state);
}

function openBooks(state: EngineState, snapshot: VenueSnapshot, venue: VenueState): void {
  for (const { wallet, asset, total } of snapshot.balances) {
    const booked = balanceOf(state.ledger, cashAccount(snapshot.venue, wallet), asset);
    postCash(state.ledger, {
      venue: snapshot.venue,
      wallet,
      asset,
      amount: minus(total, booked),
      cause: 'opening',
    });
    const cash = { venue: snapshot.venue, wallet, asset, amount: total };
    if (isCollateral(state, cash)) {
      bookCollateral(state, { ...cash, atOpening: true });
      continue;
    }
    const pricing = isDollar(asset) ? null : pricingInstrument(state, asset, snapshot.venue);
    if (pricing === null || total === zero) continue;
    const change = { qty: toNumber(total), price: Number.NaN };
    addUnowned(state.attribution, pricing.id, change, null);
  }
  venue.opened = true;
  venue.othersFromTsMs = venue.awaitingSinceTsMs;
}

function updateEquity(state: EngineState): void {
  const now = equityUsd(state);
  if (now === null) return;
  const { equity } = state;
  equity.lastUsd = now;
  // Nothing is traded before this: what opening coins moved until all were priced is not of this
  // run.
  if (equity.startUsd === null) {
    state.attribution.residualDeltaUsd = 0;
    state.attribution.collateralFxUsd = 0;
    state.attribution.openingCoinFxUsd = 0;
  }
  const coinFx = state.attribution.openingCoinFxUsd;
  equity.peakApartUsd = Math.max(equity.peakApartUsd ?? now - coinFx, now - coinFx);
  equity.startUsd ??= now;
  equity.peakUsd = Math.max(equity.peakUsd ?? now, now);
  if (equity.peakUsd > 0) {
    equity.drawdownMax = Math.max(equity.drawdownMax, 1 - now / equity.peakUsd);
  }
  const day = Math.floor(state.tsMs / dayMs);
  if (equity.dayStartUsd === null || day !== equity.day) {
    equity.day = day;
    equity.dayStartUsd = now;
    equity.coinFxDayStartUsd = coinFx;
  }
}

/** A bill is one amount per instrument: shared out by the legs' quantities. */
function allotFunding(state: EngineState, event: FundingPaymentEvent, usd: number): void {
  if (event.instrument === null) return;
  const holders = liveLegsOn(state, event.instrument); // a closed pair holds nothing
  let total = zero;
  for (const { leg } of holders) total = plus(total, leg.qty);
  if (total === zero) return;
  const whole = toNumber(total);
  for (const live of holders) live.pair.fundingUsd += (usd * qtyOf(live)) / whole;
}
