// The naked-delta oracle: what the accounts are really exposed to, per asset, over all venues. What
// people traded by hand may be hedged or not; of an order that no one can say anything about, half
// may be covered. Everything else must be back in the band within the budget, counted only while a
// venue that can cut the delta accepts orders and our process lives.
import { formatDecimal, toNumber } from '../base/decimal.ts';
import { baseQtyAt, isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { deltaOf, legsOf } from '../domain/pair.ts';
import { type EngineState, livePairs } from '../engine/state.ts';
import type { SimEvent } from './api.ts';
import { check } from './checkers.ts';
import { magnitude, type Pending } from './checkers-book.ts';
import type { FaultableExchange } from './exchange.ts';

export interface DeltaOptions {
  readonly exchanges: readonly FaultableExchange[];
  readonly nakedMsMax: number;
  readonly nakedUsdMax: number;
  /** For finding out what the streams did not tell. */
  readonly unknownMsMax: number;
}

export interface DeltaMoment {
  readonly wallMs: number;
  /** Our process runs. */
  readonly alive: boolean;
  readonly accepts: (venue: string) => boolean;
  readonly uncertain: ReadonlyMap<InstrumentId, Pending>;
  /** Longer legs of pairs that know to be naked: only those called for may be asked; none = all. */
  readonly nakedLegs: ReadonlyMap<InstrumentId, boolean>;
  /** What the journal's fills add up to. */
  readonly booked: ReadonlyMap<InstrumentId, bigint>;
  /** How many pairs with such a leg the journal has not closed. */
  readonly pairsOn: (isIt: (id: InstrumentId) => boolean) => number;
}

interface Holding {
  readonly instrument: Instrument;
  readonly exchange: FaultableExchange;
  /** Contracts, or coins in the wallet; signed. */
  qty: bigint;
  /** For how long the journal has not known it while the venue would have told. */
  unknownMs: number;
}

interface Asset {
  readonly base: string;
  readonly holdings: readonly Holding[];
  /** The largest common lot: a delta below it is flat, in each pair. */
  readonly bandQty: bigint;
  /** Of inverse instruments: each pair with one may leave a delta below the largest lot. */
  readonly coinMargined: number;
  /** What was sold (<= 0) and bought (>= 0) by hand. */
  manualLow: bigint;
  manualHigh: bigint;
  nakedMs: number;
  /** As of the last look: time counts only between two looks that both could have acted. */
  cuttable: boolean;
}

/** Dust of spot that no order can sell, per asset. */
const dustUsdMax = 25;

export class DeltaChecker {
  /** Longest time that a delta was naked and could be cut, over all assets. */
  nakedMsMax = 0;
  private readonly options: DeltaOptions;
  private readonly assets: readonly Asset[];
  private lastMs = 0;

  constructor(options: DeltaOptions) {
    this.options = options;
    this.assets = assetsOf(options.exchanges);
  }

  /** Follows what the venues book: positions of perpetuals, coins in wallets. */
  onTruth(venue: string, event: SimEvent): void {
    if (event.kind === 'position') {
      const { instrument, qty } = event.position;
      for (const asset of this.assets) {
        const item = asset.holdings.find((each) => each.instrument.id === instrument);
        if (item !== undefined) follow(asset, item, qty);
      }
    }
    if (event.kind !== 'balance') return;
    const { asset, wallet, total } = event.balance;
    for (const each of this.assets) {
      if (each.base !== asset) continue;
      for (const item of each.holdings) {
        const { instrument } = item;
        const isIt = instrument.kind === 'spot' && instrument.venue === venue;
        if (isIt && instrument.wallet === wallet) follow(each, item, total);
      }
    }
  }

  /** A trade by hand, or a transfer of coins. */
  onManual(instrument: InstrumentId, signedQty: bigint): void {
    for (const asset of this.assets) {
      const holding = asset.holdings.find((item) => item.instrument.id === instrument);
      if (holding === undefined) continue;
      const qty = inBase(holding, signedQty, markOf(holding));
      if (qty < 0n) asset.manualLow += qty;
      else asset.manualHigh += qty;
    }
  }

  onTick(moment: DeltaMoment): void {
    const passedMs = this.lastMs === 0 ? 0 : moment.wallMs - this.lastMs;
    this.lastMs = moment.wallMs;
    for (const asset of this.assets) this.watch(asset, moment, passedMs);
  }

  /** Deltas outside the band, as texts; for the end of a run. */
  outside(): readonly string[] {
    const none = new Map<InstrumentId, Pending>();
    return this.assets.flatMap((asset) => {
      const qty = excessOf(asset, none);
      return isFlat(asset, qty, noPair) ? [] : [`${asset.base} ${text(qty)}`];
    });
  }

  /** True when the journal holds what the venues hold; it must, within the time to find out. */
  private isInformed(asset: Asset, moment: DeltaMoment, passedMs: number): boolean {
    let informed = true;
    for (const item of asset.holdings) {
      const { instrument, exchange, qty } = item;
      const booked = moment.booked.get(instrument.id) ?? 0n;
      if (booked === qty) {
        item.unknownMs = 0;
        continue;
      }
      informed = false;
      if (!moment.alive) item.unknownMs = 0;
      else if (moment.accepts(exchange.venue)) item.unknownMs += passedMs;
      check(
        item.unknownMs <= this.options.unknownMsMax,
        'uninformed',
        () =>
          `the journal holds ${text(booked)} of ${instrument.id}, the venue ${text(qty)}, for ` +
          `${item.unknownMs.toFixed(0)} ms`,
      );
    }
    return informed;
  }

  private watch(asset: Asset, moment: DeltaMoment, passedMs: number): void {
    const informed = this.isInformed(asset, moment, passedMs);
    const excess = excessOf(asset, moment.uncertain);
    if (isFlat(asset, excess, moment.pairsOn)) {
      asset.nakedMs = 0;
      asset.cuttable = false;
      return;
    }
    const usd = (Number(magnitude(excess)) / 1e18) * priceOf(asset);
    const what = () => `${asset.base} ${text(excess)} (${usd.toFixed(0)} USD)`;
    const { nakedUsdMax, nakedMsMax } = this.options;
    check(
      usd <= nakedUsdMax,
      'naked-delta-usd',
      () => `${what()} is naked, more than ${nakedUsdMax.toFixed(0)} USD`,
    );
    const wasCuttable = asset.cuttable;
    asset.cuttable = informed && canBeCut(asset, excess, moment);
    if (!moment.alive) asset.nakedMs = 0;
    else if (wasCuttable && asset.cuttable) asset.nakedMs += passedMs;
    this.nakedMsMax = Math.max(this.nakedMsMax, asset.nakedMs);
    check(
      asset.nakedMs <= nakedMsMax,
      'naked-delta-time',
      () =>
        `${what()} is naked for ${asset.nakedMs.toFixed(0)} ms while a venue that can cut it ` +
        `accepts orders, more than ${nakedMsMax}`,
    );
  }
}

function assetsOf(exchanges: readonly FaultableExchange[]): readonly Asset[] {
  const assets = new Map<string, Asset>();
  for (const exchange of exchanges) {
    for (const { instrument } of exchange.instruments()) {
      const { base } = instrument;
      const known = assets.get(base);
      const holding = { instrument, exchange };
      const lot = inBase(
        holding,
        instrument.lotSize ?? 0n,
        exchange.mark(instrument.id) / lotDrift,
      );
      const before = known?.bandQty ?? 0n;
      const bandQty = before > lot ? before : lot;
      const coinMargined = (known?.coinMargined ?? 0) + (isInverse(instrument) ? 1 : 0);
      const holdings = [
        ...(known?.holdings ?? []),
        { instrument, exchange, qty: 0n, unknownMs: 0 },
      ];
      const limits = { bandQty, coinMargined, manualLow: 0n, manualHigh: 0n };
      assets.set(base, { base, holdings, ...limits, ...fresh });
    }
  }
  return [...assets.values()];
}

/** Flat for a moment between two looks is flat: what is naked after it is naked anew. */
function follow(asset: Asset, item: Holding, qty: bigint): void {
  item.qty = qty;
  if (asset.nakedMs === 0 || !isFlat(asset, excessOf(asset, new Map()), noPair)) return;
  asset.nakedMs = 0;
  asset.cuttable = false;
}

const fresh = { nakedMs: 0, cuttable: false };

/** Signed distance from what is allowed: between nothing and all of what was traded by hand. */
function excessOf(asset: Asset, uncertain: ReadonlyMap<InstrumentId, Pending>): bigint {
  const { manualLow: low, manualHigh: high } = asset;
  let delta = 0n;
  let half = 0n;
  for (const item of asset.holdings) {
    if (item.qty !== 0n) delta += inBase(item, item.qty, entryOf(item));
    const pending = uncertain.get(item.instrument.id);
    if (pending === undefined) continue;
    half += inBase(item, pending.buys + pending.sells, markOf(item)) / 2n;
  }
  if (delta > high) return delta - high > half ? delta - high - half : 0n;
  if (delta < low) return low - delta > half ? delta - low + half : 0n;
  return 0n;
}

/** A contract is more base units when the price falls: by at most this in a run. */
const lotDrift = 1.1;

/** Inverse contracts at a price, to a millionth of a millionth; everything else is base units. */
function inBase({ instrument }: Pick<Holding, 'instrument'>, qty: bigint, price: number): bigint {
  if (!isInverse(instrument)) return qty;
  const base = baseQtyAt(instrument, Number(qty) / 1e18, price);
  return BigInt(Math.round(base * 1e12)) * 1_000_000n;
}

function markOf({ instrument, exchange }: Holding): number {
  return exchange.mark(instrument.id);
}

/** What they have earned since is coin: together they are the base units of the entry. */
function entryOf({ instrument, exchange }: Holding): number {
  if (!isInverse(instrument)) return Number.NaN; // is not asked for
  return toNumber(exchange.position(instrument.id).entryPrice);
}

/** Each pair may be off by less than a lot, all of them to the same side. */
function isFlat(asset: Asset, excess: bigint, pairsOn: DeltaMoment['pairsOn']): boolean {
  if (excess === 0n) return true;
  const size = magnitude(excess);
  if (size < asset.bandQty * BigInt(Math.max(1, asset.coinMargined))) return true;
  if ((Number(size) / 1e18) * priceOf(asset) < dustUsdMax) return true;
  const pairs = pairsOn((id) => asset.holdings.some(({ instrument }) => instrument.id === id));
  return size < asset.bandQty * BigInt(pairs);
}

const noPair = (): number => 0;

function priceOf({ holdings }: Asset): number {
  const [first] = holdings;
  return first === undefined ? 0 : first.exchange.mark(first.instrument.id);
}

/** Some venue holds a position on the side of the excess, trades it, and takes orders. */
function canBeCut(asset: Asset, excess: bigint, moment: DeltaMoment): boolean {
  const { accepts, nakedLegs } = moment;
  const named = asset.holdings.some(({ instrument }) => nakedLegs.has(instrument.id));
  return asset.holdings.some(({ instrument, exchange, qty }) => {
    if (named && nakedLegs.get(instrument.id) !== true) return false;
    const listed = exchange.instrument(instrument.id)?.instrument;
    if (listed?.status !== 'trading' || !accepts(exchange.venue)) return false;
    return qty !== 0n && qty > 0n === excess > 0n;
  });
}

function text(value: bigint): string {
  return formatDecimal(value as Parameters<typeof formatDecimal>[0]); // a sum of decimals
}

/**
 * The longer legs of the pairs that know to be naked, and whether reducing them is called for: with
 * an order that nobody can say anything about, half of it covered is the best that can be done.
 */
export function nakedLegsOf(
  state: EngineState | null,
  leftOfPairs: () => ReadonlyMap<string, bigint>,
): ReadonlyMap<string, boolean> {
  if (state === null) return noLegs;
  let legs: Map<string, boolean> | null = null;
  let leftOf: ReadonlyMap<string, bigint> | null = null;
  for (const pair of livePairs(state)) {
    if (pair.nakedSinceWallMs === null) continue;
    leftOf ??= leftOfPairs();
    legs ??= new Map();
    const delta = deltaOf(pair);
    const beyond = magnitude(delta) - (leftOf.get(pair.id) ?? 0n) / 2n;
    const longer = delta > 0n ? 'long' : 'short';
    for (const { name, instrument } of legsOf(pair)) {
      if (name === longer) legs.set(instrument, beyond >= pair.bandQty);
    }
  }
  return legs ?? noLegs;
}

const noLegs: ReadonlyMap<string, boolean> = new Map();
