// A made-up market with known properties, hour by hour, for trying research on: premia that all
// venues share and that revert over days, premia of one venue that revert over hours, a venue that
// follows the others a day late, and now and then a dislocation of one contract that runs into its
// cap and has its interval shortened. Rates come from premia by the venues' own formulas, so that
// usual rates are exactly the interest rate, as real ones are. From a seed, on whole hours.
import { Prng, textHash } from '../base/prng.ts';
import { hourMs } from '../base/time.ts';
import { type FundingTerms, formulaOf } from '../sim/funding-formula.ts';
import { roundRate } from '../sim/seeded-funding.ts';

/** What the statistics should find. Premia are fractions of the index. */
export const syntheticTruth = {
  sharedHalfLifeHours: 48,
  sharedSpread: 0.0009,
  ownHalfLifeHours: 10,
  ownSpread: 0.00022,
  meanPremium: 0.0003,
  /** The venue that shows what the others showed a day before. */
  follower: 'okx',
  followsByHours: 24,
  /** Between two dislocations of one asset, on average. */
  dislocationEveryHours: 480,
} as const;

export interface SyntheticAsset {
  readonly priceUsd: number;
  /** Standard deviation of a day's return. */
  readonly volatilityDaily: number;
  /** Largest rate of an interval. */
  readonly cap: number;
}

export const syntheticAssets: Readonly<Record<string, SyntheticAsset>> = {
  BTC: { priceUsd: 42_000, volatilityDaily: 0.025, cap: 0.003 },
  ETH: { priceUsd: 2_300, volatilityDaily: 0.03, cap: 0.003 },
  SOL: { priceUsd: 100, volatilityDaily: 0.045, cap: 0.0015 },
  XRP: { priceUsd: 0.6, volatilityDaily: 0.035, cap: 0.0015 },
  DOGE: { priceUsd: 0.08, volatilityDaily: 0.045, cap: 0.0015 },
  LINK: { priceUsd: 15, volatilityDaily: 0.04, cap: 0.0015 },
};

export interface SyntheticPerp {
  /** Of every hour's end, from the start on: `hours` + 1 values. */
  readonly price: Float64Array;
  readonly settlements: readonly {
    readonly hour: number;
    readonly rate: number;
    readonly mark: number;
  }[];
}

export interface SyntheticPath {
  readonly index: Float64Array;
  readonly perps: Readonly<Record<string, SyntheticPerp>>;
}

const usualHours = 8;
const shortHours = 4;
/** Settlements at the cap until an interval is shortened; at ease, until it is long again. */
const cappedToShorten = 2;
const calmToLengthen = 12;

/** One asset on some venues, `hours` long. */
export function syntheticPath(
  asset: string,
  options: {
    readonly seed: number;
    readonly hours: number;
    readonly startMs: number;
    readonly venues: readonly string[];
  },
): SyntheticPath {
  const { seed, hours, startMs, venues } = options;
  const stream = (name: string) => new Prng((seed ^ textHash(`${asset} ${name}`)) >>> 0);
  const terms = syntheticAssets[asset] ?? { priceUsd: 10, volatilityDaily: 0.04, cap: 0.0015 };
  const { followsByHours, follower, meanPremium } = syntheticTruth;
  const index = walk(stream('index'), hours, terms);
  // Longer by the delay, so that the follower has a past to show.
  const shared = reverting(stream('shared'), hours + followsByHours, {
    halfLife: syntheticTruth.sharedHalfLifeHours,
    spread: syntheticTruth.sharedSpread,
  });
  const dislocated = dislocations(stream('dislocations'), hours, venues);
  const perps = venues.map((venue) => {
    const own = reverting(stream(venue), hours, {
      halfLife: syntheticTruth.ownHalfLifeHours,
      spread: syntheticTruth.ownSpread,
    });
    const delay = venue === follower ? 0 : followsByHours;
    const premium = own.map(
      (value, k) =>
        meanPremium + value + (shared[k + delay] as number) + (dislocated[venue]?.[k] ?? 0),
    );
    const prng = stream(`${venue} price`);
    const price = premium.map(
      (value, k) => (index[k] as number) * (1 + value + 0.00004 * prng.normal()),
    );
    const { cap } = terms;
    return [venue, { price, settlements: settle(premium, { venue, cap, price, startMs }) }];
  });
  return { index, perps: Object.fromEntries(perps) };
}

