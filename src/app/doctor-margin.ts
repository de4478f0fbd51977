// What the doctor makes of the venues' margin tiers: whether the configured sizes may be had at the
// configured leverage, and which margin they must keep. Pure: tables in, one finding out.
import type { Check } from '../api/doctor-report.ts';
import { type Decimal, formatDecimal, fromNumber, over, toNumber } from '../base/decimal.ts';
import { ownQtyAt } from '../domain/contract-value.ts';
import { type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import {
  fitsTiers,
  initialMarginOf,
  type MarginTiers,
  maintenanceMarginOf,
  positionSize,
} from '../domain/margin.ts';
import { fail, ok, warn } from './doctor-check.ts';

export interface TierQuestion {
  readonly venue: string;
  /** As the set-up will ask for it. */
  readonly leverage: number;
  /** What an entry aims at per leg, and the largest position that risk allows. */
  readonly notionalUsd: number;
  readonly positionUsdMax: number;
  readonly instruments: readonly Instrument[];
  readonly tables: ReadonlyMap<InstrumentId, MarginTiers>;
  /** Null = not known. */
  priceOf(id: InstrumentId): number | null;
}

const namesShownMax = 6;

export function tierCheck(question: TierQuestion): Check {
  const { venue, leverage, notionalUsd, positionUsdMax, instruments, tables } = question;
  const name = `${venue} margin tiers`;
  const perps = instruments.filter(({ kind }) => isPerp(kind));
  const unread = perps.filter(({ id }) => !tables.has(id));
  if (unread.length > 0) {
    const mend = 'look at the venue: nothing opens on a contract whose tiers are not known';
    return warn(name, `not read of ${listOf(unread)}`, mend);
  }
  const mend = 'lower leverage in exchanges.yaml, or the size';
  const small = perps.filter((perp) => !fits(question, perp, notionalUsd));
  if (small.length > 0) {
    const detail = `${notionalUsd} USD at ${leverage}x pass the tiers of ${listOf(small)}`;
    return fail(name, detail, `${mend}: notionalUsd in strategies.yaml`);
  }
  const bounded = perps.filter((perp) => !fits(question, perp, positionUsdMax));
  if (bounded.length > 0) {
    const detail = `${positionUsdMax} USD at ${leverage}x pass the tiers of ${listOf(bounded)}`;
    return warn(name, detail, `${mend}: positionUsdMax in risk.yaml; entries are cut to the tier`);
  }
  const initial = formatDecimal(initialMarginOf(fromNumber(notionalUsd), leverage));
  const asked = `${Number(initial).toFixed(2)} USD a leg of ${notionalUsd} at ${leverage}x`;
  return ok(name, `${asked}, to be kept ${keptShare(question, perps)}; larger ones fit too`);
}

/** Whether so many dollars of a contract may be had; an unknown price is no reason to refuse. */
function fits(question: TierQuestion, perp: Instrument, usd: number): boolean {
  const table = question.tables.get(perp.id);
  const size = sizeOf(question, perp, usd);
  if (table === undefined || size === null) return true;
  const { leverage } = question;
  return fitsTiers(table, Math.min(leverage, perp.leverageMax ?? leverage), size);
}

function sizeOf(
  { priceOf }: TierQuestion,
  perp: Instrument,
  usd: number,
): { readonly qty: Decimal; readonly notional: Decimal } | null {
  const price = priceOf(perp.id);
  if (price === null || !(price > 0)) return null;
  return positionSize(perp, fromNumber(ownQtyAt(perp, usd / price, price)), fromNumber(price));
}

/** Lowest to highest maintenance margin over the contracts, as a share of the notional. */
function keptShare(question: TierQuestion, perps: readonly Instrument[]): string {
  const shares = perps.flatMap((perp) => {
    const size = sizeOf(question, perp, question.notionalUsd);
    const table = question.tables.get(perp.id);
    if (size === null || table === undefined || size.notional === 0n) return [];
    return [toNumber(over(maintenanceMarginOf(table, size), size.notional))];
  });
  if (shares.length === 0) return 'an unknown share';
  const percent = (share: number): string => `${Number((share * 100).toFixed(3))}%`;
  const low = percent(Math.min(...shares));
  const high = percent(Math.max(...shares));
  return low === high ? low : `${low} to ${high}`;
}

function listOf(perps: readonly Instrument[]): string {
  const shown = perps.slice(0, namesShownMax).map(({ id }) => id);
  const more = perps.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
