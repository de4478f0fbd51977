// Our books against the venue's own account of itself, exactly. A difference is a text for a
// person: what, where, ours, theirs.
import { type Decimal, formatDecimal, minus, zero } from '../base/decimal.ts';
import type { VenueSnapshot } from '../domain/event.ts';
import type { VenueId } from '../domain/instrument.ts';
import { balanceOf, cashAccount, cashOf } from '../domain/ledger.ts';
import { isTerminal } from '../domain/order.ts';
import { type EngineState, venueOf } from './state.ts';

export interface Differences {
  readonly positions: readonly string[];
  readonly balances: readonly string[];
}

/** Ledger cash against reported balances, booked positions against reported ones. Zero = absent. */
export function differencesOf(state: EngineState, venueId: VenueId): Differences {
  const venue = venueOf(state, venueId);
  const balances: string[] = [];
  const ours = new Map<string, Decimal>();
  for (const row of cashOf(state.ledger)) {
    if (row.venue === venueId) ours.set(`${row.wallet}|${row.asset}`, row.amount);
  }
  for (const key of new Set([...ours.keys(), ...venue.reportedBalances.keys()])) {
    const mine = ours.get(key) ?? zero;
    const theirs = venue.reportedBalances.get(key) ?? zero;
    if (mine !== theirs) {
      const [wallet, asset] = key.split('|');
      balances.push(describe(`${venueId} ${wallet} ${asset}`, mine, theirs));
    }
  }
  const positions: string[] = [];
  const held = new Map<string, Decimal>();
  for (const [id, position] of state.positions) {
    const instrument = state.instruments.get(id);
    if (instrument?.venue === venueId && instrument.kind !== 'spot') held.set(id, position.qty);
  }
  for (const id of new Set([...held.keys(), ...venue.reportedPositions.keys()])) {
    const mine = held.get(id) ?? zero;
    const theirs = venue.reportedPositions.get(id) ?? zero;
    if (mine !== theirs) positions.push(describe(id, mine, theirs));
  }
  return { positions, balances };
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

/** Orders that we hold for live and the venue does not list, or the other way round. */
export function orderDifferences(state: EngineState, snapshot: VenueSnapshot): readonly string[] {
  const listed = new Set(snapshot.openOrders.map((order) => order.clientOrderId));
  const differences: string[] = [];
  for (const [id, known] of state.orders) {
    if (known.order.venue !== snapshot.venue || isTerminal(known.status)) continue;
    if (!listed.has(id))
      differences.push(`${snapshot.venue} order ${id}: ours ${known.status}, theirs none`);
  }
  for (const order of snapshot.openOrders) {
    if (order.clientOrderId !== null && state.orders.has(order.clientOrderId)) continue;
    differences.push(
      `${snapshot.venue} order ${order.clientOrderId ?? order.venueOrderId}: not ours`,
    );
  }
  return differences;
}

function describe(what: string, ours: Decimal, theirs: Decimal): string {
  return `${what}: ours ${formatDecimal(ours)}, theirs ${formatDecimal(theirs)}`;
}
