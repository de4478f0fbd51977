// A light exogenous market for the simulator: a few contracts, short books, funding that changes
// sign, settles otherwise than forecast and flips its interval at a cap. Like every market it is a
// pure function of its options and the venue time; nothing depends on the order of calls.
import { assert, present } from '../base/assert.ts';
import { type Decimal, decimalsOf, toNumber } from '../base/decimal.ts';
import { Prng, textHash, uniformAt } from '../base/prng.ts';
import { significant } from '../base/significant.ts';
import { hourMs } from '../base/time.ts';
import { isInverse } from '../domain/contract-value.ts';
import { type InstrumentId, isPerp, type VenueId } from '../domain/instrument.ts';
import { slot } from '../domain/market-table.ts';
import type { Level } from '../domain/venue-event.ts';
import type { SimInstrument } from './api.ts';
import { type BaseBook, type ExogenousMarket, marketGridMs } from './market-api.ts';
import { seededAsset } from './seeded-assets.ts';
import { SettlementLine } from './simulator-funding.ts';

export interface LightMarketOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly venues: readonly VenueId[];
  readonly listings: readonly SimInstrument[];
  /** Share of the normal depth that is there at a venue time; 1 = all of it. */
  readonly depthShare: (venue: VenueId, tsMs: number) => number;
  /** Largest distance between a forecast and what settles, as a fraction of the rate's cap. */
  readonly surprise: number;
  /** Whether rates may reach their cap, and then flip the interval. */
  readonly flips: boolean;
}

/** Levels per side, the first one this far from the mid, each next one this much farther. */
const levels = 4;
const halfSpread = 0.0001;
const levelGap = 0.0002;
const levelUsd = 3_000;
const basisAmplitude = 0.0004;
/** Digits of an index or mark price. */
const markDigits = 9;

export function lightMarket(options: LightMarketOptions): ExogenousMarket {
  return new LightMarket(options);
}

class LightMarket implements ExogenousMarket {
  readonly kind = 'seeded';
  readonly seed: number;
  readonly startMs: number;
  readonly endMs = null;
  readonly gridMs = marketGridMs;
  readonly venues: readonly VenueId[];
  private readonly options: LightMarketOptions;
  private readonly paths = new Map<string, PricePath>();
  private readonly contracts = new Map<InstrumentId, Contract>();
  /** Asked for last: one instrument is asked for several things in a row. */
  private last: Contract | null = null;

  constructor(options: LightMarketOptions) {
    this.options = options;
    this.seed = options.seed;
    this.startMs = options.startMs;
    this.venues = options.venues;
    for (const listing of options.listings) this.add(listing);
  }

  gridTime(tsMs: number): number {
    return Math.floor(tsMs / marketGridMs) * marketGridMs;
  }

  instruments(venue: VenueId): readonly SimInstrument[] {
    return this.options.listings.filter(({ instrument }) => instrument.venue === venue);
  }

  index(underlying: string, tsMs: number): number {
    return present(this.paths.get(underlying), underlying).at(this.gridTime(tsMs));
  }

  mid(id: InstrumentId, tsMs: number): number {
    return this.priced(id, tsMs).mid;
  }

  mark(id: InstrumentId, tsMs: number): number {
    return this.priced(id, tsMs).mark;
  }

  premium(id: InstrumentId, tsMs: number): number {
    return this.priced(id, tsMs).premium;
  }

  baseBook(id: InstrumentId, tsMs: number, levelsMax: number): BaseBook {
    const contract = this.priced(id, tsMs);
    const qty = this.levelQty(contract);
    const bids: Level[] = [];
    const asks: Level[] = [];
    for (let k = 0; k < levels && k < levelsMax; k++) {
      bids.push([bidAt(contract, k), qty]);
      asks.push([askAt(contract, k), qty]);
    }
    return { bids, asks };
  }

  readTop(id: InstrumentId, tsMs: number, row: Float64Array): void {
    const contract = this.priced(id, tsMs);
    const qty = this.levelQty(contract);
    row[slot.bid] = bidAt(contract, 0);
    row[slot.bidQty] = qty;
    row[slot.ask] = askAt(contract, 0);
    row[slot.askQty] = qty;
  }

  private levelQty({ venue, pricedMs, qty, faceUsd, mid }: Contract): number {
    const share = this.options.depthShare(venue, pricedMs);
    const lots = Math.floor((levelUsd * share) / (faceUsd ?? mid) / qty.step);
    return gridded(qty, Math.max(1, lots));
  }

  intervalMs(id: InstrumentId, tsMs: number): number | null {
    return this.contract(id).line?.after(tsMs).intervalMs ?? null;
  }

  settlesAtMs(id: InstrumentId, tsMs: number): number | null {
    return this.contract(id).line?.after(tsMs).atMs ?? null;
  }

  settlements(id: InstrumentId, range: { readonly fromMs: number; readonly toMs: number }) {
    return this.contract(id).line?.between(range.fromMs, range.toMs) ?? [];
  }

  fundingEstimate(id: InstrumentId, tsMs: number): number {
    return present(this.contract(id).line, `funding of ${id}`).after(tsMs).estimate;
  }

  fundingSettled(id: InstrumentId, settlesAtMs: number): number | null {
    return this.contract(id).line?.at(settlesAtMs)?.rate ?? null;
  }

