// Whether a restarted system has come to rest and its books, folded from the journal alone, are the
// venues' own to the last digit. What moves meanwhile is read again, until a deadline.
import { abs, type Decimal, decimal, formatDecimal, times } from '../../src/base/decimal.ts';
import { messageOf } from '../../src/base/errors.ts';
import { cashOf, residualsOf } from '../../src/domain/ledger.ts';
import { isSettled } from '../../src/domain/order-state.ts';
import { type EngineState, livePairs } from '../../src/engine/state.ts';
import type { RunningFarb } from '../support/farb.ts';
import { type KillSite, pairsOpenMax } from './kill-site.ts';
import { type Truth, venueReaders } from './truth.ts';

/** A boot may have to wait for a venue's next minute of requests. */
const deadlineMs = 120_000;
const pollMs = 100;
/** Between two readings of the venues: they too count against the account's requests. */
const readEveryMs = 1_500;
/** A spot leg is bought with the fee that is taken in coin on top. */
const feeRoom = decimal('1.01');

/** Resolves when `test` is true; rejects at the deadline. */
export async function until(
  what: string,
  test: () => Promise<boolean>,
  everyMs = pollMs,
): Promise<void> {
  const dueMs = performance.now() + deadlineMs;
  while (!(await test())) {
    if (performance.now() > dueMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export async function equalToVenues(site: KillSite, run: RunningFarb): Promise<void> {
  let differences: readonly string[] = ['never at rest'];
  let readMs = Number.NEGATIVE_INFINITY;
  const test = async (): Promise<boolean> => {
    const status = await site.status(run);
    if (!status.venues.every((venue) => venue.reconciled)) {
      differences = [`not reconciled: ${status.health.reasons.join('; ')}`];
      return false;
    }
    const before = site.fold();
    differences = unrestOf(before);
    if (differences.length > 0 || performance.now() < readMs + readEveryMs) return false;
    readMs = performance.now();
    const readers = venueReaders(site.file, [...before.instruments.values()]);
    const truths: (readonly [string, Truth])[] = [];
    for (const reader of readers) {
      try {
        truths.push([reader.venue, await reader.account()]);
      } catch (thrown) {
        differences = [`${reader.venue} cannot be read: ${JSON.stringify(thrown)}`];
        return false; // its request budget may be used up for this minute
      }
    }
    const after = site.fold();
    // What was booked while the venues were read may be in either of the two.
    differences = differencesOf(after, truths);
    if (differences.length === 0) differences = [...unrestOf(after), ...doubledIn(after)];
    return differences.length === 0;
  };
  await until('equal to the venues', test).catch((thrown: unknown) => {
    throw new Error(`${messageOf(thrown)}: ${differences.join('; ')}`);
  });
}

/** Why the state is not at rest yet. */
function unrestOf(state: EngineState): readonly string[] {
  const reasons: string[] = [];
  for (const [id, known] of state.orders) {
    if (!isSettled(known)) reasons.push(`order ${id} is ${known.status}`);
  }
  for (const { id, phase } of livePairs(state)) {
    if (phase !== 'open') reasons.push(`pair ${id} is ${phase}`);
  }
  for (const [id, { restrictedBy }] of state.venues) {
    if (restrictedBy.length > 0) reasons.push(`${id} is restricted: ${restrictedBy.join(', ')}`);
  }
  if (state.orphans.size > 0) reasons.push(`orphans: ${[...state.orphans.keys()].join(', ')}`);
  return reasons;
}

/** Exactly: an order, a coin or a contract that one side has and the other has not. */
function differencesOf(
  state: EngineState,
  truths: readonly (readonly [string, Truth])[],
): readonly string[] {
  const differences: string[] = [];
  const compare = (what: string, ours: Book, theirs: Book): void => {
    for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
      const pair = [ours.get(key) ?? 0n, theirs.get(key) ?? 0n] as [Decimal, Decimal];
      if (pair[0] === pair[1]) continue;
      const [mine, other] = pair.map(formatDecimal);
      differences.push(`${what} ${key}: ours ${mine}, theirs ${other}`);
    }
  };
  for (const [venue, truth] of truths) {
    const positions = new Map<string, Decimal>();
    for (const [id, { qty }] of state.positions) {
      const instrument = state.instruments.get(id);
      if (instrument?.venue === venue && instrument.kind !== 'spot') positions.set(id, qty);
    }
    const cash = new Map<string, Decimal>();
    for (const row of cashOf(state.ledger)) {
      if (row.venue === venue) cash.set(`${row.wallet}|${row.asset}`, row.amount);
    }
    compare(venue, positions, truth.positions);
    compare(venue, cash, truth.balances);
    for (const id of truth.openOrders) differences.push(`${venue}: order ${id} rests there`);
  }
  for (const [asset, residual] of residualsOf(state.ledger)) {
    if (residual !== 0n) differences.push(`the ledger of ${asset} does not sum to zero`);
  }
  return differences;
}

type Book = ReadonlyMap<string, Decimal>;

/** A restart that sent something again shows as a leg beyond its pair, or a pair too many. */
function doubledIn(state: EngineState): readonly string[] {
  const doubled: string[] = [];
  const owners = new Map<string, string>();
  const pairs = livePairs(state);
  if (pairs.length > pairsOpenMax) doubled.push(`${pairs.length} pairs, at most ${pairsOpenMax}`);
  for (const pair of pairs) {
    for (const leg of [pair.long, pair.short]) {
      if (abs(leg.qty) > times(pair.targetQty, feeRoom)) {
        const [held, wanted] = [abs(leg.qty), pair.targetQty].map(formatDecimal);
        doubled.push(`${leg.instrument}: ${held} held for a pair of ${wanted}`);
      }
      const owner = owners.get(leg.instrument);
      if (owner !== undefined) doubled.push(`${leg.instrument} in ${owner} and ${pair.id}`);
      owners.set(leg.instrument, pair.id);
    }
  }
  return doubled;
}
