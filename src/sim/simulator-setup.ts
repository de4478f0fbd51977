// The small universe of a simulated run: two assets on three venues, their wallets, and exchanges
// over the light market. Which assets, how deep and how volatile comes from the seed.
import { decimal } from '../base/decimal.ts';
import { Prng } from '../base/prng.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { Policy } from '../engine/policy.ts';
import type { SimInstrument } from './api.ts';
import { createSimExchange, type FaultableExchange } from './exchange.ts';
import type { FaultPlan, FaultWindow } from './faults.ts';
import { listingsOf, simulatedVenues } from './listings/listings-of.ts';
import type { ExogenousMarket } from './market-api.ts';
import { lightMarket } from './simulator-market.ts';

export const venues: readonly VenueId[] = simulatedVenues;
/** Venue time at which every run starts: 2026-01-05, 00:00 UTC. */
export const runStartTsMs = 1_767_571_200_000;
/** Two of these per run; each is listed as a perpetual at every venue. */
const assetsAll = ['BTC', 'ETH', 'SOL', 'XRP', 'ARB', 'SUI'];
const assetsPerRun = 2;
const walletUsdt = decimal('40000');
/** The assets that have inverse perpetuals everywhere, and what margins them. */
const coinsPerVenue = { BTC: decimal('1'), ETH: decimal('20') };
/** Smallest share of the normal depth while fills are partial. */
const depthShareMin = 0.02;
const depthShareSpan = 0.2;
const surpriseShare = 0.3;

export interface SimUniverse {
  readonly market: ExogenousMarket;
  readonly exchanges: readonly FaultableExchange[];
}

/** For a strategy of them: perpetuals alone, the coin-margined ones too, and coins as margin. */
export function makeUniverse(
  seed: number,
  plan: FaultPlan,
  { strategies }: Pick<Policy, 'strategies'>,
): SimUniverse {
  const coins = strategies.some(({ strategy }) => strategy.coinMargined === true);
  const prng = new Prng(seed ^ 0x1f83d9ab);
  const bases = new Set<string>(coins ? Object.keys(coinsPerVenue) : []);
  while (bases.size < assetsPerRun) bases.add(assetsAll[prng.below(assetsAll.length)] as string);
  const listings = venues.flatMap((venue) =>
    listingsOf(venue).filter((item) => isIn(item, bases, coins)),
  );
  const market = lightMarket({
    seed,
    startMs: runStartTsMs,
    venues,
    listings,
    depthShare: depthShareOf(plan),
    surprise: plan.kinds.has('funding-surprise') ? surpriseShare : 0,
    flips: plan.kinds.has('interval-flip'),
  });
  const exchanges = venues.map((venue) =>
    createSimExchange({
      venue,
      market,
      listings: market.instruments(venue),
      startBalances: [
        ...walletsOf(venue).map((wallet) => ({ wallet, asset: 'USDT', amount: walletUsdt })),
        ...(coins ? coinsOf(venue) : []),
      ],
    }),
  );
  return { market, exchanges };
}

export function walletsOf(venue: VenueId): readonly string[] {
  return venue === 'binance' ? ['spot', 'futures'] : ['unified'];
}

function coinsOf(venue: VenueId) {
  const wallet = venue === 'binance' ? 'coin-futures' : 'unified';
  return Object.entries(coinsPerVenue).map(([asset, amount]) => ({ wallet, asset, amount }));
}

function isIn({ instrument }: SimInstrument, bases: ReadonlySet<string>, coins: boolean): boolean {
  const { base, quote, kind } = instrument;
  if (!bases.has(base)) return false;
  if (kind === 'inverse-perp') return coins && quote === 'USD';
  // A coin in a unified wallet would be margin and spot at once: which, only the journal knows.
  return quote === 'USDT' && (kind === 'linear-perp' || (kind === 'spot' && !coins));
}

/** Another share every few seconds of the window, so that fills have every size. */
function depthShareOf(plan: FaultPlan): (venue: VenueId, tsMs: number) => number {
  const windows = plan.windows.filter(({ kind }) => kind === 'partial-fills');
  return (venue, tsMs) => {
    if (windows.length === 0) return 1;
    const ms = (tsMs - runStartTsMs) / plan.speed;
    const isOn = (item: FaultWindow) => item.venue === venue && ms >= item.fromMs && ms < item.toMs;
    const window = windows.find(isOn);
    if (window === undefined) return 1;
    const turn = (window.value * 97 + Math.floor(ms / 1_000) * 0.37) % 1;
    return depthShareMin + turn * depthShareSpan;
  };
}
