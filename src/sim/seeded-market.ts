// The seeded exogenous market: prices, premia and books made of noise and a schedule of
// dislocations. Its contract is in market-api.ts; nothing here may depend on calls made before.
import { assert, present } from '../base/assert.ts';
import { textHash, uniformAt } from '../base/prng.ts';
import { significant } from '../base/significant.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../base/time.ts';
import { type InstrumentId, isPerp, type VenueId } from '../domain/instrument.ts';
import type { SimInstrument } from './api.ts';
import { formulaOf } from './funding-formula.ts';
import { listingsOf, simulatedVenues } from './listings/listings-of.ts';
import {
  type BaseBook,
  type ExogenousMarket,
  type MarketLabel,
  type MarketRange,
  marketGridMs,
} from './market-api.ts';
import { bookStyleOf, marketPerMinute, type SeededAsset, seededAsset } from './seeded-assets.ts';
import { BookShape } from './seeded-book.ts';
import { Dislocations } from './seeded-dislocations.ts';
import { type FundingInterval, PremiumSums } from './seeded-funding.ts';
import { brownianOctaves, SmoothNoise } from './seeded-noise.ts';

export interface SeededMarketOptions {
  readonly seed: number;
  readonly startMs: number;
  /**
   * Default: all simulated venues. Leaving one out changes nothing at the others but dislocations.
   */
  readonly venues?: readonly VenueId[];
  /** What venues list that the simulation does not know, or instead of what it knows. */
  readonly listings?: Readonly<Record<VenueId, readonly SimInstrument[]>>;
}

/** Funding history reaches back this far before the start: the contracts were listed then. */
export const historyMs = 14 * dayMs;
/** One contract halves its interval soon after the start, as venues do unannounced. */
const changingContract: InstrumentId = 'okx:XRP-USDT-PERP';
const changeAfterMs = 2 * hourMs;

export function seededMarket(options: SeededMarketOptions): ExogenousMarket {
  return new SeededMarket(options);
}

class SeededMarket implements ExogenousMarket {
  readonly kind = 'seeded';
  readonly seed: number;
  readonly startMs: number;
  readonly endMs = null;
  readonly gridMs = marketGridMs;
  readonly venues: readonly VenueId[];
  private readonly listed: ReadonlyMap<VenueId, readonly SimInstrument[]>;
  private readonly factor: SmoothNoise;
  private readonly assets = new Map<string, AssetPath>();
  private readonly contracts = new Map<InstrumentId, Contract>();
  private readonly dislocations: Dislocations;
  private readonly changeMs: number;

  constructor({ seed, startMs, venues = simulatedVenues, listings }: SeededMarketOptions) {
    assert(Number.isSafeInteger(startMs) && startMs > historyMs, `no start at ${startMs}`);
    this.seed = seed;
    this.startMs = startMs;
    this.venues = venues;
    this.factor = new SmoothNoise(seed, 'market', brownianOctaves(marketPerMinute));
    this.changeMs = Math.ceil((startMs + changeAfterMs) / (8 * hourMs)) * 8 * hourMs;
    this.listed = new Map(
      venues.map((venue) => [venue, known(listings?.[venue] ?? listingsOf(venue))]),
    );
    const listed = venues.flatMap((venue) => this.instruments(venue));
    this.dislocations = new Dislocations(seed, startMs, listed.filter(mayDislocate));
    for (const listing of listed) this.addContract(listing);
  }

  gridTime(tsMs: number): number {
    return Math.floor(tsMs / marketGridMs) * marketGridMs;
  }

  instruments(venue: VenueId): readonly SimInstrument[] {
    return this.listed.get(venue) ?? [];
  }

  index(underlying: string, tsMs: number): number {
    const asset = present(this.assets.get(underlying), `index of ${underlying}`);
    return asset.priceAt(this.gridTime(tsMs));
  }

  mid(id: InstrumentId, tsMs: number): number {
    const contract = this.contract(id);
    const gridMs = this.gridTime(tsMs);
    const slow = this.slowPremium(contract, gridMs);
    return contract.asset.priceAt(gridMs) * (1 + slow + contract.fast.at(gridMs));
  }

  mark(id: InstrumentId, tsMs: number): number {
    const contract = this.contract(id);
    if (contract.sums === null) return this.mid(id, tsMs);
    const gridMs = this.gridTime(tsMs);
    const exact = contract.asset.priceAt(gridMs) * (1 + this.slowPremium(contract, gridMs));
    return significant(exact, markDigits);
  }

