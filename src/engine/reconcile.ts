// Our books against the venue's own account of itself, exactly. A difference is a text for a
// person: what, where, ours, theirs.
import { type Decimal, formatDecimal, minus, zero } from '../base/decimal.ts';
import type { InstrumentId, VenueId } from '../domain/instrument.ts';
import { balanceOf, cashAccount, cashOf } from '../domain/ledger.ts';
import { type EngineState, venueOf } from './state.ts';

export interface Differences {
  readonly positions: readonly string[];
  readonly balances: readonly string[];
}

/** Ledger cash against reported balances, booked positions against reported ones. Zero = absent. */
export function differencesOf(state: EngineState, venueId: VenueId): Differences {
  const { reportedBalances, reportedPositions } = venueOf(state, venueId);
  const balances: string[] = [];
  const booked = new Set<string>();
  for (const { venue, wallet, asset, amount } of cashOf(state.ledger)) {
    if (venue !== venueId) continue;
    const key = `${wallet}|${asset}`;
    booked.add(key);
    const theirs = reportedBalances.get(key) ?? zero;
    if (amount !== theirs) balances.push(describeCash(venueId, key, amount, theirs));
  }
  for (const [key, theirs] of reportedBalances) {
    if (theirs === zero || booked.has(key)) continue;
    balances.push(describeCash(venueId, key, zero, theirs));
  }
  const positions: string[] = [];
  for (const [id, { qty }] of state.positions) {
    if (!isHeldAt(state, id, venueId)) continue;
    const theirs = reportedPositions.get(id) ?? zero;
    if (qty !== theirs) positions.push(describe(id, qty, theirs));
  }
  for (const [id, theirs] of reportedPositions) {
    const isBooked = state.positions.has(id) && isHeldAt(state, id, venueId);
    if (theirs !== zero && !isBooked) positions.push(describe(id, zero, theirs));
  }
  return { positions, balances };
}

/** Coins are compared as balances. */
function isHeldAt(state: EngineState, id: InstrumentId, venueId: VenueId): boolean {
  const instrument = state.instruments.get(id);
  return instrument?.venue === venueId && instrument.kind !== 'spot';
}

/** Cash that the venue reports beyond our ledger (negative: that it lacks), by `wallet|asset`. */
export function cashGapsOf(state: EngineState, venueId: VenueId): ReadonlyMap<string, Decimal> {
  const gaps = new Map<string, Decimal>();
  for (const [key, theirs] of venueOf(state, venueId).reportedBalances) {
    const [wallet = '', asset = ''] = key.split('|');
    const ours = balanceOf(state.ledger, cashAccount(venueId, wallet), asset);
    if (ours !== theirs) gaps.set(key, minus(theirs, ours));
  }
  return gaps;
}

function describeCash(venue: VenueId, key: string, ours: Decimal, theirs: Decimal): string {
  const [wallet, asset] = key.split('|');
  return describe(`${venue} ${wallet} ${asset}`, ours, theirs);
}

function describe(what: string, ours: Decimal, theirs: Decimal): string {
  return `${what}: ours ${formatDecimal(ours)}, theirs ${formatDecimal(theirs)}`;
}
