// Whether the venues will margin what opens: the position of the worst case within the tier of its
// leverage, and the margin, fees and price of the basket out of what its wallets have free. Free is
// what a venue itself would count, of one asset: cash and unrealized profit, less the initial
// margin of positions with their working orders, less what working spot orders have locked. An
// underfunded leg would be rejected there while the other one fills.
import { type Decimal, fromNumber, toNumber } from '../base/decimal.ts';
import { fitsTiers, initialMarginOf, type MarginTiers, sizeMaxAt } from '../domain/margin.ts';
import type { OrderDraft } from '../domain/order.ts';
import type { Denial, InstrumentExposure, RiskBook, WalletFunds } from '../domain/verdict.ts';
import { denial } from './checks.ts';
import { largestOf, qtyOf, rangeOf } from './worst-case.ts';

/** Asked for beyond what is needed now: the mark moves while an order is on its way. */
export const marginSlack = 1.01;

/** What a basket asks of one wallet, in its asset. */
interface Demand {
  readonly needed: number;
  readonly free: number;
}

export function marginDenials(orders: readonly OrderDraft[], book: RiskBook): readonly Denial[] {
  const denials: Denial[] = [];
  const opened = openedBy(orders, book);
  for (const exposure of opened) {
    const unknown = unknownOf(exposure);
    if (unknown !== null) denials.push(denial('margin-unknown', unknown));
    else denials.push(...tierDenials(exposure, orders));
  }
  if (denials.some(({ code }) => code === 'margin-unknown')) return denials;
  for (const funds of book.wallets) {
    if (!pays(funds, opened)) continue;
    if (funds.equity === null) {
      denials.push(denial('margin-unknown', `${nameOf(funds)}: ${funds.unknown}`));
      continue;
    }
    if (isClear(funds, funds.equity, { orders, book })) continue;
    const { needed, free } = demandOn(funds, funds.equity, { orders, book });
    if (needed <= 0 || needed <= free) continue;
    const message =
      `${nameOf(funds)}: ${show(needed)} ${funds.asset} of margin needed, ` +
      `free are ${show(free)}`;
    denials.push({ code: 'free-margin', message, value: needed, limit: free });
  }
  return denials;
}

/**
 * How much of the basket the wallets and tiers carry, 0 to 1, every order cut alike. What a share s
 * of it needs is at most s of what the whole needs: positions and working orders only bend it up.
 * 1 where a figure is missing: then it is denied for that.
 */
export function affordableShare(orders: readonly OrderDraft[], book: RiskBook): number {
  let share = 1;
  const opened = openedBy(orders, book);
  for (const exposure of opened) {
    if (unknownOf(exposure) !== null) return 1;
    share = Math.min(share, shareOfTiers(exposure, orders));
  }
  for (const funds of book.wallets) {
    if (!pays(funds, opened)) continue;
    if (funds.equity === null) return 1;
    if (isClear(funds, funds.equity, { orders, book })) continue;
    const { needed, free } = demandOn(funds, funds.equity, { orders, book });
    if (needed > 0 && needed > free) share = Math.min(share, Math.max(0, free) / needed);
  }
  return share;
}

/** Instruments that the basket adds to in the worst case. */
function openedBy(orders: readonly OrderDraft[], book: RiskBook): readonly InstrumentExposure[] {
  const opened: InstrumentExposure[] = [];
  for (const exposure of book.exposures) {
    if (!isAsked(exposure, orders)) continue;
    if (largestOf(rangeOf(exposure, orders)) > largestOf(rangeOf(exposure, noOrders))) {
      opened.push(exposure);
    }
  }
  return opened;
}

function isAsked({ instrument }: InstrumentExposure, orders: readonly OrderDraft[]): boolean {
  for (let i = 0; i < orders.length; i++) if (orders[i]?.instrument === instrument) return true;
  return false;
}

const noOrders: readonly OrderDraft[] = [];

function unknownOf({ instrument, isSpot, margin }: InstrumentExposure): string | null {
  if (isSpot) return null;
  if (margin.leverage === null) return `leverage and tiers of ${instrument} are not known`;
  return margin.feeRateTaker === null ? `the fees of ${instrument} are not known` : null;
}

