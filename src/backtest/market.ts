// The tape as the exogenous market of the simulated exchanges: what the venue knows, at
// its time. The trading system never reads it; it sees closed bars alone (see feed.ts).
//
// Inside a bar the price stands at the open for the first quarter, at the extreme that came first
// for the second, at the other one for the third, at the close for the last: low first in a bar
// that rose, high first in one that fell. So an order that arrives after a close trades at the next
// open, and a leg is liquidated at a price that the bar really had. A bar that is missing has no
// book, so nothing trades; what is held keeps its last price, as a valuation.
import { present } from '../base/assert.ts';
import { toNumber } from '../base/decimal.ts';
import type { InstrumentId, VenueId } from '../domain/instrument.ts';
import { firstAfter } from '../history/series.ts';
import type { SimInstrument } from '../sim/api.ts';
import type { BaseBook, ExogenousMarket, MarketLabel, MarketRange } from '../sim/market-api.ts';
import { type Grid, gridOf, levelsOf } from './depth.ts';
import { type BarColumns, type Contract, endMsOf, type Tape } from './tape.ts';

interface Entry {
  readonly contract: Contract;
  readonly grid: Grid;
  /** The last bar asked for that was missing, and the last price known before it. */
  missingAt: number;
  lastKnown: number;
}

export class TapeMarket implements ExogenousMarket {
  readonly kind = 'recorded';
  readonly seed = 0;
  readonly startMs: number;
  readonly endMs: number;
  readonly gridMs = 1;
  readonly venues: readonly VenueId[];
  private readonly tape: Tape;
  private readonly entries = new Map<InstrumentId, Entry>();

  constructor(tape: Tape) {
    this.tape = tape;
    this.startMs = tape.fromMs;
    this.endMs = endMsOf(tape);
    for (const contract of tape.contracts) {
      const { instrument } = contract.listing;
      const tick = present(instrument.tickSize, `tick of ${instrument.id}`);
      const grid = gridOf(toNumber(tick));
      this.entries.set(instrument.id, { contract, grid, missingAt: -1, lastKnown: Number.NaN });
    }
    this.venues = [...new Set(tape.contracts.map(({ listing }) => listing.instrument.venue))];
  }

  gridTime(tsMs: number): number {
    return tsMs;
  }

  instruments(venue: VenueId): readonly SimInstrument[] {
    return this.tape.contracts
      .map(({ listing }) => listing)
      .filter(({ instrument }) => instrument.venue === venue);
  }

  /** The price of the asset's first contract: an index is not recorded. */
  index(underlying: string, tsMs: number): number {
    const found = this.tape.contracts.find(({ listing }) => listing.underlying === underlying);
    return this.mark(present(found, `contract of ${underlying}`).listing.instrument.id, tsMs);
  }

  /** NaN while the bar is missing. */
  mid(id: InstrumentId, tsMs: number): number {
    const { contract } = this.entry(id);
    return this.priceAt(contract.price, tsMs);
  }

  /** Also while bars are missing: the last known price values what is held. */
  mark(id: InstrumentId, tsMs: number): number {
    const entry = this.entry(id);
    const { mark, price, funding } = entry.contract;
    if (funding !== null) {
      const settled = firstAfter(funding.settlesAtMs, tsMs) - 1;
      const recorded = funding.mark[settled] ?? Number.NaN;
      if (funding.settlesAtMs[settled] === tsMs && recorded > 0) return recorded;
    }
    const own = mark === null ? Number.NaN : this.priceAt(mark, tsMs);
    if (own > 0) return own;
    const traded = this.priceAt(price, tsMs);
    return traded > 0 ? traded : this.lastKnownOf(entry, tsMs);
  }

  premium(): number {
    return 0;
  }

  baseBook(id: InstrumentId, tsMs: number): BaseBook {
    const price = this.mid(id, tsMs);
    if (!(price > 0)) return { bids: [], asks: [] };
    const { contract, grid } = this.entry(id);
    return {
      bids: levelsOf(contract.depth, grid, { side: 'sell', price }),
      asks: levelsOf(contract.depth, grid, { side: 'buy', price }),
    };
  }

  intervalMs(id: InstrumentId, tsMs: number): number | null {
    const { funding } = this.entry(id).contract;
    if (funding === null) return null;
    const interval = funding.intervalMs[firstAfter(funding.settlesAtMs, tsMs) - 1] ?? Number.NaN;
    return Number.isNaN(interval) ? null : interval;
  }

  settlesAtMs(id: InstrumentId, tsMs: number): number | null {
    const { funding } = this.entry(id).contract;
    return funding?.settlesAtMs[firstAfter(funding.settlesAtMs, tsMs)] ?? null;
  }

  settlements(id: InstrumentId, { fromMs, toMs }: MarketRange): readonly number[] {
    const { funding } = this.entry(id).contract;
    if (funding === null) return [];
    const { settlesAtMs } = funding;
    return [...settlesAtMs.slice(firstAfter(settlesAtMs, fromMs), firstAfter(settlesAtMs, toMs))];
  }

  /** The newest rate that was public. */
  fundingEstimate(id: InstrumentId, tsMs: number): number {
    const funding = present(this.entry(id).contract.funding, `funding of ${id}`);
    return funding.rate[firstAfter(funding.knownAtMs, tsMs) - 1] ?? 0;
  }

  fundingSettled(id: InstrumentId, settlesAtMs: number): number | null {
    const { funding } = this.entry(id).contract;
    if (funding === null) return null;
    const at = firstAfter(funding.settlesAtMs, settlesAtMs) - 1;
    return funding.settlesAtMs[at] === settlesAtMs ? (funding.rate[at] as number) : null;
  }

  labels(): readonly MarketLabel[] {
    return this.tape.notes.map((text) => ({ kind: 'note', text }));
  }

  private entry(id: InstrumentId): Entry {
    return present(this.entries.get(id), `contract ${id} of the tape`);
  }

  private priceAt(bars: BarColumns, tsMs: number): number {
    const { fromMs, barMs } = this.tape;
    const place = (tsMs - fromMs) / barMs;
    const k = Math.floor(place);
    if (k < 0) return Number.NaN;
    if (k >= bars.open.length) return bars.close[bars.open.length - 1] as number;
    return pricePhase(bars, k, Math.floor((place - k) * 4));
  }

  private lastKnownOf(entry: Entry, tsMs: number): number {
    const { fromMs, barMs, bars } = this.tape;
    const at = Math.min(bars, Math.floor((tsMs - fromMs) / barMs));
    if (entry.missingAt === at) return entry.lastKnown;
    const { close } = entry.contract.price;
    let k = at - 1;
    while (k >= 0 && !((close[k] as number) > 0)) k--;
    entry.missingAt = at;
    // Before its first bar a contract holds nothing: its first price is only a unit for zero.
    entry.lastKnown =
      close[k] ??
      present(
        close.find((price) => price > 0),
        'a bar of the contract',
      );
    return entry.lastKnown;
  }
}

/** Quarters of a bar: 0 open, 1 the extreme that came first, 2 the other one, 3 close. */
export function pricePhase(bars: BarColumns, k: number, quarter: number): number {
  const open = bars.open[k] as number;
  const close = bars.close[k] as number;
  if (quarter <= 0) return open;
  if (quarter >= 3) return close;
  const isLow = close >= open === (quarter === 1);
  return (isLow ? bars.low[k] : bars.high[k]) as number;
}
