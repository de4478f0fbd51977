// The tape laid out for research: per asset the legs that can be paired, everything that a
// parameter set does not change computed once. The columnar run (columns-run.ts) then looks at
// closes and at the few rows at which a rate, a settlement or a day turns. Built once, read by
// thousands of runs.
import { assert, present } from '../base/assert.ts';
import { toNumber, zero } from '../base/decimal.ts';
import { dayMs } from '../base/time.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Strategy } from '../strategy/registry.ts';
import { askOf, bidOf, type DepthModel, gridOf } from './depth.ts';
import {
  type BarColumns,
  type Contract,
  type FundingColumns,
  isOverdue,
  rangeOf,
  type Tape,
} from './tape.ts';

/** What is known of a leg's funding, from a decision row on. */
export const fundingStatus = { unknown: 0, known: 1, passed: 2 } as const;

export interface FundingStates {
  /** First row of each state, ascending; the last entry is a sentinel behind the last row. */
  readonly row: Int32Array;
  readonly status: Uint8Array;
  readonly rate: Float64Array;
  readonly intervalMs: Float64Array;
  readonly settlesAtMs: Float64Array;
}

export interface Leg {
  readonly id: InstrumentId;
  readonly isSpot: boolean;
  /** The last row with a price: the contract's end, when it comes before the record's. */
  readonly lastRow: number;
  readonly price: BarColumns;
  /** What it is margined by: the mark's bars, or the price's. */
  readonly mark: BarColumns;
  readonly states: FundingStates;
  /** Rows at whose end something settles, ascending, closed by a sentinel. */
  readonly paidRow: Int32Array;
  /** Rate x price that it is paid on: what one base unit short receives. */
  readonly paidPerUnit: Float64Array;
  readonly depth: DepthModel;
  /** What the price grid adds to a fill on average, as a fraction: quotes are rounded outward. */
  readonly rounding: number;
  readonly feeRate: number;
  readonly lot: number;
  readonly maintenanceRate: number;
}

export interface Group {
  readonly asset: string;
  readonly legs: readonly Leg[];
  /** Pairs in the order in which the engine looks at them. */
  readonly longs: Int32Array;
  readonly shorts: Int32Array;
  /** The common lot of the pair. */
  readonly lots: Float64Array;
}

export interface Columns {
  readonly barMs: number;
  readonly fromMs: number;
  readonly rows: number;
  /** Between a bar's close and the decision on it. */
  readonly dataDelayMs: number;
  /** Rows whose close is a UTC midnight, and the last row: the daily equity. */
  readonly dayRows: Int32Array;
  readonly groups: readonly Group[];
  /** (venue, row) pairs of all groups. */
  readonly venueRows: number;
}

export interface ColumnsRequest {
  readonly tape: Tape;
  readonly strategy: Strategy;
  readonly dataDelayMs: number;
}

export function columnsOf({ tape, strategy, dataDelayMs }: ColumnsRequest): Columns {
  const { barMs, fromMs, bars } = tape;
  assert(dataDelayMs < barMs, 'a decision follows its bar');
  const byId = new Map(tape.contracts.map((one) => [one.listing.instrument.id, one]));
  const pairs = strategy.pairs(tape.contracts.map(({ listing }) => listing.instrument));
  const assets = new Map<string, { long: Contract; short: Contract }[]>();
  for (const { long, short } of pairs) {
    const legs = { long: present(byId.get(long), long), short: present(byId.get(short), short) };
    const asset = legs.long.listing.underlying;
    assets.set(asset, [...(assets.get(asset) ?? []), legs]);
  }
  const clock = { barMs, fromMs, rows: bars, dataDelayMs };
  const groups = [...assets].map(([asset, list]) => groupOf(asset, list, clock));
  const legs = groups.reduce((sum, group) => sum + group.legs.length, 0);
  return { ...clock, dayRows: dayRowsOf(clock), groups, venueRows: legs * bars };
}

interface RowClock {
  readonly barMs: number;
  readonly fromMs: number;
  readonly rows: number;
  readonly dataDelayMs: number;
}

/** Time of the decision on a row. */
export function decisionMs({ barMs, fromMs, dataDelayMs }: RowClock, row: number): number {
  return fromMs + (row + 1) * barMs + dataDelayMs;
}

