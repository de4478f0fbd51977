// Cross-margin liquidation: a pool whose equity is below its maintenance margin loses its open
// perpetual orders, then its positions at the mark, the one with the largest maintenance margin
// first, until what is left is covered. The fee is a fraction of the notional. What a pool
// without positions still owes is paid by the venue's insurance fund.
import { present } from '../base/assert.ts';
import { abs, type Decimal, fromNumber, roundToStep } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { SimInstrument, SimNow } from './api.ts';
import type { Account, MarginPool } from './exchange-account.ts';
import type { Booking } from './exchange-booking.ts';
import type { Matching } from './exchange-matching.ts';
import type { Orders } from './exchange-orders.ts';

interface LiquidationParts {
  readonly listed: ReadonlyMap<InstrumentId, SimInstrument>;
  readonly account: Account;
  readonly orders: Orders;
  readonly matching: Matching;
  readonly booking: Booking;
  readonly feeRate: Decimal;
}

export function liquidate(parts: LiquidationParts, now: SimNow): void {
  const { account } = parts;
  for (const pool of account.poolsWithPositions()) {
    if (!isUnderwater(account, pool)) continue;
    cancelPerpOrders(parts, pool, now);
    for (const id of largestFirst(account, pool)) {
      if (!isUnderwater(account, pool)) break;
      const { instrument } = present(parts.listed.get(id), `instrument ${id}`);
      parts.matching.forceClose(
        {
          instrument: id,
          qty: abs(account.state(id).qty),
          price: markOnTick(account, instrument),
          feeRate: parts.feeRate,
          forced: 'liquidation',
        },
        now,
      );
    }
    if (account.positionsOf(pool).length > 0) continue;
    const { wallet, coin } = pool;
    const assets = coin === null ? account.cashAssets(wallet) : [coin];
    for (const asset of assets) parts.booking.topUp(wallet, asset, now.tsMs);
  }
}

/** The mark on the instrument's price grid: the price of trades that the venue forces. */
export function markOnTick(
  account: Account,
  instrument: { readonly id: InstrumentId; readonly tickSize: Decimal | null },
): Decimal {
  const tick = present(instrument.tickSize, `tick of ${instrument.id}`);
  return roundToStep(fromNumber(account.mark(instrument.id)), tick, 'half-even');
}

function isUnderwater(account: Account, pool: MarginPool): boolean {
  if (account.isClearlySolvent(pool)) return false;
  const { equity, maintenanceMargin } = account.margin(pool.wallet, pool.coin);
  return equity < maintenanceMargin;
}

function cancelPerpOrders(parts: LiquidationParts, pool: MarginPool, now: SimNow): void {
  for (const order of parts.orders.openOrders(null)) {
    const { instrument } = present(parts.listed.get(order.instrument), order.instrument);
    if (instrument.kind === 'spot' || !parts.account.isIn(instrument.id, pool)) continue;
    parts.matching.end(order, 'liquidation', now);
  }
}

function largestFirst(account: Account, pool: MarginPool): readonly InstrumentId[] {
  const rows = account.positionsOf(pool).map((id) => account.position(id));
  rows.sort((a, b) => {
    if (a.maintenanceMargin === b.maintenanceMargin) return a.instrument < b.instrument ? -1 : 1;
    return a.maintenanceMargin > b.maintenanceMargin ? -1 : 1;
  });
  return rows.map((row) => row.instrument);
}
