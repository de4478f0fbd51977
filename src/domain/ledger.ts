// Double entry. Every movement of cash is a transaction whose postings sum to zero per asset, so
// the whole ledger does too: money has a source and a destination, always. Amounts come from the
// venues' own fill and bill texts. Sign: + on a `cash/...` account is money of ours at the venue.
import { assert } from '../base/assert.ts';
import { type Decimal, formatDecimal, negate, plus, zero } from '../base/decimal.ts';
import type { VenueId } from './instrument.ts';

/** `cash/<venue>/<wallet>`, `opening`, `funding`, `fees`, `realized`, `spot-trades`, ... */
export type AccountName = string;

export interface Posting {
  readonly account: AccountName;
  readonly asset: string;
  readonly amount: Decimal;
}

/** Counter accounts: what the other side of a cash movement is called. */
export type Cause =
  | 'opening'
  | 'funding'
  | 'fees'
  | 'realized'
  | 'spot-trades'
  | 'transfer'
  | 'adjustment';

export interface Ledger {
  /** `account|asset` -> balance. */
  readonly balances: Map<string, Decimal>;
  transactions: number;
}

export function emptyLedger(): Ledger {
  return { balances: new Map(), transactions: 0 };
}

export function cashAccount(venue: VenueId, wallet: string): AccountName {
  return `cash/${venue}/${wallet}`;
}

/** Books one transaction; asserts that it sums to zero per asset. */
export function post(ledger: Ledger, postings: readonly Posting[]): void {
  const totals = new Map<string, Decimal>();
  for (const { asset, amount } of postings) {
    totals.set(asset, plus(totals.get(asset) ?? zero, amount));
  }
  for (const [asset, total] of totals) {
    assert(total === zero, `postings of ${asset} sum to ${formatDecimal(total)}, not 0`);
  }
  for (const { account, asset, amount } of postings) {
    const key = `${account}|${asset}`;
    ledger.balances.set(key, plus(ledger.balances.get(key) ?? zero, amount));
  }
  ledger.transactions++;
}

/** Cash that arrived at (+) or left (-) a wallet, with the account that it came from or went to. */
export function postCash(
  ledger: Ledger,
  entry: {
    readonly venue: VenueId;
    readonly wallet: string;
    readonly asset: string;
    readonly amount: Decimal;
    readonly cause: Cause;
  },
): void {
  if (entry.amount === zero) return;
  post(ledger, [
    {
      account: cashAccount(entry.venue, entry.wallet),
      asset: entry.asset,
      amount: entry.amount,
    },
    { account: entry.cause, asset: entry.asset, amount: negate(entry.amount) },
  ]);
}

export function balanceOf(ledger: Ledger, account: AccountName, asset: string): Decimal {
  return ledger.balances.get(`${account}|${asset}`) ?? zero;
}

/** All cash accounts: venue, wallet, asset, amount. */
export function cashOf(
  ledger: Ledger,
): readonly { venue: VenueId; wallet: string; asset: string; amount: Decimal }[] {
  const rows = [];
  for (const [key, amount] of ledger.balances) {
    const [account = '', asset = ''] = key.split('|');
    const [kind, venue = '', wallet = ''] = account.split('/');
    if (kind === 'cash') rows.push({ venue, wallet, asset, amount });
  }
  return rows;
}

/** The sum of all accounts per asset; every entry is zero, or a bug. */
export function residualsOf(ledger: Ledger): ReadonlyMap<string, Decimal> {
  const totals = new Map<string, Decimal>();
  for (const [key, amount] of ledger.balances) {
    const asset = key.slice(key.indexOf('|') + 1);
    totals.set(asset, plus(totals.get(asset) ?? zero, amount));
  }
  return totals;
}