  premium(id: InstrumentId, tsMs: number): number {
    const contract = this.contract(id);
    if (contract.sums === null) return 0;
    const gridMs = this.gridTime(tsMs);
    const index = contract.asset.priceAt(gridMs);
    return contract.shape.premium({ mid: this.mid(id, gridMs), index, tsMs: gridMs });
  }

  baseBook(id: InstrumentId, tsMs: number, levels: number): BaseBook {
    const gridMs = this.gridTime(tsMs);
    return this.contract(id).shape.book(this.mid(id, gridMs), gridMs, levels);
  }

  intervalMs(id: InstrumentId, tsMs: number): number | null {
    const { instrument } = this.contract(id).listing;
    if (id === changingContract && tsMs >= this.changeMs) return 4 * hourMs;
    return instrument.fundingIntervalMs;
  }

  settlesAtMs(id: InstrumentId, tsMs: number): number | null {
    const fromMs = Math.max(tsMs, this.startMs - historyMs);
    const intervalMs = this.intervalMs(id, fromMs);
    return intervalMs === null ? null : (Math.floor(fromMs / intervalMs) + 1) * intervalMs;
  }

  settlements(id: InstrumentId, range: MarketRange): readonly number[] {
    const times: number[] = [];
    let next = this.settlesAtMs(id, range.fromMs);
    while (next !== null && next <= range.toMs) {
      times.push(next);
      next = this.settlesAtMs(id, next);
    }
    return times;
  }

  fundingEstimate(id: InstrumentId, tsMs: number): number {
    const contract = this.contract(id);
    const settlesAtMs = present(this.settlesAtMs(id, tsMs), `settlement of ${id}`);
    const interval = this.interval(contract, settlesAtMs);
    return present(contract.sums, `funding of ${id}`).estimate(interval, this.gridTime(tsMs));
  }

  fundingSettled(id: InstrumentId, settlesAtMs: number): number | null {
    const contract = this.contract(id);
    if (contract.sums === null || this.settlesAtMs(id, settlesAtMs - 1) !== settlesAtMs)
      return null;
    return contract.sums.settled(this.interval(contract, settlesAtMs));
  }

  labels(): readonly MarketLabel[] {
    const labels: MarketLabel[] = [...this.dislocations.labels()];
    const changing = this.contracts.get(changingContract)?.listing.instrument;
    if (changing !== undefined) {
      const when = isoUtc(this.changeMs);
      const { venue, symbol } = changing;
      const text = `${venue} ${symbol} settles every 4h from ${when} on, 8h before`;
      labels.push({ kind: 'note', text });
    }
    return labels;
  }

  private interval(contract: Contract, settlesAtMs: number): FundingInterval {
    const { listing } = contract;
    const intervalMs = this.intervalMs(listing.instrument.id, settlesAtMs - 1);
    return {
      settlesAtMs,
      intervalMs: present(intervalMs, `interval of ${listing.instrument.id}`),
      cap: listing.fundingCap,
      floor: listing.fundingFloor,
    };
  }

  private slowPremium(contract: Contract, gridMs: number): number {
    const { id } = contract.listing.instrument;
    const shared = contract.share * contract.asset.premium.at(gridMs);
    const noise = shared + contract.slow.at(gridMs);
    return contract.level + noise + this.dislocations.premiumAt(id, gridMs);
  }

  private contract(id: InstrumentId): Contract {
    return present(this.contracts.get(id), `listing of ${id}`);
  }

  private addContract(listing: SimInstrument): void {
    const { instrument, underlying } = listing;
    let asset = this.assets.get(underlying);
    if (asset === undefined) {
      asset = new AssetPath(this.seed, underlying, this.factor);
      this.assets.set(underlying, asset);
    }
    const { id } = instrument;
    const terms = premiumTerms(listing, asset.asset);
    const diff = 2 * uniformAt(this.seed, textHash(`venue ${id}`), 0) - 1;
    this.contracts.set(id, {
      listing,
      asset,
      shape: new BookShape(this.seed, instrument, bookStyleOf(listing)),
      level: terms.level + terms.venueSpread * diff,
      share: terms.share,
      slow: new SmoothNoise(this.seed, `slow ${id}`, slowOctaves(terms.ownAmplitude)),
      fast: new SmoothNoise(this.seed, `fast ${id}`, fastOctaves(terms.fastAmplitude)),
      sums: isPerp(instrument.kind)
        ? new PremiumSums(formulaOf(instrument.venue), (tsMs) => this.premium(id, tsMs))
        : null,
    });
  }
}

