// `farb funding history|ledger`: what rates were, and what fixed positions would have received.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { FundingHistory, FundingLedgerAnswer } from '../api/funding-report.ts';
import { type Decimal, formatDecimal, fromNumber, tryDecimal } from '../base/decimal.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { parseExactJson } from '../base/exact-json.ts';
import { assetOf } from '../history/asset.ts';
import { dataSet, type Selection } from '../history/data-set.ts';
import {
  fundingLedger,
  type LedgerPosition,
  type LedgerPriceRule,
} from '../history/funding-ledger.ts';
import { fundingStats } from '../history/funding-stats.ts';
import type { FundingSeries } from '../history/series.ts';
import { leadLags, spreads } from '../history/spreads.ts';
import { openData } from '../research/data-source.ts';

export { ledgerPrices } from '../history/funding-ledger.ts';

export interface HistoryRequest {
  readonly dir: string;
  readonly venues: readonly string[] | null;
  /** Symbols as the data writes them, or assets ("BTC"). */
  readonly symbols: readonly string[] | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** Lists every rate too. */
  readonly withRates: boolean;
  readonly spreadAprMin: number;
}

export async function fundingHistory(request: HistoryRequest): Promise<FundingHistory> {
  const { dir, venues, symbols, fromMs, toMs, withRates, spreadAprMin } = request;
  const data = await (await openData(dir)).load({
    kinds: ['funding'],
    ...(venues === null ? {} : { venues }),
    fromMs,
    toMs,
  });
  const funding = data.series.filter((series): series is FundingSeries => {
    const { symbol } = series.id;
    const isWanted =
      symbols === null || symbols.includes(symbol) || symbols.includes(assetOf(symbol));
    return 'rate' in series && isWanted;
  });
  const options = { aprMin: spreadAprMin, fromMs, toMs };
  const series = funding.flatMap((one) => {
    const stats = fundingStats(one);
    if (stats === null) return [];
    const { venue, symbol } = one.id;
    const { cap, floor } = stats.caps;
    const caps = { ...stats.caps, cap: rateText(cap), floor: rateText(floor) };
    const rates = withRates ? ratesOf(one) : null;
    return [{ venue, symbol, asset: assetOf(symbol), ...stats, caps, rates }];
  });
  const answer = {
    dir,
    series,
    spreads: spreads(funding, options),
    spreadAprMin,
    leadLags: leadLags(funding, options),
  };
  return plain(answer) as FundingHistory; // the test checks it against the schema
}

/** As JSON has it: NaN becomes null. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function ratesOf({ tsMs, rate, intervalMs, markPrice }: FundingSeries) {
  return [...tsMs].map((ts, k) => ({
    tsMs: ts,
    rate: formatDecimal(fromNumber(rate[k] as number)),
    intervalMs: intervalMs[k],
    markPrice: rateText(Number.isNaN(markPrice[k]) ? null : (markPrice[k] as number)),
  }));
}

function rateText(value: number | null): string | null {
  return value === null ? null : formatDecimal(fromNumber(value));
}

export interface LedgerRequest extends LedgerPriceRule {
  readonly dir: string;
  /** A JSON file, "-" for standard input. */
  readonly positionsFile: string;
}

export async function ledgerOf(request: LedgerRequest): Promise<FundingLedgerAnswer> {
  const { dir, positionsFile, price, interval } = request;
  const positions = readPositions(positionsFile);
  const wanted: Selection = {
    venues: [...new Set(positions.map(({ venue }) => venue))],
    symbols: [...new Set(positions.map(({ symbol }) => symbol))],
  };
  const source = await openData(dir);
  const market = price === 'mark' ? 'mark' : 'perp';
  const { series: funding } = await source.load({ ...wanted, kinds: ['funding'] });
  const { series: bars } = await source.load({
    ...{ ...wanted, kinds: ['bars'], markets: [market], intervals: [interval] },
  });
  const ledger = fundingLedger(positions, dataSet([...funding, ...bars]), { price, interval });
  const { payments, missing, unknown } = ledger;
  return { ...ledger, payments: [...payments], missing: [...missing], unknown: [...unknown] };
}

const positionSchema = z.strictObject({
  venue: z.string().min(1),
  symbol: z.string().min(1),
  qty: z.union([z.string(), z.number()]).transform((value, context): Decimal => {
    const qty = tryDecimal(String(value));
    if (qty !== null) return qty;
    context.addIssue({ code: 'custom', message: `${value} is not a quantity` });
    return z.NEVER;
  }),
  fromMs: z.number(),
  toMs: z.number(),
  inverse: z.boolean().default(false),
});

function readPositions(file: string): readonly LedgerPosition[] {
  const where = `--positions ${file}`;
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (thrown) {
    throw new UserError(`${where}: cannot be read: ${messageOf(thrown)}`);
  }
  // Long numbers are read as their text: a quantity loses no digit.
  const parsed = z.array(positionSchema).safeParse(parseExactJson(text));
  if (parsed.success) {
    const odd = parsed.data.findIndex(({ fromMs, toMs }) => !(fromMs < toMs));
    if (odd < 0) return parsed.data;
    throw new UserError(`${where}: position ${odd}: fromMs must be before toMs`);
  }
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new UserError(
    `${where}: ${at === '' ? '' : `${at}: `}${issue?.message}; write ` +
      '[{ "venue", "symbol", "qty", "fromMs", "toMs", "inverse"? }]',
  );
}