/** The first row whose decision is at or after this time. */
function rowAfter({ barMs, fromMs, dataDelayMs }: RowClock, tsMs: number): number {
  return Math.max(0, Math.ceil((tsMs - dataDelayMs - fromMs) / barMs) - 1);
}

function groupOf(
  asset: string,
  pairs: readonly { readonly long: Contract; readonly short: Contract }[],
  clock: RowClock,
): Group {
  const contracts = [...new Set(pairs.flatMap(({ long, short }) => [long, short]))];
  const legs = contracts.map((contract) => legOf(contract, clock));
  const at = (contract: Contract): number => contracts.indexOf(contract);
  return {
    asset,
    legs,
    longs: Int32Array.from(pairs, ({ long }) => at(long)),
    shorts: Int32Array.from(pairs, ({ short }) => at(short)),
    lots: Float64Array.from(pairs, ({ long, short }) => Math.max(lotOf(long), lotOf(short))),
  };
}

function legOf(contract: Contract, clock: RowClock): Leg {
  const { listing, price, mark, funding, depth } = contract;
  const settled = funding === null ? null : paymentsOf(contract, funding, clock);
  return {
    id: listing.instrument.id,
    isSpot: listing.instrument.kind === 'spot',
    lastRow: rangeOf(contract)?.last ?? -1,
    price,
    mark: mark ?? price,
    states: funding === null ? noFunding(clock) : statesOf(funding, clock),
    paidRow: settled?.row ?? Int32Array.of(clock.rows),
    paidPerUnit: settled?.perUnit ?? new Float64Array(1),
    depth,
    rounding: roundingOf(contract),
    feeRate: toNumber(listing.feeRateTaker),
    lot: lotOf(contract),
    maintenanceRate: toNumber(listing.marginTiers.tiers[0]?.maintenanceRate ?? zero),
  };
}

function lotOf({ listing }: Contract): number {
  return toNumber(present(listing.instrument.lotSize, `lot of ${listing.instrument.id}`));
}

/** Closes that a rounding is averaged over. */
const roundingSamples = 256;

function roundingOf({ listing, price, depth }: Contract): number {
  const { tickSize, id } = listing.instrument;
  const grid = gridOf(toNumber(present(tickSize, `tick of ${id}`)));
  const stride = Math.max(1, Math.floor(price.close.length / roundingSamples));
  let sum = 0;
  let count = 0;
  for (let k = 0; k < price.close.length; k += stride) {
    const at = price.close[k] as number;
    if (!(at > 0)) continue;
    const exact = 2 * at * depth.halfSpread;
    sum += (askOf(depth, grid, at) - bidOf(depth, grid, at) - exact) / (2 * at);
    count++;
  }
  return count === 0 ? 0 : Math.max(0, sum / count);
}

/** Spot pays nothing and is always known. */
function noFunding({ rows }: RowClock): FundingStates {
  return {
    row: Int32Array.of(0, rows),
    status: Uint8Array.of(fundingStatus.known, 0),
    rate: new Float64Array(2),
    intervalMs: new Float64Array(2).fill(Number.POSITIVE_INFINITY),
    settlesAtMs: new Float64Array(2).fill(Number.POSITIVE_INFINITY),
  };
}

