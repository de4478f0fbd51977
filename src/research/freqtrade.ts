// What freqtrade stores: one pair and timeframe a file, as feather or JSON rows
// [ms, open, high, low, close, volume]. Venue, pair and kind stand in the path alone:
// `data/binance/BTC_USDT-1h.feather`, `data/okx/futures/BTC_USDT_USDT-8h-funding_rate.feather`.
import { basename, dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import { minuteMs } from '../base/time.ts';
import { type Columns, ColumnsBuilder } from '../history/columns.ts';
import type { Market, SeriesId } from '../history/series.ts';
import { unpackLz4 } from './lz4.ts';

/** 1973: what is smaller is not in ms. */
const msMin = 1e11;
const fileName =
  /^(.+)-(\d+[mhdw])(?:-(futures|mark|index|funding_rate|premiumIndex))?\.(feather|json|json\.gz)$/;

/** The series of a file, from its path; null = not freqtrade's. */
export function freqtradeId(path: string): SeriesId | null {
  const [, pair = '', interval = '', candle] = fileName.exec(basename(path)) ?? [];
  if (pair === '' || candle === 'premiumIndex') return null;
  const folder = basename(dirname(path));
  const venue = folder === 'futures' ? basename(dirname(dirname(path))) : folder;
  const symbol = symbolOf(venue, pair.split('_'));
  if (candle === 'funding_rate') {
    return { kind: 'funding', venue, market: 'perp', symbol, interval: null };
  }
  const isPerp = candle === 'futures' || (candle === undefined && pair.split('_').length > 2);
  const market: Market =
    candle === 'mark' || candle === 'index' ? candle : isPerp ? 'perp' : 'spot';
  return { kind: 'bars', venue, market, symbol, interval };
}

/** The venue's own word for a pair; ccxt's where we do not know it. */
function symbolOf(venue: string, [base = '', quote = '', settle]: readonly string[]): string {
  const isCoinMargined = settle !== undefined && settle !== quote;
  if (venue === 'okx') return [base, quote, ...(settle === undefined ? [] : ['SWAP'])].join('-');
  if (venue === 'hyperliquid' && settle !== undefined) return base;
  if (venue === 'binance') return `${base}${quote}${isCoinMargined ? '_PERP' : ''}`;
  if (venue === 'bybit') {
    return settle === 'USDC' ? `${base}PERP` : `${base}${quote}`;
  }
  return `${base}/${quote}${settle === undefined ? '' : `:${settle}`}`;
}

/** The rows of a whole file of `id`. */
export async function freqtradeColumns(
  id: SeriesId,
  path: string,
  bytes: Uint8Array,
): Promise<Columns> {
  try {
    const rows = path.endsWith('.feather') ? await featherRows(bytes) : jsonRows(path, bytes);
    const builder = new ColumnsBuilder(id);
    for (const [tsMs = 0, open = 0, ...rest] of rows) {
      if (!(tsMs > msMin)) throw new Error(`${tsMs} is not a time in ms`);
      if (id.kind === 'funding') {
        // The rate stands in the column `open`.
        const settlesAtMs = Math.round(tsMs / minuteMs) * minuteMs;
        builder.push(Float64Array.of(settlesAtMs, open, Number.NaN, Number.NaN));
      } else {
        const volume = id.market === 'mark' || id.market === 'index' ? Number.NaN : rest[3];
        builder.push(Float64Array.of(tsMs, open, ...rest.slice(0, 3), volume ?? Number.NaN));
      }
    }
    return builder.columns();
  } catch (thrown) {
    const why = `${path} is not a file of freqtrade: ${messageOf(thrown)}`;
    throw new UserError(`${why}; replace or remove it`, { exitCode: 1 });
  }
}

function jsonRows(path: string, bytes: Uint8Array): readonly (readonly number[])[] {
  const text = Buffer.from(path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return z.array(z.array(z.number()).min(5).max(6)).parse(JSON.parse(text));
}

async function featherRows(bytes: Uint8Array): Promise<readonly (readonly number[])[]> {
  const arrow = await import('apache-arrow');
  arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { decode: unpackLz4 });
  const table = arrow.tableFromIPC(bytes);
  const column = (name: string) => {
    const found = table.getChild(name);
    if (found === null) throw new Error(`no column "${name}"`);
    return found;
  };
  const names = ['date', 'open', 'high', 'low', 'close', 'volume'];
  const columns = names.map((name) => [...column(name)].map(Number));
  return (columns[0] ?? []).map((_, row) => columns.map((values) => values[row] ?? Number.NaN));
}
