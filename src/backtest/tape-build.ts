// From a data set in memory to a tape: which contracts the strategies can pair, their bars on one
// grid, their settlements, their costs. Every choice that a reader of the result should know is a
// note. Contracts are taken for what they were at the time: one that has ended since is on the tape
// until its end.
import { toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { isoUtc } from '../base/time.ts';
import type { InstrumentId, VenueId } from '../domain/instrument.ts';
import type { PairKey } from '../domain/view.ts';
import type { ActiveStrategy } from '../engine/policy.ts';
import type { DataSet } from '../history/data-set.ts';
import type { BarSeries, FundingSeries } from '../history/series.ts';
import type { SimInstrument } from '../sim/api.ts';
import { calibrate, type DepthModel } from './depth.ts';
import { listingOf } from './symbols.ts';
import { type BarColumns, type Contract, emptyBars, fundingColumns, type Tape } from './tape.ts';
import type { VenueTerms } from './venue-terms.ts';

export interface TapeRequest {
  readonly data: DataSet;
  /** "1h": bars of this interval are traded on, others are left alone. */
  readonly interval: string;
  readonly strategies: readonly ActiveStrategy[];
  readonly termsOf: (venue: VenueId) => VenueTerms;
  /** Null = all. */
  readonly assets: ReadonlySet<string> | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** For messages. */
  readonly dir: string;
}

interface Found {
  readonly listing: SimInstrument;
  readonly bars: BarSeries;
  readonly mark: BarSeries | null;
  readonly funding: FundingSeries | null;
  readonly depth: DepthModel;
  readonly isCalibrated: boolean;
}

export function buildTape(request: TapeRequest): Tape {
  const notes: string[] = [];
  const found = foundIn(request, notes);
  const instruments = [...found.values()].map(({ listing }) => listing.instrument);
  const pairs = request.strategies.flatMap(({ strategy }) => strategy.pairs(instruments));
  const span = spanOf(request, found, pairs);
  const used = [...found.values()].filter(({ listing, bars }) => {
    const { id } = listing.instrument;
    return pairs.some(({ long, short }) => long === id || short === id) && isInside(bars, span);
  });
  const barMs = used[0]?.bars.intervalMs ?? 0;
  const count = Math.round((span.toMs - span.fromMs) / barMs);
  const contracts = used.map((one) => contractOf(one, span.fromMs, count));
  return { barMs, fromMs: span.fromMs, bars: count, contracts, notes: [...notes, ...about(used)] };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function foundIn(request: TapeRequest, notes: string[]): ReadonlyMap<InstrumentId, Found> {
  const { data, interval } = request;
  const found = new Map<InstrumentId, Found>();
  const unusable: string[] = [];
  const withoutRates: string[] = [];
  for (const series of data.series) {
    if (series.id.kind !== 'bars' || series.id.interval !== interval) continue;
    const bars = series as BarSeries; // the kind says so
    const { venue, market, symbol } = bars.id;
    if (market !== 'spot' && market !== 'perp') continue;
    const terms = request.termsOf(venue);
    const listing = listingOf({ venue, market, symbol, closes: bars.close, terms });
    if (listing === null) unusable.push(`${venue} ${symbol}`);
    if (listing === null || !isWanted(request, listing)) continue;
    const funding = market === 'perp' ? data.funding(venue, symbol) : null;
    if (market === 'perp' && (funding === null || funding.tsMs.length < 2)) {
      withoutRates.push(`${venue} ${symbol}`);
      continue;
    }
    const quotes =
      data.quotes({ venue, market, symbol }) ?? data.quotes({ venue, market: 'unknown', symbol });
    const calibrated = quotes === null ? null : calibrate(terms.depth, quotes);
    if (found.has(listing.instrument.id)) continue; // the first of two names of one contract
    found.set(listing.instrument.id, {
      listing,
      bars,
      mark: market === 'perp' ? data.bars({ venue, market: 'mark', symbol, interval }) : null,
      funding,
      depth: calibrated ?? terms.depth,
      isCalibrated: calibrated !== null,
    });
  }
  if (unusable.length > 0) {
    notes.push(`left out, not linear or not understood: ${unusable.sort().join(', ')}`);
  }
  if (withoutRates.length > 0) {
    notes.push(`left out, no recorded funding: ${withoutRates.sort().join(', ')}`);
  }
  return found;
}

function isWanted({ assets }: TapeRequest, { underlying }: SimInstrument): boolean {
  return assets === null || assets.has(underlying);
}

/** From the first moment at which a pair has both legs until the last one. */
function spanOf(
  request: TapeRequest,
  found: ReadonlyMap<InstrumentId, Found>,
  pairs: readonly PairKey[],
): Span {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  let barMs = 0;
  for (const { long, short } of pairs) {
    const legs = [found.get(long), found.get(short)];
    const spans = legs.flatMap((leg) => (leg === undefined ? [] : [rangeOf(leg.bars)]));
    const start = Math.max(...spans.map((span) => span.fromMs));
    const end = Math.min(...spans.map((span) => span.toMs));
    if (!(end > start)) continue;
    fromMs = Math.min(fromMs, start);
    toMs = Math.max(toMs, end);
    barMs = legs[0]?.bars.intervalMs ?? 0;
  }
  const first = request.fromMs === null ? fromMs : Math.max(fromMs, request.fromMs);
  const last = request.toMs === null ? toMs : Math.min(toMs, request.toMs);
  const span = { fromMs: Math.ceil(first / barMs) * barMs, toMs: Math.floor(last / barMs) * barMs };
  if (span.toMs - span.fromMs >= 3 * barMs) return span;
  throw nothingThere(request, found, { fromMs, toMs });
}

function nothingThere(
  { dir, interval, strategies }: TapeRequest,
  found: ReadonlyMap<InstrumentId, Found>,
  { fromMs, toMs }: Span,
): UserError {
  const names = strategies.map(({ strategy }) => strategy.name).join(', ');
  const there =
    toMs > fromMs
      ? `pairs there are from ${isoUtc(fromMs)} to ${isoUtc(toMs)}`
      : `there: ${[...found.keys()].sort().slice(0, 8).join(', ') || 'nothing usable'}`;
  return new UserError(
    `--data ${dir}: no pair of ${names} has ${interval} bars and funding on both legs in the ` +
      `wanted time; ${there}. Choose another --from, --to, --interval or --strategy.`,
  );
}

function rangeOf({ tsMs, intervalMs }: BarSeries): Span {
  return {
    fromMs: tsMs[0] ?? Number.NaN,
    toMs: (tsMs.at(-1) ?? Number.NaN) + intervalMs,
  };
}

function isInside(bars: BarSeries, { fromMs, toMs }: Span): boolean {
  const range = rangeOf(bars);
  return range.fromMs < toMs && range.toMs > fromMs;
}

function contractOf(one: Found, fromMs: number, count: number): Contract {
  const { listing, bars, mark, funding, depth } = one;
  const unit = toNumber(listing.instrument.priceUnit);
  return {
    listing,
    price: onGrid(bars, { fromMs, count, unit }),
    mark: mark === null ? null : onGrid(mark, { fromMs, count, unit }),
    funding:
      funding === null
        ? null
        : fundingColumns(listing.instrument.venue, {
            settlesAtMs: funding.tsMs,
            rate: funding.rate,
            mark: unit === 1 ? funding.markPrice : funding.markPrice.map((price) => price / unit),
          }),
    depth,
  };
}

/** Bars that stand on the grid and have four prices; every other row stays missing. */
function onGrid(
  { tsMs, intervalMs, open, high, low, close }: BarSeries,
  grid: { readonly fromMs: number; readonly count: number; readonly unit: number },
): BarColumns {
  const { fromMs, count, unit } = grid;
  const bars = emptyBars(count);
  for (let row = 0; row < tsMs.length; row++) {
    const k = ((tsMs[row] as number) - fromMs) / intervalMs;
    if (k < 0 || k >= count || !Number.isInteger(k)) continue;
    const prices = [open[row], high[row], low[row], close[row]] as number[];
    if (!prices.every((price) => price > 0)) continue;
    const [o, h, l, c] = prices as [number, number, number, number];
    bars.open[k] = o / unit;
    bars.high[k] = Math.max(o, h, c) / unit;
    bars.low[k] = Math.min(o, l, c) / unit;
    bars.close[k] = c / unit;
  }
  return bars;
}

function about(used: readonly Found[]): readonly string[] {
  const names = (some: readonly Found[]): string =>
    some
      .map(({ listing }) => listing.instrument.id)
      .sort()
      .join(', ');
  const calibrated = used.filter(({ isCalibrated }) => isCalibrated);
  const perps = used.filter(({ funding }) => funding !== null);
  const notes = [`traded: ${names(used)}`];
  if (calibrated.length > 0) {
    notes.push(`spread and depth from recorded quotes: ${names(calibrated)}; others as stated`);
  } else notes.push('spread and depth are the stated defaults: no quotes are recorded');
  const unmarked = perps.filter(({ mark }) => mark === null);
  if (unmarked.length > 0)
    notes.push(`without mark bars, the price is the mark: ${names(unmarked)}`);
  return notes;
}
