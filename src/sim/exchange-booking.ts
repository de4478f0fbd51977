// Books what happened: fills, funding payments, liquidation fees. The only place that changes
// positions and wallets after the start; each change is a bill, and each is told in one order: fill
// (or payment), balances, position.
import { present } from '../base/assert.ts';
import { type Decimal, negate, roundToStep, times, zero } from '../base/decimal.ts';
import { notionalAt } from '../domain/contract-value.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Liquidity, Side } from '../domain/order.ts';
import type { SimEvent, SimFill, SimFundingPayment, SimInstrument, SimOrder } from './api.ts';
import type { Account } from './exchange-account.ts';
import { History } from './exchange-history.ts';
import { type Orders, withFill } from './exchange-orders.ts';
import { cashRounding, cashUnit, historyMax } from './exchange-rules.ts';
import { fundingAmount, type Settlement } from './exchange-settlements.ts';
import { applyFill } from './position.ts';

const firstTradeId = 500_000;

export interface Trade {
  readonly price: Decimal;
  readonly qty: Decimal;
  readonly liquidity: Liquidity;
  readonly feeRate: Decimal;
  readonly forced: 'liquidation' | 'adl' | null;
}

export class Booking {
  private readonly listed: ReadonlyMap<InstrumentId, SimInstrument>;
  private readonly account: Account;
  private readonly orders: Orders;
  private readonly emit: (event: SimEvent) => void;
  private readonly fillHistory = new History<SimFill>(historyMax.fills);
  private readonly paymentHistory = new History<SimFundingPayment>(historyMax.fundingPayments);
  private tradeCount = firstTradeId;

  constructor(options: {
    readonly listed: ReadonlyMap<InstrumentId, SimInstrument>;
    readonly account: Account;
    readonly orders: Orders;
    readonly emit: (event: SimEvent) => void;
  }) {
    this.listed = options.listed;
    this.account = options.account;
    this.orders = options.orders;
    this.emit = options.emit;
  }

  fills(): readonly SimFill[] {
    return this.fillHistory.all();
  }

  payments(): readonly SimFundingPayment[] {
    return this.paymentHistory.all();
  }

  /** Books one trade of an order; returns the order after it. */
  fill(order: SimOrder, trade: Trade, tsMs: number): SimOrder {
    const { instrument } = this.listing(order.instrument);
    this.tradeCount++;
    const isSpot = instrument.kind === 'spot';
    const { position, realizedPnl } = isSpot
      ? { position: this.account.state(order.instrument), realizedPnl: zero }
      : applyFill(
          this.account.state(order.instrument),
          { side: order.side, ...trade, tsMs },
          instrument,
        );
    const notional = notionalAt(instrument, trade.qty, trade.price);
    const feeBase = isSpot && order.side === 'buy' ? trade.qty : notional;
    const fill: SimFill = {
      tradeId: String(this.tradeCount),
      orderId: order.orderId,
      clientOrderId: order.clientOrderId,
      instrument: order.instrument,
      side: order.side,
      price: trade.price,
      qty: trade.qty,
      liquidity: trade.liquidity,
      feePaid: roundToStep(times(feeBase, trade.feeRate), cashUnit, cashRounding),
      feeAsset: order.feeAsset,
      realizedPnl,
      positionAfter: isSpot ? zero : position.qty,
      tsMs,
      forced: trade.forced,
    };
    const after = withFill(order, fill, instrument);
    this.orders.replace(after);
    if (isSpot) this.bookSpot(fill, notional);
    else this.bookPerp(fill, position);
    this.fillHistory.push(fill);
    this.emit({ kind: 'fill', fill, order: after, tsMs });
    this.tellAfter(fill);
    return after;
  }

