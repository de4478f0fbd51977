// Makes the recorded market's data from a directory of csv(.gz) files: hourly perpetual bars and
// funding of the listed contracts, hourly spot bars for the index. An asset is taken when at least
// two of the venues have it over the window (one, when only one venue runs).
import { toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../base/time.ts';
import { isPerp, type VenueId } from '../domain/instrument.ts';
import type { SimInstrument } from '../sim/api.ts';
import { listingsOf, simulatedVenues } from '../sim/listings/listings-of.ts';
import type {
  RecordedData,
  RecordedPerp,
  RecordedRate,
  RecordedSpot,
} from '../sim/recorded-market.ts';
import type { RecordedBars } from '../sim/recorded-path.ts';
import {
  type Cells,
  numberIn,
  type RecordedFile,
  readRows,
  recordedFiles,
} from './recorded-files.ts';

export interface RecordedRequest {
  readonly dir: string;
  readonly venues: readonly VenueId[];
  /**
   * Null = `fromMsDefault` where the files cover it, else the day after the first moment that all
   * venues of the best covered asset share (which takes some seconds to find).
   */
  readonly fromMs: number | null;
  /** Default 60 days; the record may end sooner. */
  readonly lengthMs?: number;
}

export interface RecordedLoad {
  readonly data: RecordedData;
  readonly startMs: number;
}

/** Longest stretch that is kept in memory. */
export const lengthMsDefault = 60 * dayMs;
/** Kept from before the start: what a venue's history answers. */
const historyMs = 14 * dayMs;
const barInterval = '1h';
const barMs = hourMs;

/** Where a record without a given start begins: all three venues have BTC and ETH there. */
export const fromMsDefault = 1_709_078_400_000; // 2024-02-28T00:00:00Z

export function loadRecordedData(request: RecordedRequest): RecordedLoad {
  const files = recordedFiles(request.dir);
  const { fromMs } = request;
  const window = windowOf(request, fromMs ?? fromMsDefault);
  const series = readSeries(request, files, window);
  const chosen = choose(request, series, window);
  if (chosen !== null) return loadOf(request, series, chosen);
  const everything = { startMs: 0, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER - dayMs };
  const all = readSeries(request, files, everything);
  if (fromMs !== null) throw nothingThere(request, all, fromMs);
  const common = choose(request, all, windowOf(request, commonStart(request, all)));
  if (common === null) throw nothingThere(request, all, null);
  return loadOf(request, all, common);
}

function windowOf({ lengthMs }: RecordedRequest, startMs: number): Window {
  return { startMs, fromMs: startMs - historyMs, toMs: startMs + (lengthMs ?? lengthMsDefault) };
}

function loadOf(request: RecordedRequest, series: SeriesByKey, chosen: Chosen): RecordedLoad {
  const { perps, window } = chosen;
  const spots = indexSpots(request, series, chosen);
  return {
    startMs: window.startMs,
    data: {
      perps: perps.map((perp) => perpOf(perp, window)),
      spot: spots.map((spot) => spotOf(spot, window)),
      notes: notesOf(chosen, spots),
    },
  };
}

/** History from `fromMs` on, the run from `startMs` to `toMs`. */
interface Window {
  readonly startMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rows of one contract as they stand in the files; times of bars are their open times. */
interface Series {
  readonly listing: SimInstrument;
  readonly bars: { readonly tsMs: number; readonly prices: readonly number[] }[];
  readonly funding: RecordedRate[];
}

/** The perpetuals of a run, and its window, cut to where they end. */
interface Chosen {
  readonly perps: readonly Series[];
  readonly window: Window;
}

/** By `venue market symbol`, market being spot or perp as in the files. */
type SeriesByKey = ReadonlyMap<string, Series>;

function readSeries(
  { dir, venues }: RecordedRequest,
  files: readonly RecordedFile[],
  window: Window,
): SeriesByKey {
  const wanted = new Map<string, Series>();
  for (const listing of simulatedVenues.flatMap(listingsOf)) {
    const { instrument } = listing;
    const perp = isPerp(instrument.kind);
    if (perp && !venues.includes(instrument.venue)) continue;
    const key = `${instrument.venue} ${perp ? 'perp' : 'spot'} ${instrument.symbol}`;
    wanted.set(key, { listing, bars: [], funding: [] });
  }
  for (const file of files.filter((file) => isFunding(file, wanted))) {
    // A day more, so that the next settlement is known until the end.
    readRows(dir, file, { ...window, toMs: window.toMs + dayMs }, (cells, tsMs) => {
      const series = wanted.get(`${cells[0]} perp ${cells[1]}`);
      const rate = numberIn(cells, 3);
      // Venues stamp a settlement some ms late.
      const settlesAtMs = Math.round(tsMs / minuteMs) * minuteMs;
      if (!Number.isNaN(rate)) series?.funding.push({ settlesAtMs, rate });
    });
  }
  sortRates(wanted);
  readBars(dir, files, window, wanted, wideAssets(venues, wanted, hasFunding), 'perp');
  // Spot bars are wanted for the index alone: of one venue per asset, Binance's where they exist.
  const open = wideAssets(
    venues,
    wanted,
    ({ bars, funding }) => bars.length > 0 && funding.length > 0,
  );
  for (const venue of simulatedVenues) {
    const own = files.filter((file) => file.venue === venue);
    readBars(dir, own, window, wanted, open, 'spot');
    for (const { listing, bars } of wanted.values()) {
      if (listing.instrument.kind === 'spot' && bars.length > 0) open.delete(listing.underlying);
    }
  }
  return wanted;
}

/** Assets with enough perpetuals of which `test` holds. */
function wideAssets(
  venues: readonly VenueId[],
  wanted: SeriesByKey,
  test: (series: Series) => boolean,
): Set<string> {
  const counts = new Map<string, number>();
  for (const series of wanted.values()) {
    if (!isPerp(series.listing.instrument.kind) || !test(series)) continue;
    counts.set(underlyingOf(series), (counts.get(underlyingOf(series)) ?? 0) + 1);
  }
  return new Set([...counts.keys()].filter((asset) => (counts.get(asset) ?? 0) >= least(venues)));
}

/** Venues that an asset must be on. */
function least(venues: readonly VenueId[]): number {
  return Math.min(2, venues.length);
}

function readBars(
  dir: string,
  files: readonly RecordedFile[],
  window: Window,
  wanted: SeriesByKey,
  assets: ReadonlySet<string>,
  market: 'perp' | 'spot',
): void {
  for (const file of files) {
    if (file.kind !== 'bars' || file.interval !== barInterval || file.market !== market) continue;
    const series = wanted.get(`${file.venue} ${market} ${file.symbol}`);
    if (series === undefined || !assets.has(underlyingOf(series))) continue;
    readRows(dir, file, window, (cells, tsMs) => {
      const own = wanted.get(`${cells[0]} ${cells[1]} ${cells[2]}`);
      if (cells[3] === barInterval && own !== undefined) addBar(own, cells, tsMs);
    });
    series.bars.sort((a, b) => a.tsMs - b.tsMs);
  }
}

function sortRates(wanted: SeriesByKey): void {
  for (const { funding } of wanted.values()) funding.sort((a, b) => a.settlesAtMs - b.settlesAtMs);
}

function hasFunding({ funding }: Series): boolean {
  return funding.length > 0;
}

function underlyingOf({ listing }: Series): string {
  return listing.underlying;
}

/** Files of a wanted contract, and those that look like collections of many symbols. */
function isFunding(file: RecordedFile, wanted: SeriesByKey): boolean {
  if (file.kind !== 'funding') return false;
  if (wanted.has(`${file.venue} perp ${file.symbol}`)) return true;
  const known = simulatedVenues.includes(file.venue);
  return known && !file.name.includes(file.symbol);
}

function addBar(series: Series, cells: Cells, tsMs: number): void {
  const unit = toNumber(series.listing.instrument.priceUnit);
  const prices = [5, 6, 7, 8].map((column) => numberIn(cells, column) / unit);
  if (tsMs % barMs === 0 && prices.every((price) => price > 0)) series.bars.push({ tsMs, prices });
}

/** Null = no asset is covered at the start on enough venues. */
function choose(request: RecordedRequest, series: SeriesByKey, window: Window): Chosen | null {
  const { startMs, toMs } = window;
  const venuesMin = least(request.venues);
  const byAsset = new Map<string, Series[]>();
  for (const one of perpSeries(series)) {
    if (!covers(one, startMs)) continue;
    const group = byAsset.get(underlyingOf(one)) ?? [];
    byAsset.set(underlyingOf(one), [...group, one]);
  }
  const assets = [...byAsset.values()]
    .filter((group) => group.length >= venuesMin)
    .map((group) => {
      const ends = group.map(lastMs).sort((a, b) => b - a);
      return { group, endMs: Math.min(toMs, ends[venuesMin - 1] as number) }; // group is as long
    });
  if (assets.length === 0) return null;
  const endMs = Math.max(...assets.map((asset) => asset.endMs));
  const perps = assets
    .filter((asset) => asset.endMs >= endMs)
    .flatMap(({ group }) => group.filter((one) => lastMs(one) >= endMs));
  return { perps, window: { ...window, toMs: endMs } };
}

function perpSeries(series: SeriesByKey): readonly Series[] {
  return [...series.values()].filter(
    ({ listing, bars, funding }) =>
      isPerp(listing.instrument.kind) && bars.length > 0 && funding.length > 0,
  );
}

/** Bars at the start, and a settlement within two days of it. */
function covers({ bars, funding }: Series, startMs: number): boolean {
  const hour = Math.floor(startMs / barMs) * barMs;
  return (
    bars.some(({ tsMs }) => tsMs === hour) &&
    funding.some(({ settlesAtMs }) => settlesAtMs > startMs && settlesAtMs <= startMs + 2 * dayMs)
  );
}

/**
 * Until when both bars and funding are there; a day's grace for a last settlement before the end.
 */
function lastMs({ bars, funding }: Series): number {
  const barsEndMs = (bars.at(-1)?.tsMs ?? 0) + barMs;
  const fundingEndMs = (funding.at(-1)?.settlesAtMs ?? 0) + dayMs;
  return Math.min(barsEndMs, fundingEndMs);
}

function commonStart(request: RecordedRequest, series: SeriesByKey): number {
  const byAsset = new Map<string, number[]>();
  for (const one of perpSeries(series)) {
    const firstMs = Math.max(one.bars[0]?.tsMs ?? 0, one.funding[0]?.settlesAtMs ?? 0);
    byAsset.set(underlyingOf(one), [...(byAsset.get(underlyingOf(one)) ?? []), firstMs]);
  }
  const best = [...byAsset.values()].sort((a, b) => b.length - a.length)[0];
  if (best === undefined) throw nothingThere(request, series, null);
  return (Math.floor(Math.max(...best) / dayMs) + 1) * dayMs;
}

function nothingThere(
  { dir, venues }: RecordedRequest,
  series: SeriesByKey,
  startMs: number | null,
): UserError {
  const where = startMs === null ? '' : ` at ${isoUtc(startMs)}`;
  const some = perpSeries(series).map(
    ({ listing, bars }) =>
      `${listing.instrument.venue} ${listing.instrument.symbol} ` +
      `${dayOf(bars[0]?.tsMs ?? 0)} to ${dayOf(bars.at(-1)?.tsMs ?? 0)}`,
  );
  const found = some.length === 0 ? 'none there' : `there: ${some.slice(0, 6).join(', ')}`;
  return new UserError(
    `--data ${dir} has no asset with hourly perpetual bars and funding on ` +
      `${least(venues)} of ${venues.join(', ')}${where} (${found}); ` +
      'add the files or choose another --from',
  );
}

function dayOf(tsMs: number): string {
  return isoUtc(tsMs).slice(0, 10);
}

/** One spot series per asset, Binance's first. */
function indexSpots(
  { dir }: RecordedRequest,
  series: SeriesByKey,
  { perps, window }: Chosen,
): readonly Series[] {
  const hour = Math.floor(window.startMs / barMs) * barMs;
  return [...new Set(perps.map(underlyingOf))].map((underlying) => {
    const found = [...series.values()].find(
      ({ listing, bars }) =>
        listing.instrument.kind === 'spot' &&
        listing.underlying === underlying &&
        bars.some(({ tsMs }) => tsMs === hour),
    );
    if (found !== undefined) return found;
    throw new UserError(
      `--data ${dir} has no hourly spot bars of ${underlying} at ${isoUtc(hour)} for the ` +
        'index; add a spot-1h file or choose another --from',
    );
  });
}

function perpOf(series: Series, window: Window): RecordedPerp {
  const funding = series.funding.filter(
    ({ settlesAtMs }) => settlesAtMs > window.fromMs && settlesAtMs <= window.toMs + dayMs,
  );
  const distinct = funding.filter((rate, k) => rate.settlesAtMs !== funding[k - 1]?.settlesAtMs);
  return { id: series.listing.instrument.id, bars: barsOf(series, window), funding: distinct };
}

function spotOf(series: Series, window: Window): RecordedSpot {
  const { underlying, instrument } = series.listing;
  return { underlying, venue: instrument.venue, bars: barsOf(series, window) };
}

function barsOf({ bars }: Series, window: Window): RecordedBars {
  const fromMs = Math.max(bars[0]?.tsMs ?? 0, Math.ceil(window.fromMs / barMs) * barMs);
  const count = Math.ceil((window.toMs - fromMs) / barMs);
  const columns = [0, 1, 2, 3].map(() => new Float64Array(count).fill(Number.NaN));
  for (const { tsMs, prices } of bars) {
    const k = (tsMs - fromMs) / barMs;
    if (k < 0 || k >= count) continue;
    columns.forEach((column, c) => {
      column[k] = prices[c] as number; // four of each
    });
  }
  const [open, high, low, close] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { intervalMs: barMs, fromMs, open, high, low, close };
}

function notesOf({ perps, window }: Chosen, spots: readonly Series[]): readonly string[] {
  const contracts = perps.map(
    ({ listing: { instrument } }) => `${instrument.venue} ${instrument.symbol}`,
  );
  const notes = [
    `recorded ${contracts.join(', ')} from ${isoUtc(window.startMs)} to ${isoUtc(window.toMs)}`,
  ];
  const venues = [...new Set(perps.map(({ listing }) => listing.instrument.venue))];
  for (const { listing } of spots) {
    const { venue } = listing.instrument;
    const served = venues.filter((other) => other !== venue);
    if (served.length === 0) continue;
    notes.push(
      `${listing.underlying}: the hourly spot bars of ${venue} serve as index and spot market ` +
        `of ${served.join(' and ')} too`,
    );
  }
  notes.push('spread and depth are synthetic; each perpetual keeps its own recorded hourly basis');
  return notes;
}
