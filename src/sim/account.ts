// Wallets of one account at a simulated venue: every change of a balance is one bill, so a balance
// is exactly the sum of its bills. Nothing else may write a balance.
import { assert } from '../base/assert.ts';
import { type Decimal, plus, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { SimBill } from './api.ts';
import { History } from './exchange-history.ts';
import { historyMax } from './exchange-rules.ts';

export interface StartBalance {
  /** `spot`, `futures`, `unified`. */
  readonly wallet: string;
  readonly asset: string;
  readonly amount: Decimal;
}

export interface Posting {
  readonly kind: SimBill['kind'];
  readonly wallet: string;
  readonly asset: string;
  /** + = received. */
  readonly amount: Decimal;
  readonly instrument: InstrumentId | null;
  readonly tradeId: string | null;
  readonly tsMs: number;
}

export interface WalletBalance {
  readonly wallet: string;
  readonly asset: string;
  readonly total: Decimal;
}

export class Wallets {
  private readonly balances = new Map<string, WalletBalance>();
  private readonly history = new History<SimBill>(historyMax.bills);
  private billCount = 0;

  /** Changes of any balance so far. */
  get changes(): number {
    return this.billCount;
  }

  constructor(start: readonly StartBalance[], startMs: number) {
    for (const { wallet, asset, amount } of start) {
      const opening = { instrument: null, tradeId: null, tsMs: startMs };
      this.post({ kind: 'transfer', wallet, asset, amount, ...opening });
    }
  }

  post(posting: Posting): SimBill {
    const key = `${posting.wallet} ${posting.asset}`;
    const balanceAfter = plus(this.balances.get(key)?.total ?? zero, posting.amount);
    const { kind, wallet, asset, amount, instrument, tradeId, tsMs } = posting;
    this.balances.set(key, { wallet, asset, total: balanceAfter });
    this.billCount++;
    const id = String(this.billCount);
    const bill = { id, kind, wallet, asset, amount, balanceAfter, instrument, tradeId, tsMs };
    this.history.push(bill);
    return bill;
  }

  total(wallet: string, asset: string): Decimal {
    return this.balances.get(`${wallet} ${asset}`)?.total ?? zero;
  }

  all(): readonly WalletBalance[] {
    return [...this.balances.values()];
  }

  bills(): readonly SimBill[] {
    return this.history.all();
  }

  /** A spot asset never goes below zero: the checks before an order must have seen to that. */
  assertNotNegative(wallet: string, asset: string): void {
    assert(this.total(wallet, asset) >= zero, `${wallet} ${asset} went below zero`);
  }
}
