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
  zero,
} from '../base/decimal.ts';
import { type ContractTerms, isInverse, notionalAt } from '../domain/contract-value.ts';
import { positionSize } from '../domain/margin.ts';
import type { SimInstrument, SimOrderRequest } from './api.ts';
import type { Account } from './exchange-account.ts';
import { type Refusal, refuse } from './exchange-filters.ts';
import { refusalByTiers } from './exchange-leverage.ts';
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
  const needed = request.side === 'sell' ? request.qty : costOf(request, takes, listing.instrument);
  if (needed <= free) return null;
  return refuse(
    'insufficient-funds',
    `needs ${formatDecimal(needed)} ${asset}, free are ${formatDecimal(free)}`,
  );
}

function refusalOfPerp({ request, listing, takes, account }: FundsQuestion): Refusal | null {
  if (request.reduceOnly) return null;
  const { instrument } = listing;
  const { id, wallet, settle } = instrument;
  const extra = { side: request.side, qty: request.qty };
  const before = account.initialMarginWith(id, null);
  const after = account.initialMarginWith(id, extra);
  if (after <= before) return null;
  const mark = fromNumber(account.mark(id));
  const size = positionSize(instrument, account.exposure(id, extra), mark);
  const refused = refusalByTiers(listing, account.leverage(id), size);
  if (refused !== null) return refused;
  const cost = costOf(request, takes, instrument);
  // What the fill would lose at the mark: a purchase above it, a sale below it. An inverse contract
  // is bought dear when it costs less coin.
  const overMark = minus(cost, notionalAt(instrument, request.qty, mark));
  const losesAbove = (request.side === 'buy') !== isInverse(instrument);
  const openLoss = maxOf(zero, losesAbove ? overMark : negate(overMark));
  const fee = times(cost, listing.feeRateTaker);
  const needed = sum([minus(after, before), fee, request.type === 'limit' ? openLoss : zero]);
  const { available } = account.margin(wallet, isInverse(instrument) ? settle : null);
  if (needed <= available) return null;
  return refuse(
    'insufficient-funds',
    `needs ${formatDecimal(needed)} of margin, available are ${formatDecimal(available)}`,
  );
}

/** Notional at the limit; for market orders what the displayed levels ask. */
function costOf(request: SimOrderRequest, takes: readonly Take[], terms: ContractTerms): Decimal {
  if (request.limit !== null) return notionalAt(terms, request.qty, request.limit);
  return takes.reduce((total, take) => plus(total, notionalAt(terms, take.qty, take.price)), zero);
}