function tierDenials(
  exposure: InstrumentExposure,
  orders: readonly OrderDraft[],
): readonly Denial[] {
  const { margin, instrument } = exposure;
  const { tiers, leverage } = margin;
  if (tiers === null || leverage === null || !isPriced(exposure)) return [];
  if (isFarBelow(exposure, orders, { tiers, leverage })) return [];
  const size = sizeOf(exposure, largestOf(rangeOf(exposure, orders)));
  if (fitsTiers(tiers, leverage, size)) return [];
  const value = toNumber(tiers.unit === 'notional' ? size.notional : size.qty);
  const limit = sizeMaxOf(tiers, leverage);
  const message =
    `${instrument}: at leverage ${leverage} the venue allows a ${tiers.unit} of ${show(limit)}, ` +
    `${show(value)} would pass it`;
  return [{ code: 'tier-limit', message, value, limit }];
}

function shareOfTiers(exposure: InstrumentExposure, orders: readonly OrderDraft[]): number {
  const { tiers, leverage } = exposure.margin;
  if (tiers === null || leverage === null || !isPriced(exposure)) return 1;
  if (isFarBelow(exposure, orders, { tiers, leverage })) return 1;
  const most = sizeMaxOf(tiers, leverage);
  const counted = (baseQty: number): number => {
    return toNumber(
      tiers.unit === 'notional' ? notionalOf(exposure, baseQty) : ownQtyOf(exposure, baseQty),
    );
  };
  const before = counted(largestOf(rangeOf(exposure, noOrders)));
  const after = counted(largestOf(rangeOf(exposure, orders)));
  if (after <= most) return 1;
  return Math.max(0, (most / marginSlack - before) / (after - before));
}

/** What has no price is denied as stale data, by the checks of data. */
function isPriced({ price }: InstrumentExposure): boolean {
  return price !== null && price > 0;
}

/** Of so many base units: our own quantity, and the notional in the settle asset. */
function sizeOf(
  exposure: InstrumentExposure,
  baseQty: number,
): { readonly qty: Decimal; readonly notional: Decimal } {
  return { qty: ownQtyOf(exposure, baseQty), notional: notionalOf(exposure, baseQty) };
}

function ownQtyOf({ baseUnit }: InstrumentExposure, baseQty: number): Decimal {
  return fromNumber(baseQty / baseUnit);
}

function notionalOf({ price, margin }: InstrumentExposure, baseQty: number): Decimal {
  return fromNumber(margin.isInverse ? baseQty : baseQty * (price ?? Number.NaN));
}

/** Whether the wallet pays for something that the basket adds. */
function pays(funds: WalletFunds, opened: readonly InstrumentExposure[]): boolean {
  for (const exposure of opened) if (isIn(exposure, funds)) return true;
  return false;
}

function isIn({ venue, margin }: InstrumentExposure, funds: WalletFunds): boolean {
  return venue === funds.venue && margin.wallet === funds.wallet && margin.asset === funds.asset;
}

function demandOn(
  funds: WalletFunds,
  equity: number,
  { orders, book }: { readonly orders: readonly OrderDraft[]; readonly book: RiskBook },
): Demand {
  let needed = 0;
  for (const exposure of book.exposures) {
    if (!isAsked(exposure, orders) || !isIn(exposure, funds)) continue;
    needed += boundBy(exposure, orders) - boundBy(exposure, noOrders);
    for (const order of orders) {
      if (order.instrument === exposure.instrument) needed += paidFor(exposure, order);
    }
  }
  return { needed: needed * marginSlack, free: equity - boundIn(funds, book.exposures) };
}

/** Without the basket: the same for every basket that is put to one book. */
function boundIn(funds: WalletFunds, exposures: readonly InstrumentExposure[]): number {
  let bound = 0;
  for (const exposure of exposures) {
    if (isIn(exposure, funds)) bound += boundBy(exposure, noOrders);
  }
  return bound;
}

/**
 * A share far above what doubles and exact amounts differ by. Where a rough figure in doubles is
 * clear of a limit by it nothing exact is asked for: nearly always.
 */
