// Whether the account can pay for an order: spot out of free balances, perpetuals out of the
// available margin of their wallet, within the notional that the leverage allows. An order that
// does not raise the worst-case position is always affordable.
import {
  type Decimal,
  formatDecimal,
  fromNumber,
  maxOf,
  minus,
  negate,
  plus,
  sum,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import type { SimInstrument, SimOrderRequest } from './api.ts';
import type { Account } from './exchange-account.ts';
import { type Refusal, refuse } from './exchange-filters.ts';
import { notionalMaxAt } from './margin.ts';
import type { Take } from './matching.ts';

interface FundsQuestion {
  readonly request: SimOrderRequest;
  readonly listing: SimInstrument;
  /** What the order would trade at once. */
  readonly takes: readonly Take[];
  readonly account: Account;
}

export function refusalByFunds(question: FundsQuestion): Refusal | null {
  const { kind } = question.listing.instrument;
  return kind === 'spot' ? refusalOfSpot(question) : refusalOfPerp(question);
}

function refusalOfSpot({ request, listing, takes, account }: FundsQuestion): Refusal | null {
  const { base, quote, wallet } = listing.instrument;
  const asset = request.side === 'buy' ? quote : base;
  const free = account.free(wallet, asset);
  const needed = request.side === 'sell' ? request.qty : costOf(request, takes);
  if (needed <= free) return null;
  return refuse(
    'insufficient-funds',
    `needs ${formatDecimal(needed)} ${asset}, free are ${formatDecimal(free)}`,
  );
}

function refusalOfPerp({ request, listing, takes, account }: FundsQuestion): Refusal | null {
  if (request.reduceOnly) return null;
  const { id, wallet } = listing.instrument;
  const extra = { side: request.side, qty: request.qty };
  const before = account.initialMarginWith(id, null);
  const after = account.initialMarginWith(id, extra);
  if (after <= before) return null;
  const mark = fromNumber(account.mark(id));
  const notional = toNumber(times(account.exposure(id, extra), mark));
  const leverage = account.leverage(id);
  const notionalMax = notionalMaxAt(listing.brackets, leverage);
  if (notional > notionalMax) {
    return refuse('leverage-too-high', `leverage ${leverage} allows at most ${notionalMax} USD`);
  }
  const cost = costOf(request, takes);
  const overMark = minus(cost, times(request.qty, mark));
  const openLoss = maxOf(zero, request.side === 'buy' ? overMark : negate(overMark));
  const fee = times(cost, listing.feeRateTaker);
  const needed = sum([minus(after, before), fee, request.type === 'limit' ? openLoss : zero]);
  const { available } = account.margin(wallet);
  if (needed <= available) return null;
  return refuse(
    'insufficient-funds',
    `needs ${formatDecimal(needed)} of margin, available are ${formatDecimal(available)}`,
  );
}

/** At the limit; for market orders what the displayed levels ask. */
function costOf(request: SimOrderRequest, takes: readonly Take[]): Decimal {
  if (request.limit !== null) return times(request.limit, request.qty);
  return takes.reduce((total, take) => plus(total, times(take.price, take.qty)), zero);
}
