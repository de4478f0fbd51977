// What can be wrong with recorded rows, judged before they are sorted and folded. An error is a row
// that cannot be true or a file that is not what it was; a warning is one to look at; a note is a
// property worth knowing. Nothing is mended here.
import { quantile } from '../base/stats.ts';
import { hourMs, isoUtc } from '../base/time.ts';
import { type Columns, seriesOf, settleColumns } from './columns.ts';
import { coverageOf } from './coverage.ts';
import { intervalChanges } from './intervals.ts';
import { seriesName } from './series.ts';

export const checkNames = [
  ...(['sha256', 'order', 'duplicates', 'conflicts', 'prices', 'ohlc', 'crossed'] as const),
  ...(['outliers', 'gaps', 'interval-changes'] as const),
] as const;
export type CheckName = (typeof checkNames)[number];

export interface Finding {
  /** Series, or file. */
  readonly where: string;
  readonly check: CheckName;
  readonly severity: 'error' | 'warning' | 'note';
  /** Rows, or holes, that it is about. */
  readonly count: number;
  /** The first of them; null where it is about a file. */
  readonly firstMs: number | null;
  readonly message: string;
}

/** A price step of one bar beyond this many median steps, and beyond a tenth, is an outlier. */
export const outlierSteps = 40;
const outlierStepMin = 0.1;
/** A rate beyond this per interval is above any cap that venues publish. */
export const rateMax = 0.04;

export function checkColumns(columns: Columns): readonly Finding[] {
  const { id, values } = columns;
  const rows = new Rows(seriesName(id), values);
  const { columns: settled, duplicates, conflicts } = settleColumns(columns);
  const first = conflicts[0];
  if (duplicates > 0) rows.add('duplicates', 'warning', duplicates, null, 'rows said twice');
  if (first !== undefined) {
    const what = 'rows that contradict an earlier one of their time';
    rows.add('conflicts', 'error', conflicts.length, first.tsMs, what);
  }
  const [, a, b, c, d] = values as [...[Float64Array, Float64Array, Float64Array, Float64Array]] &
    Float64Array[];
  rows.count('order', 'error', 'rows earlier than the one before', (k, ts) => ts(k) < ts(k - 1));
  if (id.kind === 'bars' && d !== undefined) {
    const isPrice = (x: number | undefined) => x !== undefined && x > 0 && x < Infinity;
    const bad = (k: number) => ![a[k], b[k], c[k], d[k]].every(isPrice);
    rows.count('prices', 'error', 'bars with a price that is not positive', bad);
    rows.count('ohlc', 'error', 'bars whose open or close lies outside high and low', (k) => {
      const [open = 0, high = 0, low = 0, close = 0] = [a[k], b[k], c[k], d[k]];
      return high < Math.max(open, close) || low > Math.min(open, close);
    });
    rows.count('outliers', 'warning', 'steps of the close far beyond the usual', outlier(d));
  }
  if (id.kind === 'funding') {
    const what = `rates beyond ${rateMax * 100}% per interval`;
    rows.count('outliers', 'warning', what, (k) => Math.abs(a[k] ?? 0) > rateMax);
  }
  if (id.kind === 'quotes') {
    rows.count(
      'prices',
      'error',
      'quotes without a positive price',
      (k) => !(a[k]! > 0 && c[k]! > 0),
    );
    rows.count('crossed', 'warning', 'quotes with bid above ask', (k) => a[k]! > c[k]!);
  }
  if (id.kind === 'trades') {
    const what = 'trades without a positive price and quantity';
    rows.count('prices', 'error', what, (k) => !(a[k]! > 0 && b[k]! > 0));
  }
  noteHoles(rows, settled);
  return rows.findings;
}

function noteHoles(rows: Rows, settled: Columns): void {
  const series = seriesOf(settled);
  const coverage = coverageOf(series);
  if (coverage !== null && coverage.gapCount > 0) {
    const firstMs = Math.min(...coverage.gaps.map(({ afterMs }) => afterMs));
    const longest = coverage.gaps[0]?.missing ?? 0;
    const what = `holes (${coverage.missing} rows missing, ${longest} in the longest)`;
    rows.add('gaps', 'warning', coverage.gapCount, firstMs, what);
  }
  if (!('rate' in series)) return;
  const [first, ...rest] = intervalChanges(series.tsMs, series.intervalMs);
  if (first === undefined) return;
  const hours = (ms: number) => `${ms / hourMs}h`;
  const what = `changes of interval, the first from ${hours(first.fromMs)} to ${hours(first.toMs)}`;
  rows.add('interval-changes', 'note', rest.length + 1, first.tsMs, what);
}

function outlier(closes: Float64Array): (k: number) => boolean {
  const step = (k: number) => Math.abs(Math.log((closes[k] as number) / (closes[k - 1] as number)));
  const steps: number[] = [];
  for (let k = 1; k < closes.length; k++) steps.push(step(k));
  const limit = Math.max(outlierStepMin, outlierSteps * quantile(steps, 0.5));
  return (k) => k > 0 && step(k) > limit;
}

class Rows {
  readonly findings: Finding[] = [];
  private readonly where: string;
  private readonly times: Float64Array;

  constructor(where: string, values: readonly Float64Array[]) {
    this.where = where;
    this.times = values[0] as Float64Array; // the first column of every kind
  }

  count(
    check: CheckName,
    severity: Finding['severity'],
    what: string,
    isBad: (k: number, time: (k: number) => number) => boolean,
  ): void {
    const time = (k: number) => this.times[k] ?? Number.NEGATIVE_INFINITY;
    let count = 0;
    let firstMs: number | null = null;
    for (let k = 0; k < this.times.length; k++) {
      if (!isBad(k, time)) continue;
      firstMs ??= time(k);
      count++;
    }
    if (count > 0) this.add(check, severity, count, firstMs, what);
  }

  add(
    check: CheckName,
    severity: Finding['severity'],
    count: number,
    firstMs: number | null,
    what: string,
  ): void {
    const when = firstMs === null ? '' : ` (first at ${isoUtc(firstMs)})`;
    const { where } = this;
    this.findings.push({
      where,
      check,
      severity,
      count,
      firstMs,
      message: `${what}: ${count}${when}`,
    });
  }
}
