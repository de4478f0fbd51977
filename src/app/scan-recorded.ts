// A market snapshot from recorded history as it was known at one moment: rates that had settled
// by then, prices that had been printed by then. Nothing later is read.
import { toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { hourMs, isoUtc, minuteMs, tryDuration } from '../base/time.ts';
import { Catalog, type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { LegView } from '../domain/view.ts';
import { listingsOf, simulatedVenues } from '../sim/listings/listings-of.ts';
import { numberIn, type RecordedFile, readRows, recordedFiles } from '../testnet/recorded-files.ts';
import { deriveFromName } from './decode-catalog.ts';
import { feeRateTakerOf } from './published-fees.ts';
import type { MarketSnapshot } from './scan.ts';

export interface RecordedScanOptions {
  readonly dir: string;
  readonly atMs: number;
}

/** How far back the last two settlements may lie. */
const fundingBackMs = 48 * hourMs;
/** A rate older than so many of its intervals is not known any more. */
const staleIntervals = 1.5;

interface Seen {
  readonly instrument: Instrument;
  /** Settlements up to the moment, ascending. */
  readonly rates: { readonly tsMs: number; readonly rate: number }[];
  price: number;
}

export function recordedSnapshot({ dir, atMs }: RecordedScanOptions): MarketSnapshot {
  const catalog = listedCatalog();
  const seen = new Map<InstrumentId, Seen>();
  const skippedVenues = new Set<string>();
  for (const file of recordedFiles(dir)) {
    const market = file.kind === 'funding' ? 'perp' : file.market;
    if (market !== 'perp' && market !== 'spot') continue;
    if (!simulatedVenues.includes(file.venue)) {
      skippedVenues.add(file.venue);
      continue;
    }
    const instrument = instrumentOf(catalog, file, market);
    if (instrument === null) continue;
    const own = seen.get(instrument.id) ?? { instrument, rates: [], price: Number.NaN };
    seen.set(instrument.id, own);
    if (file.kind === 'funding') readFunding(dir, file, own, atMs);
    else readPrice(dir, file, own, atMs);
  }
  const legs = new Map<InstrumentId, { instrument: Instrument; view: LegView }>();
  for (const own of seen.values()) {
    if (own.price > 0)
      legs.set(own.instrument.id, { instrument: own.instrument, view: viewOf(own, atMs) });
  }
  if (legs.size === 0) {
    throw new UserError(`--data ${dir}: no prices around ${isoUtc(atMs)}. Choose another --at.`);
  }
  const notes = [
    `prices are the opens of ${isoUtc(pricedAtMs(atMs))}, rates the newest that had settled`,
    'recorded bars hold no book: slippage counts as 0, capacity is unknown',
    'fees: the venues’ published taker rates of the lowest tier',
  ];
  if (skippedVenues.size > 0) {
    notes.push(`no adapter, left out: ${[...skippedVenues].sort().join(', ')}`);
  }
  return { source: 'recorded', tsMs: atMs, legs, hasBooks: false, notes };
}

function listedCatalog(): Catalog {
  const catalog = new Catalog();
  for (const venue of simulatedVenues) {
    for (const { instrument } of listingsOf(venue)) catalog.put(instrument);
  }
  return catalog;
}

function instrumentOf(
  catalog: Catalog,
  { venue, symbol }: RecordedFile,
  market: 'perp' | 'spot',
): Instrument | null {
  const kind = market === 'spot' ? 'spot' : 'linear';
  const known = catalog.bySymbol(venue, kind, symbol);
  if (known !== undefined) return known;
  deriveFromName(venue, symbol, catalog);
  const derived = catalog.bySymbol(venue, kind, symbol);
  return derived === undefined || (kind === 'linear' && !isPerp(derived.kind)) ? null : derived;
}

function readFunding(dir: string, file: RecordedFile, own: Seen, atMs: number): void {
  readRows(dir, file, { fromMs: atMs - fundingBackMs, toMs: atMs + 1 }, (cells, tsMs) => {
    const rate = numberIn(cells, 3);
    if (cells[1] !== file.symbol || Number.isNaN(rate)) return;
    own.rates.push({ tsMs: Math.round(tsMs / minuteMs) * minuteMs, rate });
  });
  own.rates.sort((a, b) => a.tsMs - b.tsMs);
}

/**
 * All prices are of one instant, the last full hour: opens of different times would show a basis
 * that never was.
 */
function readPrice(dir: string, file: RecordedFile, own: Seen, atMs: number): void {
  const barMs = tryDuration(file.interval ?? '') ?? Number.POSITIVE_INFINITY;
  if (barMs > hourMs || own.price > 0) return;
  const pricedMs = pricedAtMs(atMs);
  readRows(dir, file, { fromMs: pricedMs, toMs: pricedMs + 1 }, (cells) => {
    const open = numberIn(cells, 5);
    if (cells[2] === file.symbol && open > 0) own.price = open / toNumber(own.instrument.priceUnit);
  });
}

function pricedAtMs(atMs: number): number {
  return Math.floor(atMs / hourMs) * hourMs;
}

function viewOf(own: Seen, atMs: number): LegView {
  const { instrument, price } = own;
  // Depth is not recorded: the price alone, for any quantity.
  const qty = 1e12 / price;
  return {
    instrument: instrument.id,
    venue: instrument.venue,
    kind: instrument.kind,
    bid: price,
    bidQty: qty,
    ask: price,
    askQty: qty,
    bids: [],
    asks: [],
    mark: null,
    index: null,
    funding: isPerp(instrument.kind) ? fundingOf(own, atMs) : null,
    feeRateTaker: feeRateTakerOf(instrument),
    quoteAgeMs: 0,
    fundingAgeMs: 0,
  };
}

function fundingOf({ rates }: Seen, atMs: number): LegView['funding'] {
  const last = rates.at(-1);
  const before = rates.at(-2);
  if (last === undefined || before === undefined) return null;
  const intervalMs = last.tsMs - before.tsMs;
  if (!(intervalMs > 0) || atMs - last.tsMs > staleIntervals * intervalMs) return null;
  return { ratePerInterval: last.rate, intervalMs, settlesAtMs: last.tsMs + intervalMs };
}
