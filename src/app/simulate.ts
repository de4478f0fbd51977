// `farb simulate`: many seeds of the deterministic simulation, one after the other in this process,
// and what they add up to. A failing seed is told with the command that reproduces it.

import { UserError } from '../base/errors.ts';
import { addCounts, coverageNames, coverageSeedsMin, neverReached } from '../sim/coverage.ts';
import { type FaultKind, faultKinds, parseFaultKinds } from '../sim/faults.ts';
import { type Safeguard, sabotageOf, safeguardNames } from '../sim/sabotage.ts';
import { type SimulationResult, simulate } from '../sim/simulator.ts';
import { simulationPolicyOf, simulationScan } from './simulate-policy.ts';

/** More failures than this are counted, not told. */
export const failuresToldMax = 50;

export interface SimulateRange {
  readonly from: number;
  readonly to: number;
  /** As the user wrote it: all, none, or a list. */
  readonly faults: string;
  readonly safeguard: Safeguard | null;
  /** With coin-margined perpetuals; absent = without. */
  readonly coins?: boolean;
}

export interface SeedFailure {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
  /** Wall ms since the start of the run, and the journal's sequence number. */
  readonly atMs: number;
  readonly seq: number;
  readonly command: string;
}

export interface SimulateReport {
  readonly ok: boolean;
  readonly seeds: { readonly from: number; readonly to: number; readonly run: number };
  readonly faults: string;
  readonly break: Safeguard | null;
  readonly failures: readonly SeedFailure[];
  readonly failed: number;
  /** Named counters that stayed at zero over a range that must reach all of them. */
  readonly neverReached: readonly string[];
  readonly coverage: Readonly<Record<string, number>>;
  readonly steps: number;
  /** Quotes that the system was shown and scanned; a step is an input of the engine. */
  readonly quotes: number;
  readonly records: number;
  readonly orders: number;
  readonly pairsOpened: number;
  readonly reboots: number;
  /** Venue time and wall time that passed in the simulation. */
  readonly venueMs: number;
  readonly wallMs: number;
  readonly nakedMsMax: number;
  readonly elapsedMs: number;
}

/** "1..2000" or "7". */
export function parseSeeds(text: string): { readonly from: number; readonly to: number } {
  const match = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match === null || to < from) {
    throw new UserError(`--seeds ${text}: write a range like 1..300, or one seed`);
  }
  return { from, to };
}

export function parseFaults(text: string): ReadonlySet<FaultKind> {
  const parsed = parseFaultKinds(text);
  if (parsed.ok) return parsed.kinds;
  throw new UserError(
    `--faults ${parsed.bad}: no such fault. Write all, none, or some of ${faultKinds.join(', ')}`,
  );
}

export function parseSafeguard(text: string): Safeguard {
  const found = safeguardNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UserError(`--break ${text}: no such safeguard. Known: ${safeguardNames.join(', ')}`);
}

type SeedResult = Omit<SimulationResult, 'journal'>;

/** Runs a range in this process. With a safeguard broken it stops at the first seed that fails. */
export function simulateRange(range: SimulateRange, stop?: () => boolean): SimulateReport {
  const kinds = parseFaults(range.faults);
  const sabotage = sabotageOf(range.safeguard);
  const results: SeedResult[] = [];
  const startedMs = performance.now();
  for (let seed = range.from; seed <= range.to; seed++) {
    const run = simulate({
      seed,
      kinds,
      policy: simulationPolicyOf(seed, { coins: range.coins === true }),
      scan: simulationScan,
      sabotage,
    });
    const { journal: _, ...result } = run; // bytes that nobody asks for
    results.push(result);
    if (run.failure !== null && range.safeguard !== null) break;
    if (stop?.() === true) break;
  }
  return reportOf(range, results, performance.now() - startedMs);
}

/** One report over the parts of a range, in any order. */
export function mergeReports(
  range: SimulateRange,
  parts: readonly SimulateReport[],
  elapsedMs: number,
): SimulateReport {
  const counts = new Map<string, number>();
  for (const part of parts) addCounts(counts, part.coverage);
  const sum = (pick: (part: SimulateReport) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0);
  const failures = parts
    .flatMap((part) => part.failures)
    .sort((a, b) => a.seed - b.seed)
    .slice(0, failuresToldMax);
  const run = sum((part) => part.seeds.run);
  const failed = sum((part) => part.failed);
  const never = mustReachAll(range, run) ? neverReached(counts, run) : [];
  return {
    ok: failed === 0 && never.length === 0,
    seeds: { from: range.from, to: range.to, run },
    faults: range.faults,
    break: range.safeguard,
    failures,
    failed,
    neverReached: never,
    coverage: ordered(counts),
    steps: sum((part) => part.steps),
    quotes: sum((part) => part.quotes),
    records: sum((part) => part.records),
    orders: sum((part) => part.orders),
    pairsOpened: sum((part) => part.pairsOpened),
    reboots: sum((part) => part.reboots),
    venueMs: sum((part) => part.venueMs),
    wallMs: sum((part) => part.wallMs),
    nakedMsMax: Math.max(0, ...parts.map((part) => part.nakedMsMax)),
    elapsedMs: Math.round(elapsedMs),
  };
}

function reportOf(
  range: SimulateRange,
  results: readonly SeedResult[],
  elapsedMs: number,
): SimulateReport {
  const failures = results.flatMap((result) => failureOf(range, result));
  const parts = results.map((result): SimulateReport => {
    const own = failures.filter(({ seed }) => seed === result.seed);
    return {
      ok: own.length === 0,
      seeds: { from: result.seed, to: result.seed, run: 1 },
      faults: range.faults,
      break: range.safeguard,
      failures: own,
      failed: own.length,
      neverReached: [],
      coverage: result.coverage,
      steps: result.steps,
      quotes: result.quotes,
      records: result.records,
      orders: result.orders,
      pairsOpened: result.pairsOpened,
      reboots: result.reboots,
      venueMs: Math.round(result.venueMs),
      wallMs: Math.round(result.wallMs),
      nakedMsMax: result.nakedMsMax,
      elapsedMs: 0,
    };
  });
  return mergeReports(range, parts, elapsedMs);
}

function failureOf(range: SimulateRange, result: SeedResult): readonly SeedFailure[] {
  const { failure, seed } = result;
  if (failure === null) return [];
  const broken = range.safeguard === null ? '' : ` --break ${range.safeguard}`;
  const coins = range.coins === true ? ' --coins' : '';
  return [
    {
      seed,
      check: failure.check,
      message: failure.message,
      atMs: Math.round(failure.sinceMs),
      seq: failure.seq,
      command: `farb simulate --seeds ${seed}..${seed} --faults ${range.faults}${broken}${coins}`,
    },
  ];
}

function mustReachAll(range: SimulateRange, run: number): boolean {
  const isUsual = range.safeguard === null && range.coins !== true;
  return range.faults === 'all' && isUsual && run >= coverageSeedsMin;
}

/** The known counters first, in their order, zeros included; then whatever else was seen. */
function ordered(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const names = [...new Set([...coverageNames, ...[...counts.keys()].sort()])];
  return Object.fromEntries(names.map((name) => [name, counts.get(name) ?? 0]));
}
