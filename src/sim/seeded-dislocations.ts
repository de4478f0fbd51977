// The schedule of dislocations: one hourly contract of one venue pays its shorts (or its longs) far
// more than the other venues do, for some hours, then the premium decays and overshoots, so that
// the same pair now costs, and returns to normal within 12 hours of its start. A function of (seed,
// startMs).
//
//   premium
//    peak      ______________
//             /              \
//    0    ___/                \                 /------
//    overshoot                 \_______________/
//            from  peakFrom  peakTo  overshootFrom  overshootTo  to
import { present } from '../base/assert.ts';
import { hash32, textHash, uniformAt } from '../base/prng.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../base/time.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { SimInstrument } from './api.ts';
import { premiumClamp } from './funding-formula.ts';
import type { DislocationLabel } from './market-api.ts';
import { bookStyleOf } from './seeded-assets.ts';

/** A new one starts about this often, the first soon after the start. */
export const dislocationEveryMs = 150 * minuteMs;
const firstAfterMs = 24 * minuteMs;
const jitterMs = 15 * minuteMs;
/** From the start of one to its end. */
export const dislocationMsMax = 12 * hourMs;
/** Labels are given for this much venue time after the start; the schedule itself goes on. */
const labelledMs = 2 * dayMs;

export class Dislocations {
  private readonly seed: number;
  private readonly startMs: number;
  private readonly candidates: readonly SimInstrument[];
  private readonly byNumber = new Map<number, DislocationLabel>();

  /** `candidates`: the contracts that may be dislocated, in a stable order. */
  constructor(seed: number, startMs: number, candidates: readonly SimInstrument[]) {
    this.seed = seed;
    this.startMs = startMs;
    this.candidates = shuffled(seed, candidates);
  }

  /** What dislocations add to the premium of the contract, as a fraction of the index. */
  premiumAt(id: InstrumentId, tsMs: number): number {
    if (this.candidates.length === 0 || tsMs < this.startMs) return 0;
    const sinceFirstMs = tsMs - this.startMs - firstAfterMs;
    const newest = Math.floor(sinceFirstMs / dislocationEveryMs);
    const oldest = Math.floor((sinceFirstMs - jitterMs - dislocationMsMax) / dislocationEveryMs);
    let total = 0;
    for (let k = Math.max(0, oldest); k <= newest; k++) {
      const dislocation = this.number(k);
      if (dislocation.instrument === id) total += shapeAt(dislocation, tsMs);
    }
    return total;
  }

  labels(): readonly DislocationLabel[] {
    if (this.candidates.length === 0) return [];
    const count = Math.floor((labelledMs - firstAfterMs) / dislocationEveryMs);
    return Array.from({ length: count }, (_, k) => this.number(k));
  }

  private number(k: number): DislocationLabel {
    const known = this.byNumber.get(k);
    if (known !== undefined) return known;
    const made = dislocation(this.seed, k, {
      startMs: this.startMs,
      listing: present(this.candidates[k % this.candidates.length], 'a candidate'),
    });
    this.byNumber.set(k, made);
    return made;
  }
}

function dislocation(
  seed: number,
  k: number,
  where: { readonly startMs: number; readonly listing: SimInstrument },
): DislocationLabel {
  const draw = (name: string, from: number, to: number) =>
    from + (to - from) * uniformAt(seed, textHash(`dislocation ${name}`), k);
  const minutes = (name: string, from: number, to: number) =>
    Math.round(draw(name, from, to)) * minuteMs;
  const { instrument } = where.listing;
  const fromMs =
    where.startMs +
    firstAfterMs +
    k * dislocationEveryMs +
    minutes('start', 0, jitterMs / minuteMs);
  const peakFromMs = fromMs + minutes('rise', 20, 30);
  const peakToMs = peakFromMs + minutes('hold', 4 * 60, 6 * 60);
  const overshootFromMs = peakToMs + minutes('fall', 45, 70);
  const overshootToMs = overshootFromMs + minutes('overshoot', 150, 180);
  const toMs = overshootToMs + minutes('return', 45, 60);
  // The first one pays shorts, so that holders of spot can take part; of the others two in three
  // do.
  const sign = k === 0 || uniformAt(seed, textHash('dislocation sign'), k) < 2 / 3 ? 1 : -1;
  const peakRate = draw('peak', 0.0013, 0.0021);
  const overshootRate = draw('overshoot rate', 0.0008, 0.0011);
  // The rate per hour is the premium at the impact prices less the clamp (see funding-formula.ts).
  const offset = premiumClamp + bookStyleOf(where.listing).halfSpread;
  return {
    kind: 'dislocation',
    venue: instrument.venue,
    instrument: instrument.id,
    symbol: instrument.symbol,
    fromMs,
    peakFromMs,
    peakToMs,
    overshootFromMs,
    overshootToMs,
    toMs,
    premiumPeak: sign * (peakRate + offset),
    premiumOvershoot: -sign * (overshootRate + offset),
    text: textOf(instrument, { sign, peakRate, fromMs, peakToMs, toMs }),
  };
}

function textOf(
  instrument: SimInstrument['instrument'],
  shape: {
    readonly sign: number;
    readonly peakRate: number;
    readonly fromMs: number;
    readonly peakToMs: number;
    readonly toMs: number;
  },
): string {
  const rate = (shape.peakRate * 100).toFixed(2);
  const paid = shape.sign > 0 ? 'shorts' : 'longs';
  return (
    `${instrument.venue} ${instrument.symbol} pays ${paid} about ${rate}% per hour ` +
    `from ${isoUtc(shape.fromMs)} to ${isoUtc(shape.peakToMs)}, then overshoots the other way; ` +
    `back to normal at ${isoUtc(shape.toMs)}`
  );
}

function shapeAt(d: DislocationLabel, tsMs: number): number {
  if (tsMs <= d.fromMs || tsMs >= d.toMs) return 0;
  const { premiumPeak, premiumOvershoot } = d;
  if (tsMs < d.peakFromMs) return premiumPeak * smooth(d.fromMs, d.peakFromMs, tsMs);
  if (tsMs <= d.peakToMs) return premiumPeak;
  if (tsMs < d.overshootFromMs) {
    const fallen = smooth(d.peakToMs, d.overshootFromMs, tsMs);
    return premiumPeak + (premiumOvershoot - premiumPeak) * fallen;
  }
  if (tsMs <= d.overshootToMs) return premiumOvershoot;
  return premiumOvershoot * (1 - smooth(d.overshootToMs, d.toMs, tsMs));
}

/** 0 at fromMs, 1 at toMs, flat at both ends. */
function smooth(fromMs: number, toMs: number, tsMs: number): number {
  const x = (tsMs - fromMs) / (toMs - fromMs);
  return x * x * (3 - 2 * x);
}

function shuffled<T>(seed: number, items: readonly T[]): readonly T[] {
  const stream = textHash('dislocation order');
  const keyed = items.map((item, k) => ({ item, key: hash32(seed, stream, k) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
