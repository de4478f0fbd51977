// What is held, as rows: each position beside its listing, its mark and the numbers made from its
// exact amounts, found again only when one of them is another. Kept beside the state, never in it:
// it is not journaled or hashed, and can be dropped at any time.
import { assert } from '../base/assert.ts';
import { fromNumber, toNumber } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { type Position, unrealizedAt } from '../domain/position.ts';
import type { EngineState, Mark } from './state.ts';
import { type WalletPlace, walletPlaceOf } from './wallet-place.ts';

export interface HeldRow {
  readonly id: InstrumentId;
  /** Never changed in place: the same object has the same numbers. */
  readonly position: Position;
  readonly qty: number;
  readonly cost: number;
  /** Undefined = not listed: what it is worth is not known. */
  readonly listed: Instrument | undefined;
  /** Of what margins it; null = not listed, or coins, which lie in the cash accounts. */
  readonly place: WalletPlace | null;
  readonly inverse: boolean;
  /** Changed in place with every mark; undefined until the first one. */
  mark: Mark | undefined;
  /** What `unrealized` was made at. */
  price: number;
  unrealized: number;
}

const kept = new WeakMap<EngineState, HeldRow[]>();
const none: readonly HeldRow[] = [];

/** One per position, in their order. */
export function heldOf(state: EngineState): readonly HeldRow[] {
  const rows = kept.get(state);
  if (rows === undefined) return read(state, none);
  return isCurrent(rows, state) ? rows : read(state, rows);
}

/** To be called when a listing was replaced. */
export function forgetHeld(state: EngineState): void {
  kept.delete(state);
}

/** Of a listed perpetual, in what it settles in: exact, then a number; made again at each price. */
export function unrealizedOf(row: HeldRow, price: number): number {
  const { listed } = row;
  if (price !== row.price && listed !== undefined) {
    row.price = price;
    row.unrealized = toNumber(unrealizedAt(row.position, fromNumber(price), listed));
  }
  return row.unrealized;
}

/** That what is kept is what the state says. */
export function checkHeld(state: EngineState): void {
  const rows = kept.get(state);
  if (rows === undefined || !isCurrent(rows, state)) return; // it would be made anew
  for (const row of rows) {
    const { id, position, listed, mark, price, unrealized } = row;
    const stale = `what is kept of the position in ${id} is of another`;
    assert(position === state.positions.get(id) && mark === state.marks.get(id), stale);
    assert(listed === state.instruments.get(id), stale);
    if (listed === undefined || Number.isNaN(price)) continue;
    assert(unrealized === toNumber(unrealizedAt(position, fromNumber(price), listed)), stale);
  }
}

function isCurrent(rows: readonly HeldRow[], { positions, marks }: EngineState): boolean {
  if (rows.length !== positions.size) return false;
  let i = 0;
  for (const position of positions.values()) {
    const row = rows[i++] as HeldRow;
    if (row.position !== position) return false;
    row.mark ??= marks.get(row.id);
  }
  return true;
}

/** Rows of positions that are what they were are taken over. */
function read(state: EngineState, before: readonly HeldRow[]): readonly HeldRow[] {
  const rows: HeldRow[] = [];
  for (const [id, position] of state.positions) {
    rows.push(before.find((row) => row.position === position) ?? rowOf(state, id, position));
  }
  kept.set(state, rows);
  return rows;
}

function rowOf(state: EngineState, id: InstrumentId, position: Position): HeldRow {
  const listed = state.instruments.get(id);
  return {
    id,
    position,
    qty: toNumber(position.qty),
    cost: toNumber(position.cost),
    listed,
    place: listed === undefined || listed.kind === 'spot' ? null : walletPlaceOf(listed),
    inverse: listed !== undefined && isInverse(listed),
    mark: state.marks.get(id),
    price: Number.NaN,
    unrealized: Number.NaN,
  };
}
