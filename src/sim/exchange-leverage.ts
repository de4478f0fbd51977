// Changing the leverage of a perpetual: allowed within the brackets for what is held and ordered,
// and while the wallet can carry the margin that a lower leverage asks for.
import { formatDecimal, fromNumber, zero } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import { isPerp } from '../domain/instrument.ts';
import { fitsTiers, type PositionSize, positionSize, sizeMaxAt } from '../domain/margin.ts';
import type { SimInstrument, SimResult } from './api.ts';
import type { Account } from './exchange-account.ts';
import { type Refusal, refuse } from './exchange-filters.ts';

export function changeLeverage(
  account: Account,
  listing: SimInstrument,
  leverage: number,
): SimResult<'changed' | 'unchanged'> {
  const { id, kind, wallet, settle } = listing.instrument;
  if (!isPerp(kind)) return refuse('invalid-value', 'only perpetuals have leverage');
  if (!Number.isFinite(leverage) || leverage < 1) {
    return refuse('invalid-value', `leverage ${leverage} is below 1`);
  }
  const mark = fromNumber(account.mark(id));
  const size = positionSize(listing.instrument, account.exposure(id, null), mark);
  const refused = refusalByTiers(listing, leverage, size);
  if (refused !== null) return refused;
  const before = account.leverage(id);
  if (leverage === before) return { ok: true, value: 'unchanged' };
  account.setLeverage(id, leverage);
  const { equity, initialMargin } = account.margin(
    wallet,
    isInverse(listing.instrument) ? settle : null,
  );
  if (leverage < before && initialMargin > equity) {
    account.setLeverage(id, before);
    return refuse('insufficient-funds', 'the lower leverage needs more margin than there is');
  }
  return { ok: true, value: 'changed' };
}

/** What leverage allows: of the whole position, in the unit of the venue's tiers. */
export function refusalByTiers(
  { marginTiers }: SimInstrument,
  leverage: number,
  size: PositionSize,
): Refusal | null {
  const sizeMax = sizeMaxAt(marginTiers, leverage);
  if (sizeMax > zero && fitsTiers(marginTiers, leverage, size)) return null;
  return refuse(
    'leverage-too-high',
    `leverage ${leverage} allows at most ${formatDecimal(sizeMax)} of ${marginTiers.unit}`,
  );
}
