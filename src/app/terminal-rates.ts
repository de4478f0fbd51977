// The table of funding rates: one asset a row, one venue a column, the most interesting first.
// Pure.
import type { RateView, SystemStatus } from '../api/contract.ts';
import { cell, countdown, instrumentText, type Palette, pct, signed } from './terminal-text.ts';

const hourMs = 3_600_000;
const hoursPerYear = 8_760;
const assetWidth = 7;
const spreadWidth = 9;
const nextWidth = 9;
const rateWidthMin = 13;
const rateWidthMax = 26;

export interface RatesTable {
  readonly header: string;
  readonly rows: readonly string[];
}

export interface RatesOptions {
  readonly columns: number;
  readonly rowsMax: number;
  readonly palette: Palette;
}

interface AssetRow {
  readonly base: string;
  readonly held: boolean;
  readonly byVenue: ReadonlyMap<string, RateView>;
  /** Highest less lowest rate, per hour. */
  readonly spread: number;
  readonly nextMs: number;
}

export function ratesTable(status: SystemStatus, options: RatesOptions): RatesTable {
  const { columns, rowsMax, palette } = options;
  const left = columns - assetWidth - spreadWidth - nextWidth;
  // A narrow window shows fewer venues: half a rate would be a lie.
  const venues = status.venues.map(({ venue }) => venue).slice(0, Math.floor(left / rateWidthMin));
  const width = Math.min(rateWidthMax, Math.floor(left / (venues.length || 1)));
  const header =
    cell('asset', assetWidth) +
    venues.map((venue) => cell(`${venue} /interval`, width, 'right')).join('') +
    cell('spread/yr', spreadWidth + 1, 'right') +
    cell('next in', nextWidth - 1, 'right');
  const rows = assetRows(status)
    .slice(0, Math.max(0, rowsMax))
    .map((row) => {
      const cells = venues.map((venue) => rateCell(row.byVenue.get(venue), width, palette));
      return (
        (row.held ? palette.strong : (text: string) => text)(
          cell(`${row.held ? '●' : ' '}${row.base}`, assetWidth),
        ) +
        cells.join('') +
        cell(pct(row.spread * hoursPerYear, 0), spreadWidth + 1, 'right') +
        cell(countdown(row.nextMs - status.tsMs), nextWidth - 1, 'right')
      );
    });
  return { header: cell(header, columns), rows };
}

/** "+0.0100% 8h  11%": rate per interval, the interval, simple APR where there is room. */
function rateCell(rate: RateView | undefined, width: number, palette: Palette): string {
  if (rate === undefined) return palette.dim(cell('–', width, 'right'));
  const hours = Math.round(rate.intervalMs / hourMs);
  const short = `${pct(rate.ratePerInterval, 4)} ${hours}h`;
  const full = `${short} ${pct(rate.apr, 0).padStart(5)}`;
  const text = full.length < width ? full : short;
  return signed(rate.ratePerInterval, palette)(cell(text, width, 'right'));
}

function assetRows(status: SystemStatus): readonly AssetRow[] {
  const held = new Set<string>();
  for (const { phase, long, short } of status.pairs) {
    if (phase !== 'closed') held.add(instrumentText(long).base).add(instrumentText(short).base);
  }
  const groups = new Map<string, Map<string, RateView>>();
  for (const rate of status.rates) {
    const group = groups.get(rate.base) ?? new Map<string, RateView>();
    group.set(rate.venue, rate);
    groups.set(rate.base, group);
  }
  const rows = [...groups].map(([base, byVenue]): AssetRow => {
    const all = [...byVenue.values()];
    const perHour = all.map(({ ratePerInterval, intervalMs }) => {
      return (ratePerInterval * hourMs) / intervalMs;
    });
    return {
      base,
      held: held.has(base),
      byVenue,
      spread: Math.max(...perHour) - Math.min(...perHour),
      nextMs: Math.min(...all.map(({ settlesAtMs }) => settlesAtMs)),
    };
  });
  return rows.sort(
    (a, b) =>
      Number(b.held) - Number(a.held) || b.spread - a.spread || a.base.localeCompare(b.base),
  );
}
