// Double entry. Every movement of cash is a transaction whose postings sum to zero per asset, so
// the whole ledger does too: money has a source and a destination, always. Amounts come from the
// venues' own fill and bill texts. Sign: + on a `cash/...` account is money of ours at the venue.
import { AssertionFailed } from '../base/assert.ts';
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
  for (const { asset } of postings) {
    let total = zero;
    for (const other of postings) if (other.asset === asset) total = plus(total, other.amount);
    if (total !== zero) {
      throw new AssertionFailed(`postings of ${asset} sum to ${formatDecimal(total)}, not 0`);
    }
  }
  for (const { account, asset, amount } of postings) {
    const key = balanceKeyOf(account, asset);
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
  return balanceAt(ledger, balanceKeyOf(account, asset));
}

/** For who asks often: the text is made once. */
export function balanceKeyOf(account: AccountName, asset: string): string {
  return `${account}|${asset}`;
}

export function balanceAt(ledger: Ledger, key: string): Decimal {
  return ledger.balances.get(key) ?? zero;
}

export interface CashAccount {
  readonly venue: VenueId;
  readonly wallet: string;
  readonly asset: string;
}

/** All cash accounts: venue, wallet, asset, amount. */
export function cashOf(ledger: Ledger): readonly (CashAccount & { readonly amount: Decimal })[] {
  const accounts = cashAccountsOf(ledger);
  const rows: (CashAccount & { readonly amount: Decimal })[] = [];
  let i = 0;
  for (const amount of ledger.balances.values()) {
    const account = accounts[i++];
    if (account !== undefined && account !== null) rows.push(rowOf(account, amount));
  }
  return rows;
}

function rowOf({ venue, wallet, asset }: CashAccount, amount: Decimal) {
  return { venue, wallet, asset, amount };
}

/** What every account is, in the order of `balances`; null = a counter account. */
export function cashAccountsOf(ledger: Ledger): readonly (CashAccount | null)[] {
  return accountsOf(ledger).cash;
}

interface Accounts {
  readonly cash: readonly (CashAccount | null)[];
  readonly assets: readonly string[];
}

/** Accounts are never removed and their names are never reused. */
const parsed = new WeakMap<Ledger, Accounts>();

function accountsOf(ledger: Ledger): Accounts {
  const known = parsed.get(ledger);
  if (known?.assets.length === ledger.balances.size) return known;
  const keys = [...ledger.balances.keys()];
  const assets = keys.map((key) => key.slice(key.indexOf('|') + 1));
  const accounts = { cash: keys.map(parseCash), assets };
  parsed.set(ledger, accounts);
  return accounts;
}

function parseCash(key: string): CashAccount | null {
  const [account = '', asset = ''] = key.split('|');
  const [kind, venue = '', wallet = ''] = account.split('/');
  return kind === 'cash' ? { venue, wallet, asset } : null;
}

/** The sum of all accounts per asset; every entry is zero, or a bug. */
export function residualsOf(ledger: Ledger): ReadonlyMap<string, Decimal> {
  const { assets } = accountsOf(ledger);
  const totals = new Map<string, Decimal>();
  let i = 0;
  for (const amount of ledger.balances.values()) {
    const asset = assets[i++] as string;
    totals.set(asset, plus(totals.get(asset) ?? zero, amount));
  }
  return totals;
}
