// A claim's figure in the rows of one run, whether it meets its target, and whether it is worse
// than the recorded one. Ratios are compared, never times: what has no other row to be held against
// is held against the yardstick of its own run.
import type { Claim } from './claims.ts';
import { median, type Row } from './measure.ts';

/** One run of one benchmark. */
export interface Run {
  /** Nanoseconds of the yardstick right before it: how fast the machine was just then. */
  readonly yardNs: number;
  readonly rows: readonly Row[];
}

export interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly ours: Row;
  readonly against: Row | null;
  /** Greater is better, and independent of the machine as far as a ratio can be. */
  readonly merit: number;
}

/** Null: a row is missing or was not measured. */
export function figureOf(claim: Claim, runs: readonly Run[]): Figure | null {
  const all = runs.map((run) => one(claim, run));
  const known = all.filter((each) => each !== null);
  const last = known.at(-1);
  if (last === undefined) return null;
  const values = known.map(({ value }) => value);
  const typical = (row: Row, of: (each: Figure) => Row | null): Row => {
    return { ...row, value: median(known.flatMap((each) => of(each)?.value ?? [])) };
  };
  return {
    ...last,
    ours: typical(last.ours, ({ ours }) => ours),
    against: last.against === null ? null : typical(last.against, ({ against }) => against),
    value: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
    merit: median(known.map(({ merit }) => merit)),
  };
}

function one(claim: Claim, { rows, yardNs }: Run): Figure | null {
  const ours = rowOf(rows, claim.ours);
  if (ours === null || ours.value === null) return null;
  const isRate = ours.unit === 'per s';
  if (claim.against === null) {
    const { value } = ours;
    // Bytes do not depend on how fast the machine is.
    const yard = ours.unit === 'bytes' ? 1 : yardNs;
    const merit = isRate ? value * yardNs : yard / value;
    return { value, low: value, high: value, ours, against: null, merit };
  }
  const against = rowOf(rows, claim.against);
  if (against === null || against.value === null) return null;
  const faster = isRate ? ours.value / against.value : against.value / ours.value;
  const value = claim.as === 'longer' ? 1 / faster : faster;
  return { value, low: value, high: value, ours, against, merit: faster };
}

/** By the beginning of its name; `a*b` = begins with a and goes on to hold b. */
function rowOf(rows: readonly Row[], name: string): Row | null {
  const [start = '', rest = ''] = name.split('*');
  const isIt = (row: Row): boolean =>
    row.name.startsWith(start) && row.name.slice(start.length).includes(rest);
  return rows.find(isIt) ?? null;
}

/** Null: it has no target. */
export function isMet(claim: Claim, { value, ours }: Figure): boolean | null {
  if (claim.target === null) return null;
  const isLeast = claim.as === 'faster' || (claim.as === 'figure' && ours.unit === 'per s');
  return isLeast ? value >= claim.target : value <= claim.target;
}

/**
 * A figure may be worse than the recorded one by this factor: on a shared machine the same code
 * differs by 30 to 60 percent between two runs.
 */
export const toleranceFactor = 1.8;

export type Judgement = 'holds' | 'worse' | 'not recorded' | 'not measured';

/** `recorded`: the merit of the record; null where it has none. */
export function judge(recorded: number | null, now: Figure | null): Judgement {
  if (now === null || !Number.isFinite(now.merit)) return 'not measured';
  if (recorded === null) return 'not recorded';
  return now.merit * toleranceFactor < recorded ? 'worse' : 'holds';
}
