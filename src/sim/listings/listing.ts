// Turns a venue's instrument table (text, in the venue's own units, as its listing has them) into
// SimInstruments in our units. Figures go from text to Decimal: nothing is rounded here.
import { assert, present } from '../../base/assert.ts';
import { type Decimal, decimal, one, over, times } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { instrumentIdOf, splitMultiplier, type VenueId } from '../../domain/instrument.ts';
import { leverageMaxOf, type MarginTiers, noTiers } from '../../domain/margin.ts';
import type { SimInstrument } from '../api.ts';
import type { TiersOf } from './tiers.ts';

/** What all rows of one venue's market share. */
export interface ListingTerms {
  readonly venue: VenueId;
  readonly wallet: string;
  readonly feeRateMaker: string;
  readonly feeRateTaker: string;
  readonly priceBand: number;
  /** Quote and settle asset; default USDT. */
  readonly quote?: string;
}

/**
 * A table has one line per contract, columns separated by spaces, the first line names them. Prices
 * and quantities are the venue's; `-` = the venue sets none, or the same as the default.
 */
export interface PerpTable {
  readonly terms: ListingTerms;
  readonly tiers: TiersOf;
  readonly rows: string;
}

/** Perpetuals: symbol, base, ctVal, tick, lot, min, max, notional, hours, listed, cap, tiers. */
export function perpListings({ terms, tiers, rows }: PerpTable): readonly SimInstrument[] {
  return rowsOf(rows, perpColumns).map((row) => {
    return perpListing(terms, row, tiers);
  });
}

/**
 * Inverse perpetuals: face (USD per contract), quantities in contracts. `tiers` in coin. Margined
 * and settled in the base.
 */
export function inverseListings({ terms, tiers, rows }: PerpTable): readonly SimInstrument[] {
  return rowsOf(rows, inverseColumns).map((row) => {
    return inverseListing(terms, row, tiersIn(row, tiers, one));
  });
}

/** Spot: symbol, base, tick, lot, min, max, notional. */
export function spotListings(terms: ListingTerms, rows: string): readonly SimInstrument[] {
  return rowsOf(rows, spotColumns).map((row) => spotListing(terms, row));
}

const perpColumns = 'symbol base ctVal tick lot min max notional hours listed cap tiers';
const inverseColumns = 'symbol base face tick lot min max hours cap tiers';
const spotColumns = 'symbol base tick lot min max notional';

type Row = Readonly<Record<string, string>>;

function rowsOf(text: string, columns: string): readonly Row[] {
  const names = columns.split(' ');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/));
  assert(lines[0]?.join(' ') === columns, `the table does not have the columns ${columns}`);
  return lines.slice(1).map((cells) => {
    assert(cells.length === names.length, `a row has ${cells.length} cells: ${cells.join(' ')}`);
    return Object.fromEntries(names.map((name, k) => [name, cells[k] as string]));
  });
}

function perpListing(terms: ListingTerms, row: Row, tiersOf: TiersOf): SimInstrument {
  const { quote = 'USDT' } = terms;
  const { base, multiplier } = splitMultiplier(cell(row, 'base'));
  const contract = decimal(cell(row, 'ctVal'));
  const hours = Number(cell(row, 'hours'));
  const listed = cell(row, 'listed');
  const cap = Number(cell(row, 'cap'));
  const qtyUnit = times(contract, decimal(multiplier));
  const priceUnit = decimal(multiplier);
  const tiers = tiersIn(row, tiersOf, qtyUnit);
  const ours = (venueQty: string): Decimal => times(decimal(venueQty), qtyUnit);
  return {
    instrument: {
      id: instrumentIdOf({ venue: terms.venue, kind: 'linear-perp', base, quote }),
      venue: terms.venue,
      symbol: cell(row, 'symbol'),
      kind: 'linear-perp',
      base,
      quote,
      settle: quote,
      wallet: terms.wallet,
      contractSize: contract,
      qtyUnit,
      priceUnit,
      tickSize: over(decimal(cell(row, 'tick')), priceUnit),
      lotSize: ours(cell(row, 'lot')),
      qtyMin: ours(cell(row, 'min')),
      qtyMax: ours(cell(row, 'max')),
      notionalMin: notionalMinOf(row),
      status: 'trading',
      fundingIntervalMs: hours * hourMs,
      leverageMax: leverageMaxOf(tiers),
    },
    underlying: base,
    marginTiers: tiers,
    fundingCap: cap,
    fundingFloor: -cap,
    fundingIntervalDefaultMs: (listed === '-' ? hours : Number(listed)) * hourMs,
    feeRateMaker: decimal(terms.feeRateMaker),
    feeRateTaker: decimal(terms.feeRateTaker),
    priceBand: terms.priceBand,
  };
}

