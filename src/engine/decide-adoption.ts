// Taking over what the venues hold and our books do not, so that it can be closed: only while an
// operator wants everything flat. Nothing here opens anything; what is taken over becomes an
// orphan, and `decide-orphans` closes those.
import { type Decimal, formatDecimal, minOf, minus, negate, plus, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { isSettled } from '../domain/order-state.ts';
import { orphanTimer } from './decide-orphans.ts';
import { type Decision, setTimer } from './decision.ts';
import { livePairs, venueOf } from './state.ts';

/** While the other venues have not told what they hold (wall). */
const askAgainMs = 2_000;

export function reconcileTimer(venue: string): string {
  return `reconcile:${venue}`;
}

/**
 * What the venue holds, our books do not and no order of ours can explain: to be closed too. An
 * order that was sent about when the snapshot was asked for, or later, may have filled after what
 * the snapshot shows: that instrument is looked at again soon.
 */
export function adoptPositions(decision: Decision, venueId: string): void {
  const { state, policy } = decision;
  const legs = livePairs(state).flatMap(({ long, short }) => [long.instrument, short.instrument]);
  const busy = new Set(legs);
  const venue = venueOf(state, venueId);
  const shownFromMs = venue.awaitingSinceWallMs - policy.execution.answerMsMax;
  const young = new Set<InstrumentId>();
  for (const known of state.orders.values()) {
    if (!isSettled(known)) busy.add(known.order.instrument);
    if (known.sentWallMs > shownFromMs) young.add(known.order.instrument);
  }
  for (const [id, qty] of venue.reportedPositions) {
    if (busy.has(id) || !state.instruments.has(id)) continue;
    const missing = minus(qty, state.positions.get(id)?.qty ?? zero);
    if (missing !== zero && young.has(id)) {
      setTimer(decision, reconcileTimer(venueId), state.wallMs + policy.reconcile.againMs);
      continue;
    }
    takeOver(decision, { venue: venueId, id, qty: missing, price: venue.reportedPrices.get(id) });
  }
}

/**
 * The journal cannot be read and the books are empty, so it is done once, when every venue has told
 * what it holds. A venue that cannot be reached holds the perpetuals of the others up for a while,
 * and the coins for good: of an asset, as many coins are closed as its perpetuals are short in sum
 * over all venues, because those are the other leg; more may be somebody's own.
 */
export function adoptEverything(decision: Decision, venueId: string): void {
  const { state, policy } = decision;
  const areAllKnown = [...state.venues.values()].every(({ opened }) => opened);
  const waitedMs = state.wallMs - state.bootWallMs;
  if (!areAllKnown && waitedMs < policy.reconcile.timeoutMs) {
    setTimer(decision, reconcileTimer(venueId), state.wallMs + askAgainMs);
    return;
  }
  const shorts = new Map<string, Short>();
  for (const [venue, { reportedPositions, reportedPrices }] of state.venues) {
    for (const [id, qty] of reportedPositions) {
      const instrument = state.instruments.get(id);
      if (instrument === undefined) continue;
      const price = reportedPrices.get(id);
      takeOver(decision, { venue, id, qty, price });
      if (instrument.kind !== 'linear-perp') continue;
      const sum = shorts.get(instrument.base)?.qty ?? zero;
      shorts.set(instrument.base, { qty: minus(sum, qty), price });
    }
  }
  if (areAllKnown) for (const [base, short] of shorts) adoptCoins(decision, base, short);
}

/** What the perpetuals of an asset are short in sum (negative: long), and one of their prices. */
interface Short {
  readonly qty: Decimal;
  readonly price: Decimal | undefined;
}

function adoptCoins(decision: Decision, base: string, { qty, price }: Short): void {
  const { state } = decision;
  let left = qty;
  const done = new Set<string>();
  for (const { id, venue, wallet, kind, base: coin } of state.instruments.values()) {
    const key = `${venue}|${wallet}`;
    if (kind !== 'spot' || coin !== base || done.has(key) || !(left > 0n)) continue;
    done.add(key); // one market of the coin is enough
    const held = venueOf(state, venue).reportedBalances.get(`${wallet}|${base}`) ?? zero;
    const part = minOf(left, held);
    if (!(part > 0n)) continue;
    takeOver(decision, { venue, id, qty: part, price });
    left = plus(left, negate(part));
  }
}

interface Found {
  readonly venue: string;
  readonly id: InstrumentId;
  readonly qty: Decimal;
  readonly price: Decimal | undefined;
}

function takeOver(decision: Decision, { venue, id, qty, price }: Found): void {
  const { state, policy, effects } = decision;
  if (qty === zero || price === undefined) return;
  effects.push({ kind: 'position-adopted', venue, instrument: id, qty, price });
  effects.push({
    kind: 'alert',
    severity: 'critical',
    code: 'position-adopted',
    message: `${id}: ${formatDecimal(qty)} that our books do not know of is closed too`,
  });
  setTimer(decision, orphanTimer(id), state.wallMs);
  setTimer(decision, reconcileTimer(venue), state.wallMs + policy.reconcile.againMs);
}
