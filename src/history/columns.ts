// The one table of columns: how a series of each kind is laid out as plain arrays of doubles, for
// readers, the store and merging alike; and from such arrays to the named columns of a series.
import { assert } from '../base/assert.ts';
import { tryDuration } from '../base/time.ts';
import { settlementIntervals } from './intervals.ts';
import { type Series, type SeriesId, type SeriesKind, seriesName } from './series.ts';

/** Names in the store and in csv headers; the first is always the time. */
export const columnNames = {
  funding: ['ts_ms', 'rate', 'mark_price', 'interval_ms'],
  bars: ['ts_ms', 'open', 'high', 'low', 'close', 'volume'],
  quotes: ['ts_ms', 'bid', 'bid_qty', 'ask', 'ask_qty'],
  trades: ['ts_ms', 'price', 'qty', 'taker_side'],
} as const satisfies Record<SeriesKind, readonly string[]>;

/** Columns that a source may leave empty: NaN then. */
export const optionalColumns: ReadonlySet<string> = new Set([
  ...['mark_price', 'interval_ms', 'volume', 'taker_side'],
]);

/** The rows of one series, one array per name of `columnNames[id.kind]`, all of one length. */
export interface Columns {
  readonly id: SeriesId;
  readonly values: readonly Float64Array[];
}

/** Kinds whose rows are told apart by their time alone; the others may share a millisecond. */
export function isKeyedByTime(kind: SeriesKind): boolean {
  return kind === 'funding' || kind === 'bars';
}

/** Rows that arrive one after the other, of one series. */
export class ColumnsBuilder {
  readonly id: SeriesId;
  length = 0;
  private values: Float64Array[];

  constructor(id: SeriesId, capacity = 1_024) {
    this.id = id;
    this.values = columnNames[id.kind].map(() => new Float64Array(capacity));
  }

  /** Takes one row: `cells[k]` is the value of column k. */
  push(cells: Float64Array): void {
    const { values, length } = this;
    if (length === (values[0] as Float64Array).length) this.grow();
    for (let k = 0; k < values.length; k++) {
      (this.values[k] as Float64Array)[length] = cells[k] as number;
    }
    this.length = length + 1;
  }

  private grow(): void {
    this.values = this.values.map((old) => {
      const wider = new Float64Array(old.length * 2);
      wider.set(old);
      return wider;
    });
  }

  /** What has been taken, in the order in which it came: views, so take no more rows after it. */
  columns(): Columns {
    return { id: this.id, values: this.values.map((column) => column.subarray(0, this.length)) };
  }
}

export interface Conflict {
  readonly tsMs: number;
  readonly kept: readonly number[];
  readonly dropped: readonly number[];
}

export interface Settled {
  readonly columns: Columns;
  /** Rows that said the same as another of their time. */
  readonly duplicates: number;
  /** Rows that said something else than an earlier one of their time; the earlier one stays. */
  readonly conflicts: readonly Conflict[];
}

/**
 * Sorts rows by time, stably, and leaves one row per time where time is the key (funding, bars):
 * the first one, completed with what a later one knows and it does not.
 */
export function settleColumns(columns: Columns): Settled {
  const sorted = isSorted(columns.values[0] as Float64Array) ? columns : sortColumns(columns);
  const times = sorted.values[0] as Float64Array;
  if (!isKeyedByTime(columns.id.kind) || isStrictlyRising(times)) {
    return { columns: sorted, duplicates: 0, conflicts: [] };
  }
  const kept = sorted.values.map((column) => column.slice());
  const conflicts: Conflict[] = [];
  let length = 0;
  for (let row = 0; row < times.length; row++) {
    if (length > 0 && kept[0]?.[length - 1] === times[row]) {
      const conflict = fold(kept, length - 1, sorted.values, row);
      if (conflict !== null) conflicts.push(conflict);
      continue;
    }
    kept.forEach((column, k) => {
      column[length] = sorted.values[k]?.[row] as number;
    });
    length++;
  }
  return {
    columns: { id: columns.id, values: kept.map((column) => column.slice(0, length)) },
    duplicates: times.length - length - conflicts.length,
    conflicts,
  };
}

/** Row `row` of `from` into row `at` of `into`: unknown values are filled, others must agree. */
function fold(
  into: readonly Float64Array[],
  at: number,
  from: readonly Float64Array[],
  row: number,
): Conflict | null {
  const kept = into.map((column) => column[at] as number);
  const dropped = from.map((column) => column[row] as number);
  const agree = kept.every((value, k) => {
    const other = dropped[k] as number;
    return value === other || Number.isNaN(value) || Number.isNaN(other);
  });
  if (!agree) return { tsMs: kept[0] as number, kept, dropped };
  into.forEach((column, k) => {
    if (Number.isNaN(column[at])) column[at] = dropped[k] as number;
  });
  return null;
}

/** Rows of one series, one after the other: what comes first wins where they are settled. */
export function joinColumns(all: readonly [Columns, ...Columns[]]): Columns {
  const [{ id, values }] = all;
  if (all.length === 1) return all[0];
  assert(
    all.every((other) => seriesName(other.id) === seriesName(id)),
    'only rows of one series can be joined',
  );
  const rows = all.reduce((sum, other) => sum + (other.values[0]?.length ?? 0), 0);
  return {
    id,
    values: values.map((_, k) => {
      const joined = new Float64Array(rows);
      let at = 0;
      for (const other of all) {
        const column = other.values[k] as Float64Array; // one per name of the kind
        joined.set(column, at);
        at += column.length;
      }
      return joined;
    }),
  };
}

/** Sorted columns as a series with names. Unknown intervals of funding are inferred here. */
export function seriesOf({ id, values }: Columns): Series {
  const [tsMs, a, b, c, d, e] = values as [
    ...[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array],
  ];
  const { kind, interval } = id;
  if (kind === 'funding') {
    const inferred = settlementIntervals(tsMs);
    const intervalMs = c.map((stated, k) => (stated > 0 ? stated : (inferred[k] as number)));
    return { id: { ...id, kind }, tsMs, rate: a, markPrice: b, intervalMs };
  }
  if (kind === 'bars') {
    const intervalMs = tryDuration(interval ?? '');
    assert(interval !== null && intervalMs !== null, `${interval} is not an interval of bars`);
    const prices = { open: a, high: b, low: c, close: d, volume: e };
    return { id: { ...id, kind, interval }, intervalMs, tsMs, ...prices };
  }
  if (kind === 'quotes') return { id: { ...id, kind }, tsMs, bid: a, bidQty: b, ask: c, askQty: d };
  return { id: { ...id, kind }, tsMs, price: a, qty: b, takerSide: c };
}

function isSorted(times: Float64Array): boolean {
  for (let k = 1; k < times.length; k++) {
    if ((times[k] as number) < (times[k - 1] as number)) return false;
  }
  return true;
}

function isStrictlyRising(times: Float64Array): boolean {
  for (let k = 1; k < times.length; k++) {
    if ((times[k] as number) <= (times[k - 1] as number)) return false;
  }
  return true;
}

function sortColumns({ id, values }: Columns): Columns {
  const times = values[0] as Float64Array;
  const order = Uint32Array.from(times, (_, k) => k);
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  return { id, values: values.map((column) => Float64Array.from(order, (k) => column[k] ?? NaN)) };
}