  labels() {
    return [];
  }

  /** The contract with its prices of that grid time. */
  private priced(id: InstrumentId, tsMs: number): Contract {
    const contract = this.contract(id);
    const gridMs = this.gridTime(tsMs);
    if (contract.pricedMs !== gridMs) {
      contract.pricedMs = gridMs;
      contract.premium = contract.basis.at(gridMs);
      contract.mid = contract.path.at(gridMs) * (1 + contract.premium);
      contract.mark = significant(contract.mid, markDigits);
    }
    return contract;
  }

  private contract(id: InstrumentId): Contract {
    if (this.last?.id === id) return this.last;
    const contract = this.contracts.get(id);
    assert(contract !== undefined, 'a contract of this market');
    this.last = contract;
    return contract;
  }

  private add(listing: SimInstrument): void {
    const { instrument, underlying } = listing;
    const { seed, startMs, surprise, flips } = this.options;
    let path = this.paths.get(underlying);
    if (path === undefined) {
      path = new PricePath(seed, underlying);
      this.paths.set(underlying, path);
    }
    this.contracts.set(instrument.id, {
      id: instrument.id,
      venue: instrument.venue,
      path,
      basis: new Wave(seed, `basis ${instrument.id}`, basisAmplitude, hourMs * 3),
      price: stepOf(instrument.tickSize),
      qty: stepOf(instrument.lotSize),
      faceUsd: isInverse(instrument) ? toNumber(instrument.contractSize) : null,
      line: isPerp(instrument.kind)
        ? new SettlementLine({ seed, startMs, listing, surprise, flips })
        : null,
      pricedMs: Number.NaN,
      premium: Number.NaN,
      mid: Number.NaN,
      mark: Number.NaN,
    });
  }
}

interface Contract {
  readonly id: InstrumentId;
  readonly venue: VenueId;
  readonly path: PricePath;
  readonly basis: Wave;
  readonly price: Step;
  readonly qty: Step;
  /** USD per contract of an inverse one; null = quantities are base units. */
  readonly faceUsd: number | null;
  readonly line: SettlementLine | null;
  /** The grid time that the figures below are of. */
  pricedMs: number;
  premium: number;
  mid: number;
  mark: number;
}

/**
 * A decimal grid: multiples of `step` = units / scale, in whole numbers until the last division.
 */
interface Step {
  readonly step: number;
  readonly units: number;
  readonly scale: number;
}

function stepOf(size: Decimal | null): Step {
  assert(size !== null, 'a light market needs tick and lot');
  const scale = 10 ** decimalsOf(size);
  const step = toNumber(size);
  return { step, units: Math.round(step * scale), scale };
}

function bidAt({ mid, price }: Contract, level: number): number {
  const away = halfSpread + level * levelGap;
  return gridded(price, Math.floor((mid * (1 - away)) / price.step) - level);
}

function askAt({ mid, price }: Contract, level: number): number {
  const away = halfSpread + level * levelGap;
  return gridded(price, Math.ceil((mid * (1 + away)) / price.step) + level);
}

function gridded({ units, scale }: Step, count: number): number {
  return (count * units) / scale;
}

/** Index price of an asset: slow waves and a few jumps. */
class PricePath {
  private readonly start: number;
  private readonly waves: readonly Wave[];
  private readonly seed: number;
  private readonly stream: number;
  private cachedMs = Number.NaN;
  private cached = Number.NaN;

  constructor(seed: number, underlying: string) {
    this.seed = seed;
    this.stream = textHash(`jump ${underlying}`);
    this.start = seededAsset(underlying)?.priceUsd ?? 1;
    this.waves = [
      new Wave(seed, `slow ${underlying}`, 0.02, 30 * hourMs),
      new Wave(seed, `mid ${underlying}`, 0.004, 5 * hourMs),
      new Wave(seed, `fast ${underlying}`, 0.001, hourMs / 2),
    ];
  }

  at(gridMs: number): number {
    if (gridMs === this.cachedMs) return this.cached;
    let move = 0;
    for (const wave of this.waves) move += wave.at(gridMs);
    // One jump of up to 1% in either direction every six hours, for as long as they last.
    move += (uniformAt(this.seed, this.stream, Math.floor(gridMs / (6 * hourMs))) - 0.5) * 0.02;
    this.cachedMs = gridMs;
    this.cached = significant(this.start * Math.exp(move), markDigits);
    return this.cached;
  }
}

interface Sine {
  readonly amplitude: number;
  readonly period: number;
  readonly phase: number;
}

/** Two sines whose periods and phases come from the seed. */
class Wave {
  private readonly long: Sine;
  private readonly short: Sine;

  constructor(seed: number, name: string, amplitude: number, periodMs: number) {
    const prng = new Prng(seed ^ textHash(name));
    const part = (share: number): Sine => ({
      amplitude: amplitude * share,
      period: (periodMs * (0.6 + 0.8 * prng.float())) / (2 * Math.PI),
      phase: prng.float() * 2 * Math.PI,
    });
    this.long = part(0.7);
    this.short = part(0.3);
  }

  at(tsMs: number): number {
    const { long, short } = this;
    return (
      long.amplitude * Math.sin(tsMs / long.period + long.phase) +
      short.amplitude * Math.sin(tsMs / short.period + short.phase)
    );
  }
}