/** A random walk of hours; one in six hundred jumps. */
function walk(prng: Prng, hours: number, { priceUsd, volatilityDaily }: SyntheticAsset) {
  const prices = new Float64Array(hours + 1);
  prices[0] = priceUsd;
  for (let k = 1; k <= hours; k++) {
    const jump = prng.chance(1 / 600) ? volatilityDaily * prng.normal() : 0;
    const move = (volatilityDaily / Math.sqrt(24)) * prng.normal() + jump;
    prices[k] = (prices[k - 1] as number) * Math.exp(move);
  }
  return prices;
}

/** Noise around zero with a half-life and a standard deviation; it starts in its own spread. */
function reverting(
  prng: Prng,
  hours: number,
  { halfLife, spread }: { readonly halfLife: number; readonly spread: number },
): Float64Array {
  const kept = 2 ** (-1 / halfLife);
  const fresh = spread * Math.sqrt(1 - kept ** 2);
  const values = new Float64Array(hours + 1);
  values[0] = spread * prng.normal();
  for (let k = 1; k <= hours; k++) {
    values[k] = kept * (values[k - 1] as number) + fresh * prng.normal();
  }
  return values;
}

/** Per venue what dislocations add: six hours up, some days there, a day back. */
function dislocations(prng: Prng, hours: number, venues: readonly string[]) {
  const added = Object.fromEntries(venues.map((venue) => [venue, new Float64Array(hours + 1)]));
  const { dislocationEveryHours } = syntheticTruth;
  for (let at = 0; at < hours; ) {
    at += Math.round(-Math.log(1 - prng.float()) * dislocationEveryHours);
    const venue = venues[prng.below(venues.length)] as string;
    const peak = (0.0012 + 0.0022 * prng.float()) * (prng.chance(0.75) ? 1 : -1);
    const holds = 18 + prng.below(60);
    const path = added[venue] as Float64Array;
    for (let k = 0; k < 6 + holds + 24 && at + k <= hours; k++) {
      const share = Math.min(1, (k + 1) / 6, (6 + holds + 24 - k) / 24);
      path[at + k] = (path[at + k] as number) + peak * share;
    }
  }
  return added;
}

/** The venue's formula over the hours of each interval; the interval follows what it pays. */
function settle(
  premium: Float64Array,
  of: {
    readonly venue: string;
    readonly cap: number;
    readonly price: Float64Array;
    readonly startMs: number;
  },
): SyntheticPerp['settlements'] {
  const formula = formulaOf(of.venue);
  const found: SyntheticPerp['settlements'][number][] = [];
  let intervalHours = usualHours;
  let capped = 0;
  let calm = 0;
  let last = 0;
  for (let hour = 1; hour < premium.length; hour++) {
    const hourOfDay = (of.startMs / hourMs + hour) % 24;
    if (hourOfDay % intervalHours !== 0) continue;
    const samples = premium.subarray(last + 1, hour + 1);
    let sum = 0;
    samples.forEach((value, k) => {
      sum += formula.weight(k + 1) * value;
    });
    const terms: FundingTerms = { intervalMs: intervalHours * hourMs, cap: of.cap, floor: -of.cap };
    const rate = roundRate(formula.rate(sum / formula.weightSum(samples.length), terms));
    found.push({ hour, rate, mark: of.price[hour] as number });
    last = hour;
    const isCapped = Math.abs(rate) >= of.cap;
    capped = isCapped ? capped + 1 : 0;
    calm = Math.abs(rate) < of.cap / 3 ? calm + 1 : 0;
    if (capped >= cappedToShorten) intervalHours = shortHours;
    if (calm >= calmToLengthen && hourOfDay % usualHours === 0) intervalHours = usualHours;
  }
  return found;
}