const roughShare = 1e-9;

/** The wallet clearly has what the basket needs of it. */
function isClear(
  funds: WalletFunds,
  equity: number,
  { orders, book }: { readonly orders: readonly OrderDraft[]; readonly book: RiskBook },
): boolean {
  let needed = 0;
  let bound = 0;
  let size = Math.abs(equity);
  for (const exposure of book.exposures) {
    if (!isIn(exposure, funds)) continue;
    const before = roughBound(exposure, noOrders);
    bound += before;
    size += before;
    if (!isAsked(exposure, orders)) continue;
    const after = roughBound(exposure, orders);
    needed += after - before;
    size += after;
    for (const order of orders) {
      if (order.instrument === exposure.instrument) needed += paidFor(exposure, order);
    }
  }
  return needed * marginSlack + size * roughShare <= equity - bound;
}

/** As `boundBy`, and no number = not clear. */
function roughBound(exposure: InstrumentExposure, orders: readonly OrderDraft[]): number {
  const { isSpot, buysLeft, price, margin } = exposure;
  if (isSpot) return buysLeft * (price ?? 0);
  if (!isPriced(exposure)) return 0;
  const baseQty = largestOf(rangeOf(exposure, orders));
  return (margin.isInverse ? baseQty : baseQty * (price ?? 0)) / (margin.leverage ?? 1);
}

/** The position of the worst case is clearly within the tiers. */
function isFarBelow(
  exposure: InstrumentExposure,
  orders: readonly OrderDraft[],
  { tiers, leverage }: { readonly tiers: MarginTiers; readonly leverage: number },
): boolean {
  const { baseUnit, price, margin } = exposure;
  const baseQty = largestOf(rangeOf(exposure, orders));
  const notional = margin.isInverse ? baseQty : baseQty * (price ?? Number.NaN);
  const counted = tiers.unit === 'notional' ? notional : baseQty / baseUnit;
  return counted * (1 + roughShare) < sizeMaxOf(tiers, leverage);
}

/** Tables are never changed in place. */
const sizesMax = new WeakMap<MarginTiers, Map<number, number>>();

function sizeMaxOf(tiers: MarginTiers, leverage: number): number {
  let known = sizesMax.get(tiers);
  if (known === undefined) {
    known = new Map();
    sizesMax.set(tiers, known);
  }
  let most = known.get(leverage);
  if (most === undefined) {
    most = toNumber(sizeMaxAt(tiers, leverage));
    known.set(leverage, most);
  }
  return most;
}

/** Initial margin of a position with its orders; of spot the cash that waiting purchases lock. */
function boundBy(exposure: InstrumentExposure, orders: readonly OrderDraft[]): number {
  const { isSpot, buysLeft, price, margin } = exposure;
  if (isSpot) return buysLeft * (price ?? 0);
  const baseQty = largestOf(rangeOf(exposure, orders));
  if (baseQty === 0 || !isPriced(exposure)) return 0;
  return toNumber(initialMarginOf(notionalOf(exposure, baseQty), margin.leverage ?? 1));
}

/** Fee and loss at the mark of an order that fills at its limit; of spot the purchase itself. */
function paidFor(exposure: InstrumentExposure, order: OrderDraft): number {
  const { isSpot, baseUnit, price, margin } = exposure;
  if (price === null) return 0;
  const limit = order.limit === null ? price : toNumber(order.limit);
  const baseQty = qtyOf(order) * baseUnit;
  if (isSpot) return order.side === 'buy' ? baseQty * limit : 0;
  const worse = (order.side === 'buy' ? 1 : -1) * (limit - price);
  const notional = margin.isInverse ? baseQty : baseQty * price;
  const lost = notional * Math.max(0, worse / price);
  return lost + notional * Math.max(0, margin.feeRateTaker ?? 0);
}

function nameOf({ venue, wallet }: WalletFunds): string {
  return `wallet ${wallet} of ${venue}`;
}

/** Six significant digits: dollars and coins alike. */
function show(value: number): string {
  return String(Number(value.toPrecision(6)));
}