function inverseListing(terms: ListingTerms, row: Row, tiers: MarginTiers): SimInstrument {
  const base = cell(row, 'base');
  const cap = Number(cell(row, 'cap'));
  const intervalMs = Number(cell(row, 'hours')) * hourMs;
  return {
    instrument: {
      id: instrumentIdOf({ venue: terms.venue, kind: 'inverse-perp', base, quote: 'USD' }),
      venue: terms.venue,
      symbol: cell(row, 'symbol'),
      kind: 'inverse-perp',
      base,
      quote: 'USD',
      settle: base,
      wallet: terms.wallet,
      contractSize: decimal(cell(row, 'face')),
      qtyUnit: decimal('1'),
      priceUnit: decimal('1'),
      tickSize: decimal(cell(row, 'tick')),
      lotSize: decimal(cell(row, 'lot')),
      qtyMin: decimal(cell(row, 'min')),
      qtyMax: decimal(cell(row, 'max')),
      notionalMin: null,
      status: 'trading',
      fundingIntervalMs: intervalMs,
      leverageMax: leverageMaxOf(tiers),
    },
    underlying: base,
    marginTiers: tiers,
    fundingCap: cap,
    fundingFloor: -cap,
    fundingIntervalDefaultMs: intervalMs,
    feeRateMaker: decimal(terms.feeRateMaker),
    feeRateTaker: decimal(terms.feeRateTaker),
    priceBand: terms.priceBand,
  };
}

function spotListing(terms: ListingTerms, row: Row): SimInstrument {
  const { quote = 'USDT' } = terms;
  const base = cell(row, 'base');
  return {
    instrument: {
      id: instrumentIdOf({ venue: terms.venue, kind: 'spot', base, quote }),
      venue: terms.venue,
      symbol: cell(row, 'symbol'),
      kind: 'spot',
      base,
      quote,
      settle: quote,
      wallet: terms.wallet,
      contractSize: decimal('1'),
      qtyUnit: decimal('1'),
      priceUnit: decimal('1'),
      tickSize: decimal(cell(row, 'tick')),
      lotSize: decimal(cell(row, 'lot')),
      qtyMin: decimal(cell(row, 'min')),
      qtyMax: decimal(cell(row, 'max')),
      notionalMin: notionalMinOf(row),
      status: 'trading',
      fundingIntervalMs: null,
      leverageMax: null,
    },
    underlying: base,
    marginTiers: noTiers,
    fundingCap: 0,
    fundingFloor: 0,
    fundingIntervalDefaultMs: null,
    feeRateMaker: decimal(terms.feeRateMaker),
    feeRateTaker: decimal(terms.feeRateTaker),
    priceBand: terms.priceBand,
  };
}

function tiersIn(row: Row, tiers: TiersOf, qtyUnit: Decimal): MarginTiers {
  const name = cell(row, 'tiers');
  return typeof tiers === 'function' ? tiers(name, qtyUnit) : present(tiers[name], `tiers ${name}`);
}

function notionalMinOf(row: Row): Decimal | null {
  const text = cell(row, 'notional');
  return text === '-' ? null : decimal(text);
}

function cell(row: Row, column: string): string {
  return present(row[column], `column ${column}`);
}