interface Contract {
  readonly listing: SimInstrument;
  readonly asset: AssetPath;
  readonly shape: BookShape;
  /** Persistent premium, of the asset and of this venue. */
  readonly level: number;
  /** How much of the premium motion that all venues share reaches this contract. */
  readonly share: number;
  readonly slow: SmoothNoise;
  readonly fast: SmoothNoise;
  /** Null for spot. */
  readonly sums: PremiumSums | null;
}

/** Index and shared premium of one asset. */
class AssetPath {
  readonly asset: SeededAsset;
  readonly premium: SmoothNoise;
  private readonly factor: SmoothNoise;
  private readonly own: SmoothNoise;
  private cachedMs = Number.NaN;
  private cachedPrice = Number.NaN;

  constructor(seed: number, underlying: string, factor: SmoothNoise) {
    this.asset = present(seededAsset(underlying), `asset ${underlying}`);
    this.factor = factor;
    this.own = new SmoothNoise(seed, `own ${underlying}`, brownianOctaves(this.asset.ownPerMinute));
    this.premium = new SmoothNoise(seed, `premium ${underlying}`, sharedOctaves);
  }

  priceAt(gridMs: number): number {
    if (this.cachedMs === gridMs) return this.cachedPrice;
    const move = this.asset.beta * this.factor.at(gridMs) + this.own.at(gridMs);
    this.cachedPrice = significant(this.asset.priceUsd * Math.exp(move), markDigits);
    this.cachedMs = gridMs;
    return this.cachedPrice;
  }
}

const basisPoint = 0.0001;
/** Digits of an index or mark price. */
const markDigits = 9;

/** The premium that all venues share wanders by about 3 bp over hours to days. */
const sharedOctaves = [
  { wavelengthMs: 6 * hourMs, amplitude: 0.8 * basisPoint },
  { wavelengthMs: dayMs, amplitude: 1.5 * basisPoint },
  { wavelengthMs: 5 * dayMs, amplitude: 2.5 * basisPoint },
];

function slowOctaves(amplitude: number) {
  return [
    { wavelengthMs: hourMs, amplitude: 0.5 * amplitude },
    { wavelengthMs: 5 * hourMs, amplitude },
    { wavelengthMs: 2 * dayMs, amplitude },
  ];
}

function fastOctaves(amplitude: number) {
  return [
    { wavelengthMs: minuteMs, amplitude },
    { wavelengthMs: 10 * minuteMs, amplitude },
  ];
}

/** Venues whose rate is the share of eight hours that an interval has. */
const paysAShare: readonly VenueId[] = ['binance', 'hyperliquid'];

interface PremiumTerms {
  readonly level: number;
  readonly venueSpread: number;
  readonly share: number;
  readonly ownAmplitude: number;
  readonly fastAmplitude: number;
}

/**
 * OKX and Bybit pay the whole premium every interval, however short, so a premium that pays 5 bp
 * per 8 h would pay 5 bp per hour there: contracts of shorter intervals stay close to the index.
 */
function premiumTerms(listing: SimInstrument, asset: SeededAsset): PremiumTerms {
  const { kind, venue, fundingIntervalMs } = listing.instrument;
  const fastAmplitude = 0.4 * basisPoint;
  if (kind === 'spot') {
    const ownAmplitude = 0.1 * basisPoint;
    return { level: 0, venueSpread: 0, share: 0, ownAmplitude, fastAmplitude: ownAmplitude };
  }
  const short = fundingIntervalMs !== null && fundingIntervalMs < 8 * hourMs;
  if (short && !paysAShare.includes(venue)) {
    const level = Math.min(asset.premium, basisPoint);
    const ownAmplitude = 0.6 * basisPoint;
    return { level, venueSpread: 0.5 * basisPoint, share: 0.2, ownAmplitude, fastAmplitude };
  }
  const ownAmplitude = 0.8 * basisPoint;
  const venueSpread = 2 * basisPoint;
  return { level: asset.premium, venueSpread, share: 1, ownAmplitude, fastAmplitude };
}

/** Hourly perpetuals of venues that pay the whole premium every hour: see Dislocations. */
function mayDislocate({ instrument }: SimInstrument): boolean {
  const hourly = isPerp(instrument.kind) && instrument.fundingIntervalMs === hourMs;
  return hourly && !paysAShare.includes(instrument.venue);
}

function known(listings: readonly SimInstrument[]): readonly SimInstrument[] {
  return listings.filter(({ underlying }) => seededAsset(underlying) !== null);
}
