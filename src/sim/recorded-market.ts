// The recorded exogenous market: the index of an asset is a recorded spot bar's path, each
// perpetual stands its recorded hourly basis above it, recorded funding settles at the recorded
// time. Spread and depth are synthetic, as in the seeded market. Its contract is in market-api.ts.
//
// The estimate during an interval is the venue's own formula over the premium so far: it uses
// nothing from after its time, so it ends near the recorded rate and not at it. OKX until 2025
// settled what the interval before had averaged, so its estimate there is fixed for the whole
// interval. Against BTC and ETH of spring 2024 the last estimate is off by 0.4 bp (Binance), 0.5 bp
// (OKX), 0.9 bp (Bybit).
import { assert, present } from '../base/assert.ts';
import { dayMs, isoUtc } from '../base/time.ts';
import { type InstrumentId, isPerp, type VenueId } from '../domain/instrument.ts';
import type { SimInstrument } from './api.ts';
import { formulaOf, okxOriginalFormula } from './funding-formula.ts';
import { listingsOf } from './listings/listings-of.ts';
import {
  type BaseBook,
  type ExogenousMarket,
  type MarketLabel,
  type MarketRange,
  marketGridMs,
} from './market-api.ts';
import { BasisPath, endOf, IndexPath, type RecordedBars, withoutHoles } from './recorded-path.ts';
import { bookStyleOf } from './seeded-assets.ts';
import { BookShape } from './seeded-book.ts';
import { PremiumSums } from './seeded-funding.ts';

/** What a loader hands over; everything is in our units and of our listings. */
export interface RecordedData {
  readonly spot: readonly RecordedSpot[];
  readonly perps: readonly RecordedPerp[];
  readonly notes: readonly string[];
}

export interface RecordedSpot {
  readonly underlying: string;
  /** Where the bars are from; they serve all venues. */
  readonly venue: VenueId;
  readonly bars: RecordedBars;
}

export interface RecordedPerp {
  readonly id: InstrumentId;
  readonly bars: RecordedBars;
  /** Ascending. */
  readonly funding: readonly RecordedRate[];
}

export interface RecordedRate {
  readonly settlesAtMs: number;
  /** Fraction per interval of that moment; positive: longs pay shorts. */
  readonly rate: number;
}

export interface RecordedMarketOptions {
  readonly data: RecordedData;
  /** Of the path inside the hours and of the books. */
  readonly seed: number;
  readonly startMs: number;
}

/**
 * OKX's old formula was in force in the record of early 2025 and no longer in that of late 2025.
 */
export const okxNewFormulaFromMs = 1_751_328_000_000; // 2025-07-01T00:00:00Z
/** A longer gap between settlements is a hole in the record: the interval before it stands. */
const intervalMsMax = dayMs;

export function recordedMarket(options: RecordedMarketOptions): ExogenousMarket {
  return new RecordedMarket(options);
}

class RecordedMarket implements ExogenousMarket {
  readonly kind = 'recorded';
  readonly seed: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly gridMs = marketGridMs;
  readonly venues: readonly VenueId[];
  private readonly listed: ReadonlyMap<VenueId, readonly SimInstrument[]>;
  private readonly paths = new Map<string, IndexPath>();
  private readonly contracts = new Map<InstrumentId, Contract>();
  private readonly notes: readonly string[];

  constructor({ data, seed, startMs }: RecordedMarketOptions) {
    this.seed = seed;
    this.startMs = startMs;
    const notes = [...data.notes];
    const filledBars = new Map<string, RecordedBars>();
    for (const { underlying, bars } of data.spot) {
      const whole = withoutHoles(bars);
      filledBars.set(underlying, whole.bars);
      this.paths.set(underlying, new IndexPath(seed, underlying, whole.bars));
      if (whole.filled > 0)
        notes.push(`${underlying}: ${whole.filled} spot bars are missing: flat`);
    }
    const recorded = new Map(data.perps.map((perp) => [perp.id, perp]));
    this.venues = venuesOf(data.perps);
    this.listed = new Map(
      this.venues.map((venue) => [venue, listedIn(venue, recorded, this.paths)]),
    );
    for (const listing of [...this.listed.values()].flat()) {
      const bars = present(filledBars.get(listing.underlying), 'bars of what is listed');
      this.addContract(listing, bars, recorded.get(listing.instrument.id));
    }
    const ends = [...filledBars.values(), ...data.perps.map(({ bars }) => bars)].map(endOf);
    this.endMs = Math.min(...ends);
    assert(this.endMs > startMs, `the record ends before the start ${isoUtc(startMs)}`);
    this.notes = notes;
  }

  gridTime(tsMs: number): number {
    return Math.floor(Math.min(tsMs, this.endMs) / marketGridMs) * marketGridMs;
  }

  instruments(venue: VenueId): readonly SimInstrument[] {
    return this.listed.get(venue) ?? [];
  }

  index(underlying: string, tsMs: number): number {
    const path = present(this.paths.get(underlying), `index of ${underlying}`);
    return significant(path.at(this.gridTime(tsMs)));
  }

  mid(id: InstrumentId, tsMs: number): number {
    const { listing, basis } = this.contract(id);
    const index = this.index(listing.underlying, tsMs);
    return basis === null ? index : index * (1 + basis.at(this.gridTime(tsMs)));
  }

