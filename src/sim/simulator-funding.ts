// The settlements of one perpetual of the light market: rates that keep a sign for some hours, are
// forecast with an error, reach their cap now and then, and halve the interval when they do. Made
// one after the other from the seed, so that they do not depend on what was asked first.
import { present } from '../base/assert.ts';
import { textHash, uniformAt } from '../base/prng.ts';
import { hourMs } from '../base/time.ts';
import type { SimInstrument } from './api.ts';

export interface LineSettlement {
  readonly atMs: number;
  /** The interval that it closes. */
  readonly intervalMs: number;
  /** What the venue shows before it, and what it then pays. */
  readonly estimate: number;
  readonly rate: number;
}

export interface SettlementLineOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly listing: SimInstrument;
  readonly surprise: number;
  readonly flips: boolean;
}

/** Settlements exist this long before the start. */
const historyMs = 4 * 24 * hourMs;
/** A rate keeps its level for this long. */
const regimeMs = 3 * hourMs;
/** Rates of a regime lie in +- this much per hour. */
const ratePerHourMax = 0.0006;
/** Share of regimes whose rate is at the cap. */
const cappedShare = 0.06;
const intervalMsMin = hourMs;
/** Digits of a venue's rate. */
const rateDecimals = 8;

export class SettlementLine {
  private readonly options: SettlementLineOptions;
  private readonly stream: number;
  private readonly list: LineSettlement[] = [];
  private readonly byTime = new Map<number, LineSettlement>();
  private found = 0;

  constructor(options: SettlementLineOptions) {
    this.options = options;
    this.stream = textHash(options.listing.instrument.id);
    const intervalMs = options.listing.instrument.fundingIntervalMs ?? 8 * hourMs;
    const from = options.startMs - historyMs;
    const first = Math.ceil(from / intervalMs) * intervalMs;
    this.push(first, intervalMs);
  }

  /** The first settlement strictly after a time. */
  after(tsMs: number): LineSettlement {
    this.extend(tsMs);
    const known = this.list[this.found];
    const before = this.list[this.found - 1];
    if (known !== undefined && known.atMs > tsMs && (before === undefined || before.atMs <= tsMs)) {
      return known;
    }
    this.found = this.list.findIndex(({ atMs }) => atMs > tsMs);
    return present(this.list[this.found], 'the next settlement');
  }

  at(tsMs: number): LineSettlement | null {
    this.extend(tsMs);
    return this.byTime.get(tsMs) ?? null;
  }

  /** In (fromMs, toMs]. */
  between(fromMs: number, toMs: number): readonly number[] {
    this.extend(toMs);
    return this.list.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs && atMs <= toMs);
  }

  private extend(tsMs: number): void {
    for (let last = this.last(); last.atMs <= tsMs; last = this.last()) {
      const next = this.nextIntervalMs(last);
      const atMs = (Math.floor(last.atMs / next) + 1) * next;
      this.push(atMs, next);
    }
  }

  /** At a cap venues settle more often; an interval never grows back here. */
  private nextIntervalMs(last: LineSettlement): number {
    const { flips, listing } = this.options;
    const atCap = last.rate >= listing.fundingCap || last.rate <= listing.fundingFloor;
    if (!flips || !atCap) return last.intervalMs;
    return Math.max(intervalMsMin, last.intervalMs / 2);
  }

  private push(atMs: number, intervalMs: number): void {
    const estimate = this.estimateOf(atMs, intervalMs);
    const { surprise, listing, seed } = this.options;
    const error = (uniformAt(seed, this.stream ^ 0x5bd1, atMs / hourMs) - 0.5) * 2 * surprise;
    const rate = this.bounded(estimate + error * listing.fundingCap);
    const settlement = { atMs, intervalMs, estimate, rate };
    this.list.push(settlement);
    this.byTime.set(atMs, settlement);
  }

  private estimateOf(atMs: number, intervalMs: number): number {
    const { seed, listing, flips } = this.options;
    const regime = Math.floor(atMs / regimeMs);
    const level = uniformAt(seed, this.stream, regime) * 2 - 1;
    const capped = uniformAt(seed, this.stream ^ 0x27d4, regime) < cappedShare;
    if (capped && flips) return level > 0 ? listing.fundingCap : listing.fundingFloor;
    return this.bounded((level * ratePerHourMax * intervalMs) / hourMs);
  }

  private bounded(rate: number): number {
    const { fundingCap, fundingFloor } = this.options.listing;
    const inside = Math.min(fundingCap, Math.max(fundingFloor, rate));
    return Number(inside.toFixed(rateDecimals));
  }

  private last(): LineSettlement {
    return present(this.list.at(-1), 'a settlement line is never empty');
  }
}
