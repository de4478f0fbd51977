// Changing the leverage of a perpetual: allowed within the brackets for what is held and ordered,
// and while the wallet can carry the margin that a lower leverage asks for.
import { fromNumber, toNumber } from '../base/decimal.ts';
import { isInverse, notionalAt } from '../domain/contract-value.ts';
import { isPerp } from '../domain/instrument.ts';
import type { SimInstrument, SimResult } from './api.ts';
import type { Account } from './exchange-account.ts';
import { refuse } from './exchange-filters.ts';
import { notionalMaxAt } from './margin.ts';

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
  const notional = toNumber(
    notionalAt(listing.instrument, account.exposure(id, null), fromNumber(account.mark(id))),
  );
  const notionalMax = notionalMaxAt(listing.brackets, leverage);
  if (notionalMax === 0 || notional > notionalMax) {
    return refuse(
      'leverage-too-high',
      `leverage ${leverage} allows at most ${notionalMax} of notional`,
    );
  }
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
