// Everything that the simulator can let go wrong, and the plan of one run: which of it, where and
// when, drawn from the seed alone. Times are wall ms since the start of the run.
import { Prng } from '../base/prng.ts';
import { hourMs, minuteMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';

/** Each strikes a single request, with a probability. */
export const requestFaults = [
  'request-lost',
  'request-late',
  'answer-lost',
  'answer-late',
  'ack-without-order',
  'read-lag',
  'torn-snapshot',
  'reject-filters',
  'reject-funds',
  'reject-post-only',
  'reject-reduce-only',
  'reject-rate-limit',
  'reject-price-band',
  'reject-settlement',
  'cancel-unheard',
  'fill-during-cancel',
] as const;
/**
 * Each strikes a single placement, whatever else does: somebody has taken the depth before it
 * arrives; nothing is heard of it, neither an answer nor an event. Drawn apart from the others.
 */
export const placementFaults = ['depth-taken', 'order-unheard'] as const;
/** Each strikes a resting order of ours at a look, with a probability. */
export const restingFaults = ['resting-taken', 'resting-canceled'] as const;
/** Each strikes a single event of the private stream, with a probability. */
export const streamFaults = [
  'stream-lost',
  'stream-late',
  'stream-duplicated',
  'stream-reordered',
] as const;
/** Each holds for a while at one venue. */
export const windowFaults = [
  'stream-silent',
  'stream-reconnect',
  'stale-quotes',
  'gapped-book',
  'public-down',
  'rest-down',
  'venue-outage',
  'long-outage',
  'clock-skew',
  'partial-fills',
  'sudden-outage',
] as const;
/**
 * From its moment on, the next order at the venue is its last message before an outage: nobody
 * knows whether it arrived. The windows of kind `sudden-outage` come from these.
 */
export const ambushFaults = ['sudden-outage'] as const;
/** Each happens to the account or a listing at one moment. */
export const accountFaults = [
  'adl',
  'liquidation',
  'manual-trade',
  'manual-transfer',
  'fee-change',
  'delisting',
] as const;
/** Each happens to our own process or its disk. */
export const processFaults = [
  'crash-append',
  'crash-send',
  'power-cut',
  'torn-tail',
  'journal-error',
  'disk-full',
] as const;
/** Likewise, at the arrival of a request; drawn apart as well. */
export const arrivalFaults = ['crash-arrival'] as const;
/** Came later than the others: a plan without them is what it was before there were any. */
export const apartFaults = [...placementFaults, ...arrivalFaults] as const;
export const operatorFaults = ['operator-halt', 'operator-flatten'] as const;
/** Properties of the market itself. */
export const marketFaults = ['interval-flip', 'funding-surprise'] as const;

export const faultKinds = [
  ...requestFaults,
  ...placementFaults,
  ...restingFaults,
  ...streamFaults,
  ...windowFaults,
  ...accountFaults,
  ...processFaults,
  ...arrivalFaults,
  ...operatorFaults,
  ...marketFaults,
] as const;

export type RequestFault = (typeof requestFaults)[number];
export type PlacementFault = (typeof placementFaults)[number];
export type RestingFault = (typeof restingFaults)[number];
export type StreamFault = (typeof streamFaults)[number];
export type WindowFault = (typeof windowFaults)[number];
export type AccountFault = (typeof accountFaults)[number];
export type ProcessFault = (typeof processFaults)[number];
export type ArrivalFault = (typeof arrivalFaults)[number];
export type OperatorFault = (typeof operatorFaults)[number];
export type MarketFault = (typeof marketFaults)[number];
export type AmbushFault = (typeof ambushFaults)[number];
export type FaultKind = (typeof faultKinds)[number];

export interface FaultWindow {
  readonly kind: WindowFault;
  readonly venue: VenueId;
  readonly fromMs: number;
  readonly toMs: number;
  /** A draw in [0, 1) that says how bad it is. */
  readonly value: number;
}

export interface FaultMoment {
  readonly kind: AccountFault | ProcessFault | ArrivalFault | OperatorFault | AmbushFault;
  readonly venue: VenueId;
  readonly atMs: number;
  readonly value: number;
}

export interface FaultPlan {
  readonly kinds: ReadonlySet<FaultKind>;
  /** Probability that a single message is struck, by kind, between the two times. */
  readonly sporadic: ReadonlyMap<FaultKind, number>;
  readonly windows: readonly FaultWindow[];
  readonly moments: readonly FaultMoment[];
  readonly faultyFromMs: number;
  readonly healsAtMs: number;
  /** Venue ms per wall ms. */
  readonly speed: number;
}

/** Wall time before the first fault, and of the faulty phase without a long outage. */
const calmMs = 8_000;
const faultyMs = 60_000;
/** Every kind that is on takes part in a run with this probability, so that runs differ. */
const partShare = 0.5;
const sporadicMax = 0.1;
/** Few queries ask for an order that is young enough to be hidden; few orders rest at all. */
const mostOf: Readonly<Partial<Record<FaultKind, number>>> = {
  'read-lag': 0.8,
  'cancel-unheard': 0.5,
  'fill-during-cancel': 0.5,
  'resting-taken': 0.4,
  'resting-canceled': 0.2,
  'depth-taken': 0.3,
  'order-unheard': 0.15,
};
const windowsPerRun = 10;
const windowMsMin = 400;
const windowMsMax = 12_000;
const longOutageMsMax = 2 * hourMs;
const momentsPerRun = 5;
/** These keep the system from trading for long: a run has one of each at most. */
const onceARun: ReadonlySet<FaultKind> = new Set(['manual-trade', 'manual-transfer', 'delisting']);
const crashesMax = 4;
const ambushesMax = 4;
const longOutageShare = 0.03;
/** A long outage is long on the wall; the venues' day goes on as slowly. */
const longSpeed = 20;
const speeds = [720, 720, 720, 240, 60];

export function drawFaultPlan(options: {
  readonly seed: number;
  readonly venues: readonly VenueId[];
  readonly kinds: ReadonlySet<FaultKind>;
}): FaultPlan {
  const { seed, venues, kinds } = options;
  const prng = new Prng(seed ^ 0x3c6ef372);
  const has = <K extends FaultKind>(list: readonly K[]): readonly K[] =>
    list.filter((kind) => kinds.has(kind) && prng.chance(partShare));
  const sporadic = new Map<FaultKind, number>();
  for (const kind of has([...requestFaults, ...restingFaults, ...streamFaults])) {
    sporadic.set(kind, prng.float() * (mostOf[kind] ?? sporadicMax));
  }
  // Of a stream of their own: a plan without them is what it was before there were any.
  const apart = new Prng(seed ^ 0x510e527f);
  for (const kind of placementFaults) {
    const takesPart = apart.chance(partShare);
    const probability = apart.float() * (mostOf[kind] ?? sporadicMax);
    if (takesPart && kinds.has(kind)) sporadic.set(kind, probability);
  }
  const short = has(windowFaults.filter((kind) => !isApart(kind)));
  const isLong = kinds.has('long-outage') && prng.chance(longOutageShare);
  const speed = isLong ? longSpeed : pick(prng, speeds);
  const longMs = isLong ? minuteMs + prng.float() * (longOutageMsMax - minuteMs) : 0;
  const healsAtMs = calmMs + faultyMs + longMs;
  const windows: FaultWindow[] = [];
  if (isLong) {
    const fromMs = calmMs + prng.float() * 10_000;
    const toMs = fromMs + longMs;
    windows.push({ kind: 'long-outage', venue: pick(prng, venues), fromMs, toMs, value: 0 });
  }
  for (let i = 0; i < windowsPerRun && short.length > 0; i++) {
    const lengthMs = windowMsMin + prng.float() ** 2 * (windowMsMax - windowMsMin);
    const fromMs = calmMs + prng.float() * (faultyMs - lengthMs);
    const toMs = fromMs + lengthMs;
    const kind = pick(prng, short);
    windows.push({ kind, venue: pick(prng, venues), fromMs, toMs, value: prng.float() });
  }
  const moments: FaultMoment[] = [];
  const add = (list: readonly FaultMoment['kind'][], count: number): void => {
    for (let i = 0; i < count && list.length > 0; i++) {
      const atMs = calmMs + prng.float() * faultyMs;
      const kind = pick(prng, list);
      if (onceARun.has(kind) && moments.some((moment) => moment.kind === kind)) continue;
      moments.push({ kind, venue: pick(prng, venues), atMs, value: prng.float() });
    }
  };
  add(has(accountFaults), momentsPerRun);
  add(has(processFaults), prng.below(crashesMax + 1));
  add(has(operatorFaults), prng.below(3));
  add(has(ambushFaults), 1 + prng.below(ambushesMax));
  for (const kind of arrivalFaults) {
    const takesPart = apart.chance(partShare);
    const atMs = calmMs + apart.float() * faultyMs;
    const moment = { kind, venue: pick(apart, venues), atMs, value: apart.float() };
    if (takesPart && kinds.has(kind)) moments.push(moment);
  }
  return { kinds, sporadic, windows, moments, faultyFromMs: calmMs, healsAtMs, speed };
}

/** Drawn in another way than the other windows. */
function isApart(kind: WindowFault): boolean {
  return kind === 'long-outage' || kind === 'sudden-outage';
}

/** "all", "none" or a list of names; a text that is not one of them is returned as the error. */
export function parseFaultKinds(
  text: string,
): { readonly ok: true; readonly kinds: ReadonlySet<FaultKind> } | { ok: false; bad: string } {
  if (text === 'all') return { ok: true, kinds: new Set(faultKinds) };
  if (text === 'none') return { ok: true, kinds: new Set() };
  const kinds = new Set<FaultKind>();
  for (const name of text.split(',')) {
    const kind = faultKinds.find((item) => item === name.trim());
    if (kind === undefined) return { ok: false, bad: name };
    kinds.add(kind);
  }
  return { ok: true, kinds };
}

export function pick<T>(prng: Prng, list: readonly T[]): T {
  return list[prng.below(list.length)] as T; // the callers' lists are not empty
}
