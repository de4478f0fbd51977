// Writes the market of synthetic-market.ts as the csv files of docs/data.md, so that everything
// that reads recorded data can be tried without any. The same options give the same bytes. It is
// made up: what a strategy earns there says nothing about a real market.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { Prng, textHash } from '../base/prng.ts';
import { significant } from '../base/significant.ts';
import { dayMs, hourMs, tryTime } from '../base/time.ts';
import { ownHeaders } from '../research/csv-layout.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { type SyntheticPath, syntheticAssets, syntheticPath } from './synthetic-market.ts';

export interface SyntheticOptions {
  readonly seed: number;
  /** UTC day. */
  readonly from: string;
  readonly days: number;
  /** Of BTC, ETH, SOL, XRP, DOGE, LINK. */
  readonly assets: readonly string[];
}

const defaults: SyntheticOptions = {
  seed: 7,
  from: '2024-01-01',
  days: 120,
  assets: ['BTC', 'SOL', 'XRP', 'DOGE'],
};
const venues: readonly string[] = ['binance', 'okx', 'bybit'];
/** Raised when the files of the same options become other ones. */
const format = 1;
const daysMax = 3_000;
const stampName = 'synthetic.json';

/**
 * Writes settlements, hourly bars of the perpetuals and of Binance's spot into `dir`, unless those
 * of the same options are there already. One contract lacks two days of settlements, as records do.
 * Returns `dir`, for `openData`, `runBacktest` and `--data`. Throws a UserError.
 */
export function syntheticData(dir: string, options: Partial<SyntheticOptions> = {}): string {
  const wanted = { ...defaults, ...options };
  const stamp = `${JSON.stringify({ format, ...wanted })}\n`;
  const stampPath = join(dir, stampName);
  if (readOrNull(stampPath) === stamp) return dir;
  const files = { ...filesOf(wanted), [stampName]: stamp };
  // Beside it and then in one step: two notebooks may start at once.
  mkdirSync(dirname(dir), { recursive: true });
  const fresh = mkdtempSync(`${dir}.new-`);
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(fresh, name), text);
    // Only what we once wrote is ever replaced: a directory of other files stays, and is refused.
    if (readOrNull(stampPath) !== null) rmSync(dir, { recursive: true, force: true });
    renameSync(fresh, dir);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
    if (readOrNull(stampPath) === stamp) return dir; // another one was faster
    throw new UserError(`${dir} holds other files: name an empty directory for synthetic data`);
  }
  return dir;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function filesOf({ seed, from, days, assets }: SyntheticOptions): Record<string, string> {
  const startMs = tryTime(from);
  if (startMs === null) throw new UserError(`from ${from}: write a day like 2024-01-01`);
  if (!(days >= 2 && days <= daysMax)) throw new UserError(`days ${days}: from 2 to ${daysMax}`);
  const unknown = assets.find((asset) => !Object.hasOwn(syntheticAssets, asset));
  if (unknown !== undefined) {
    const known = Object.keys(syntheticAssets).join(', ');
    throw new UserError(`assets: there is no synthetic ${unknown}, only ${known}`);
  }
  const hours = Math.round((days * dayMs) / hourMs);
  const funding: string[] = [];
  const bars: string[] = [];
  for (const [k, asset] of assets.entries()) {
    const path = syntheticPath(asset, { seed, hours, startMs, venues });
    const isLast = k === assets.length - 1;
    for (const venue of venues) {
      const { symbol, perp } = { symbol: symbolOf(venue, 'perp', asset), perp: path.perps[venue] };
      if (perp === undefined) continue;
      const prng = new Prng((seed ^ textHash(`${venue} ${asset} bars`)) >>> 0);
      bars.push(...barsOf([venue, 'perp', symbol], perp.price, { startMs, prng }));
      funding.push(
        ...perp.settlements
          .filter(({ hour }) => !(isLast && venue === 'bybit' && isHole(hour, hours)))
          .map(({ hour, rate, mark }) =>
            [venue, symbol, startMs + hour * hourMs, rate, significant(mark, 9)].join(','),
          ),
      );
    }
    bars.push(...spotBars(asset, path, { seed, startMs }));
  }
  return {
    'funding.csv': `${ownHeaders.funding}\n${funding.join('\n')}\n`,
    'bars.csv': `${ownHeaders.bars}\n${bars.join('\n')}\n`,
  };
}

/** Two days in the middle. */
function isHole(hour: number, hours: number): boolean {
  return Math.abs(hour - hours / 2) < 24;
}

function spotBars(
  asset: string,
  { index }: SyntheticPath,
  { seed, startMs }: { readonly seed: number; readonly startMs: number },
): readonly string[] {
  const prng = new Prng((seed ^ textHash(`${asset} spot`)) >>> 0);
  const price = index.map((value) => value * (1 + 0.00002 * prng.normal()));
  const where = ['binance', 'spot', symbolOf('binance', 'spot', asset)];
  return barsOf(where, price, { startMs, prng });
}

/** The venue's own name of it, without a multiplier. */
function symbolOf(venue: string, market: 'perp' | 'spot', asset: string): string {
  const kind = market === 'perp' ? 'linear-perp' : 'spot';
  const listed = listingsOf(venue).find(
    ({ instrument, underlying }) =>
      instrument.kind === kind && underlying === asset && toNumber(instrument.priceUnit) === 1,
  );
  return listed?.instrument.symbol ?? (venue === 'okx' ? `${asset}-USDT-SWAP` : `${asset}USDT`);
}

/** Each opens where the one before closed; the extremes lie a little beyond both. */
function barsOf(
  where: readonly string[],
  price: Float64Array,
  { startMs, prng }: { readonly startMs: number; readonly prng: Prng },
): readonly string[] {
  const lines: string[] = [];
  for (let k = 1; k < price.length; k++) {
    const open = price[k - 1] as number;
    const close = price[k] as number;
    const reach = 0.002 * Math.abs(prng.normal());
    const high = Math.max(open, close) * (1 + reach);
    const low = Math.min(open, close) * (1 - reach * prng.float());
    const prices = [open, high, low, close].map((value) => significant(value, 7));
    lines.push([...where, '1h', startMs + (k - 1) * hourMs, ...prices, ''].join(','));
  }
  return lines;
}