  /** Pays or charges the position that is held at this instant. */
  settle(settlement: Settlement): void {
    const { instrument: id, settledAtMs, rate, mark } = settlement;
    const { qty } = this.account.state(id);
    if (qty === zero) return;
    const { instrument } = this.listing(id);
    const { wallet, settle: asset } = instrument;
    const amount = fundingAmount(instrument, { qty, mark, rate });
    const bill = this.account.wallets.post({
      kind: 'funding',
      wallet,
      asset,
      amount,
      instrument: id,
      tradeId: null,
      tsMs: settledAtMs,
    });
    const payment: SimFundingPayment = {
      id: bill.id,
      instrument: id,
      wallet,
      asset,
      amount,
      rate,
      mark,
      qty,
      settledAtMs,
    };
    this.paymentHistory.push(payment);
    const stamp = { cause: 'funding', tsMs: settledAtMs } as const;
    this.emit({ kind: 'funding-payment', payment, tsMs: settledAtMs });
    this.emit({ kind: 'balance', balance: this.account.balance(wallet, asset), ...stamp });
    this.emit({ kind: 'position', position: this.account.position(id), ...stamp });
  }

  /** The venue's insurance fund brings a wallet without positions back to zero. */
  topUp(wallet: string, asset: string, tsMs: number): void {
    const total = this.account.wallets.total(wallet, asset);
    if (total >= zero) return;
    const amount = negate(total);
    const nothing = { instrument: null, tradeId: null };
    this.account.wallets.post({ kind: 'transfer', wallet, asset, amount, ...nothing, tsMs });
    const balance = this.account.balance(wallet, asset);
    this.emit({ kind: 'balance', balance, cause: 'transfer', tsMs });
  }

  /** Asset that an order's fee is taken in: what a spot order receives, else the settle asset. */
  feeAsset(id: InstrumentId, side: Side): string {
    const { instrument } = this.listing(id);
    if (instrument.kind !== 'spot') return instrument.settle;
    return side === 'buy' ? instrument.base : instrument.quote;
  }

  private bookSpot(fill: SimFill, notional: Decimal): void {
    const { base, quote, wallet } = this.listing(fill.instrument).instrument;
    const bought = fill.side === 'buy';
    this.post(fill, 'trade', base, bought ? fill.qty : negate(fill.qty));
    this.post(fill, 'trade', quote, bought ? negate(notional) : notional);
    this.post(fill, 'fee', fill.feeAsset, negate(fill.feePaid));
    this.account.wallets.assertNotNegative(wallet, base);
  }

  private bookPerp(fill: SimFill, position: ReturnType<typeof applyFill>['position']): void {
    const { settle } = this.listing(fill.instrument).instrument;
    this.account.setState(fill.instrument, position);
    this.post(fill, 'realized-pnl', settle, fill.realizedPnl);
    const kind = fill.forced === 'liquidation' ? 'liquidation-fee' : 'fee';
    this.post(fill, kind, settle, negate(fill.feePaid));
  }

  private post(
    fill: SimFill,
    kind: 'trade' | 'fee' | 'realized-pnl' | 'liquidation-fee',
    asset: string,
    amount: Decimal,
  ): void {
    if (amount === zero) return;
    const { wallet } = this.listing(fill.instrument).instrument;
    const { instrument, tradeId, tsMs } = fill;
    this.account.wallets.post({ kind, wallet, asset, amount, instrument, tradeId, tsMs });
  }

  private tellAfter(fill: SimFill): void {
    const { instrument } = this.listing(fill.instrument);
    const { wallet } = instrument;
    const isSpot = instrument.kind === 'spot';
    const assets = isSpot ? [instrument.base, instrument.quote] : [instrument.settle];
    const stamp = {
      cause: fill.forced === null ? 'order' : 'liquidation',
      tsMs: fill.tsMs,
    } as const;
    for (const asset of assets) {
      this.emit({ kind: 'balance', balance: this.account.balance(wallet, asset), ...stamp });
    }
    if (isSpot) return;
    this.emit({ kind: 'position', position: this.account.position(fill.instrument), ...stamp });
  }

  private listing(id: InstrumentId): SimInstrument {
    return present(this.listed.get(id), `instrument ${id}`);
  }
}