  mark(id: InstrumentId, tsMs: number): number {
    return significant(this.mid(id, tsMs));
  }

  premium(id: InstrumentId, tsMs: number): number {
    const { listing, basis, shape } = this.contract(id);
    if (basis === null) return 0;
    const gridMs = this.gridTime(tsMs);
    const index = this.index(listing.underlying, gridMs);
    const mid = index * (1 + basis.at(gridMs));
    return shape.premium({ mid, index, tsMs: gridMs });
  }

  baseBook(id: InstrumentId, tsMs: number, levels: number): BaseBook {
    const gridMs = this.gridTime(tsMs);
    return this.contract(id).shape.book(this.mid(id, gridMs), gridMs, levels);
  }

  intervalMs(id: InstrumentId, tsMs: number): number | null {
    const { settlements, listing } = this.contract(id);
    if (settlements.length === 0) return null;
    const next = firstAfter(settlements, tsMs);
    for (let k = Math.min(next, settlements.length - 1); k > 0; k--) {
      const gapMs = timeAt(settlements, k) - timeAt(settlements, k - 1);
      if (gapMs <= intervalMsMax) return gapMs;
    }
    return listing.instrument.fundingIntervalMs;
  }

  settlesAtMs(id: InstrumentId, tsMs: number): number | null {
    const { settlements } = this.contract(id);
    return settlements[firstAfter(settlements, tsMs)]?.settlesAtMs ?? null;
  }

  settlements(id: InstrumentId, { fromMs, toMs }: MarketRange): readonly number[] {
    const { settlements } = this.contract(id);
    return settlements
      .slice(firstAfter(settlements, fromMs), firstAfter(settlements, toMs))
      .map(({ settlesAtMs }) => settlesAtMs);
  }

  fundingEstimate(id: InstrumentId, tsMs: number): number {
    const gridMs = this.gridTime(tsMs);
    const { listing, sums, sumsOriginal } = this.contract(id);
    const intervalMs = present(this.intervalMs(id, gridMs), `interval of ${id}`);
    const settlesAtMs = this.settlesAtMs(id, gridMs) ?? gridMs + intervalMs;
    const interval = { intervalMs, cap: listing.fundingCap, floor: listing.fundingFloor };
    if (listing.instrument.venue === 'okx' && settlesAtMs < okxNewFormulaFromMs) {
      const before = { ...interval, settlesAtMs: settlesAtMs - intervalMs };
      return present(sumsOriginal, `funding of ${id}`).estimate(before, gridMs);
    }
    return present(sums, `funding of ${id}`).estimate({ ...interval, settlesAtMs }, gridMs);
  }

  fundingSettled(id: InstrumentId, settlesAtMs: number): number | null {
    const { settlements } = this.contract(id);
    const found = settlements[firstAfter(settlements, settlesAtMs - 1)];
    return found?.settlesAtMs === settlesAtMs ? found.rate : null;
  }

  labels(): readonly MarketLabel[] {
    return this.notes.map((text) => ({ kind: 'note', text }));
  }

  private contract(id: InstrumentId): Contract {
    return present(this.contracts.get(id), `listing of ${id}`);
  }

  private addContract(
    listing: SimInstrument,
    index: RecordedBars,
    perp: RecordedPerp | undefined,
  ): void {
    const { id, venue } = listing.instrument;
    const premiumAt = (tsMs: number) => this.premium(id, tsMs);
    this.contracts.set(id, {
      listing,
      shape: new BookShape(this.seed, listing.instrument, bookStyleOf(listing)),
      basis: perp === undefined ? null : new BasisPath(index, perp.bars),
      settlements: perp?.funding ?? [],
      sums: perp === undefined ? null : new PremiumSums(formulaOf(venue), premiumAt),
      sumsOriginal: perp === undefined ? null : new PremiumSums(okxOriginalFormula, premiumAt),
    });
  }
}

interface Contract {
  readonly listing: SimInstrument;
  readonly shape: BookShape;
  /** Null for spot, as the sums below. */
  readonly basis: BasisPath | null;
  readonly settlements: readonly RecordedRate[];
  readonly sums: PremiumSums | null;
  readonly sumsOriginal: PremiumSums | null;
}

function venuesOf(perps: readonly RecordedPerp[]): readonly VenueId[] {
  return [...new Set(perps.map(({ id }) => present(id.split(':')[0], 'venue of an id')))];
}

/** The recorded perpetuals of a venue, and its spot pairs of the assets that have an index. */
function listedIn(
  venue: VenueId,
  perps: ReadonlyMap<InstrumentId, RecordedPerp>,
  indexed: ReadonlyMap<string, IndexPath>,
): readonly SimInstrument[] {
  return listingsOf(venue).filter(({ instrument, underlying }) =>
    isPerp(instrument.kind)
      ? perps.has(instrument.id) && indexed.has(underlying)
      : indexed.has(underlying),
  );
}

/** Position of the first settlement strictly after tsMs; the length when there is none. */
function firstAfter(settlements: readonly RecordedRate[], tsMs: number): number {
  let low = 0;
  let high = settlements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeAt(settlements, middle) > tsMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function timeAt(settlements: readonly RecordedRate[], k: number): number {
  return present(settlements[k], 'a settlement').settlesAtMs;
}

function significant(price: number): number {
  return Number(price.toPrecision(9));
}