/** The same as the feed shows, as runs of rows: see feed.ts. */
function statesOf(funding: FundingColumns, clock: RowClock): FundingStates {
  const { settlesAtMs, knownAtMs, rate, intervalMs } = funding;
  const rows: number[] = [0];
  for (let k = 0; k < rate.length; k++) {
    const settled = settlesAtMs[k] as number;
    const dueMs = settled + (intervalMs[k] as number);
    rows.push(rowAfter(clock, settled), rowAfter(clock, knownAtMs[k] as number));
    if (!(dueMs > 0)) continue;
    rows.push(rowAfter(clock, dueMs));
    rows.push(rowAfter(clock, dueMs + Math.min((intervalMs[k] as number) / 2, dayMs) + 1));
  }
  const distinct = [...new Set(rows)].filter((row) => row < clock.rows).sort((a, b) => a - b);
  const states: FundingState[] = [];
  let settled = 0;
  let published = 0;
  for (const row of distinct) {
    const nowMs = decisionMs(clock, row);
    while ((settlesAtMs[settled] as number) <= nowMs) settled++;
    while ((knownAtMs[published] as number) <= nowMs) published++;
    const last = settled - 1;
    const interval = intervalMs[last] ?? Number.NaN;
    const dueMs = (settlesAtMs[last] ?? Number.NaN) + interval;
    const isShown = interval > 0 && !isOverdue(dueMs, interval, nowMs);
    const { unknown, passed, known } = fundingStatus;
    const state: FundingState = {
      row,
      status: !isShown ? unknown : dueMs > nowMs ? known : passed,
      rate: isShown ? (rate[published - 1] as number) : Number.NaN,
      intervalMs: interval,
      settlesAtMs: dueMs,
    };
    const before = states.at(-1);
    if (before === undefined || !isSame(before, state)) states.push(state);
  }
  const column = (pick: (state: FundingState) => number) => Float64Array.from(states, pick);
  return {
    row: Int32Array.from([...states.map(({ row }) => row), clock.rows]),
    status: Uint8Array.from(states, ({ status }) => status),
    rate: column((state) => state.rate),
    intervalMs: column((state) => state.intervalMs),
    settlesAtMs: column((state) => state.settlesAtMs),
  };
}

interface FundingState {
  readonly row: number;
  readonly status: number;
  readonly rate: number;
  readonly intervalMs: number;
  readonly settlesAtMs: number;
}

function isSame(a: FundingState, b: FundingState): boolean {
  return (
    a.status === b.status &&
    Object.is(a.rate, b.rate) &&
    Object.is(a.intervalMs, b.intervalMs) &&
    Object.is(a.settlesAtMs, b.settlesAtMs)
  );
}

function paymentsOf(contract: Contract, funding: FundingColumns, clock: RowClock) {
  const { settlesAtMs, rate, mark } = funding;
  const { close } = contract.price;
  const rows: number[] = [];
  const perUnit: number[] = [];
  let lastClose = 0;
  let seen = 0;
  for (let k = 0; k < rate.length; k++) {
    const at = (settlesAtMs[k] as number) - clock.fromMs;
    const row = Math.ceil(at / clock.barMs) - 1; // the bar in which, or at whose end, it settles
    if (row < 0 || row >= clock.rows) continue;
    const bar = Math.floor(at / clock.barMs);
    for (; seen < bar && seen < close.length; seen++) {
      if ((close[seen] as number) > 0) lastClose = close[seen] as number;
    }
    rows.push(row);
    perUnit.push((rate[k] as number) * (paidOn(contract, bar, mark[k] as number) ?? lastClose));
  }
  return { row: Int32Array.from([...rows, clock.rows]), perUnit: Float64Array.from(perUnit) };
}

/** The recorded mark, else the open of the bar that begins at or holds it; null = neither. */
function paidOn({ mark, price }: Contract, bar: number, recorded: number): number | null {
  if (recorded > 0) return recorded;
  for (const bars of [mark, price]) {
    const open = bars?.open[bar] ?? Number.NaN;
    if (open > 0) return open;
  }
  return null;
}

function dayRowsOf({ barMs, fromMs, rows }: RowClock): Int32Array {
  const days: number[] = [];
  for (let row = 0; row < rows - 1; row++) {
    if ((fromMs + (row + 1) * barMs) % dayMs < barMs) days.push(row);
  }
  return Int32Array.from([...days, rows - 1]);
}

/** Distance of a fill of this notional from the bar's price, as a fraction: spread and impact. */
export function fillCost(depth: DepthModel, notionalUsd: number, beyond: number): number {
  let left = notionalUsd;
  let cost = 0;
  for (let k = 0; k < depth.levels && left > 0; k++) {
    const taken = Math.min(left, k === 0 ? depth.touchUsd : depth.levelUsd);
    cost += taken * (depth.halfSpread + k * depth.step);
    left -= taken;
  }
  const last = depth.halfSpread + (depth.levels - 1) * depth.step;
  return (cost + Math.max(0, left) * (last + beyond)) / notionalUsd;
}
