// ccxt's orders, trades, positions and funding payments -> our events: base units, our signs. Pure;
// what cannot be read is null and is counted by the caller, never filled in.
import { abs, type Decimal, negate, plus, toNumber, zero } from '../../base/decimal.ts';
import { type Instrument, priceFromVenue, qtyFromVenue } from '../../domain/instrument.ts';
import type { OrderStatus, Side } from '../../domain/order.ts';
import type {
  FillEvent,
  FundingPaymentEvent,
  OrderEvent,
  PositionEvent,
} from '../../domain/venue-event.ts';
import { stampOf } from '../../domain/venue-event.ts';
import type { Row } from './api.ts';
import { decimalAt, flagAt, numberAt, rowOf, rowsOf, textAt } from './fields.ts';
import type { CcxtProfile } from './profiles.ts';

export interface RowSource {
  readonly profile: CcxtProfile;
  /** By ccxt's unified symbol. */
  instrumentOf(symbol: string): Instrument | undefined;
  /**
   * Our id of an order that the row names by the venue's id, or by ours anywhere in its raw form.
   */
  clientIdOf(row: Row, venueOrderId: string | null): string | null;
}

const statuses: Readonly<Record<string, OrderStatus>> = {
  open: 'open',
  canceling: 'open',
  canceled: 'canceled',
  cancelled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
  closed: 'filled',
};

/** Null when the row states no quantity or no status (an acknowledgement alone). */
export function orderEventOf(row: Row, source: RowSource): OrderEvent | null {
  const instrument = instrumentIn(row, source);
  const qty = decimalAt(row, 'amount');
  const side = sideAt(row);
  const said = statuses[textAt(row, 'status') ?? ''];
  if (instrument === null || qty === null || side === null || said === undefined) return null;
  const filled = decimalAt(row, 'filled');
  // Some venues close what was cut off by its time in force.
  const status = said === 'filled' && filled !== null && filled < qty ? 'canceled' : said;
  const venueOrderId = textAt(row, 'id');
  const price = decimalAt(row, 'price');
  const average = decimalAt(row, 'average');
  return {
    kind: 'order',
    ...stampOf(instrument, orderTimeOf(row)),
    clientOrderId: source.clientIdOf(row, venueOrderId),
    venueOrderId,
    status,
    side,
    qty: qtyFromVenue(instrument, qty),
    filledQty: qtyFromVenue(instrument, filled ?? (status === 'filled' ? qty : zero)),
    limit: price === null || price === zero ? null : priceFromVenue(instrument, price),
    averagePrice: average === null || average === zero ? null : priceFromVenue(instrument, average),
    reduceOnly: flagAt(row, 'reduceOnly'),
    reason: null,
  };
}

function orderTimeOf(row: Row): number | null {
  return (
    numberAt(row, 'lastUpdateTimestamp') ??
    numberAt(row, 'lastTradeTimestamp') ??
    numberAt(row, 'timestamp')
  );
}

/**
 * Null when id, price, quantity or side is missing; `feeKnown` false: the fee is not said.
 * `feeSign` makes the row's fee ccxt's own: + = paid.
 */
export function fillEventOf(
  row: Row,
  source: RowSource,
  feeSign: 1 | -1 = 1,
): { readonly fill: FillEvent; readonly feeKnown: boolean } | null {
  const instrument = instrumentIn(row, source);
  const fillId = textAt(row, 'id');
  const price = decimalAt(row, 'price');
  const qty = decimalAt(row, 'amount');
  const side = sideAt(row);
  if (instrument === null || fillId === null || price === null || qty === null || side === null) {
    return null;
  }
  const venueOrderId = textAt(row, 'order');
  const fee = feeOf(row);
  const liquidity = textAt(row, 'takerOrMaker');
  const fill: FillEvent = {
    kind: 'fill',
    ...stampOf(instrument, numberAt(row, 'timestamp')),
    fillId,
    clientOrderId: source.clientIdOf(row, venueOrderId),
    venueOrderId,
    side,
    price: priceFromVenue(instrument, price),
    qty: qtyFromVenue(instrument, qty),
    fee: fee === null ? zero : feeSign === 1 ? fee.cash : negate(fee.cash),
    feeAsset: fee?.asset ?? null,
    liquidity: liquidity === 'maker' || liquidity === 'taker' ? liquidity : null,
    realizedPnl: instrument.kind === 'spot' ? null : realizedIn(row, source.profile),
    forced: false,
  };
  return { fill, feeKnown: fee !== null };
}

function realizedIn(row: Row, { realizedFields }: CcxtProfile): Decimal | null {
  const raw = rowOf(row['info']);
  for (const name of realizedFields) {
    const value = decimalAt(raw, name);
    if (value !== null) return value;
  }
  return null;
}

/** ccxt: a positive cost is paid. Ours: + = received. */
function feeOf(row: Row): { readonly cash: Decimal; readonly asset: string | null } | null {
  const several = rowsOf(row['fees']);
  const fees = several.length > 0 ? several : [rowOf(row['fee'])];
  let cost: Decimal | null = null;
  let asset: string | null = null;
  for (const fee of fees) {
    const part = decimalAt(fee, 'cost');
    const partAsset = textAt(fee, 'currency');
    if (part === null || (asset !== null && partAsset !== asset)) continue;
    cost = cost === null ? part : plus(cost, part);
    asset = partAsset;
  }
  return cost === null ? null : { cash: negate(cost), asset };
}

/** Signed base units; ccxt states contracts without a sign and a side. */
export function positionEventOf(row: Row, source: RowSource): PositionEvent | null {
  const instrument = instrumentIn(row, source);
  const contracts = decimalAt(row, 'contracts');
  if (instrument === null || contracts === null) return null;
  const side = textAt(row, 'side');
  const size = qtyFromVenue(instrument, abs(contracts));
  if (size !== zero && side !== 'long' && side !== 'short') return null;
  const entry = decimalAt(row, 'entryPrice');
  return {
    kind: 'position',
    ...stampOf(instrument, numberAt(row, 'timestamp')),
    qty: side === 'short' ? negate(size) : size,
    entryPrice: size === zero || entry === null ? null : priceFromVenue(instrument, entry),
    markPrice: ourPrice(instrument, numberAt(row, 'markPrice')),
    liquidationPrice: ourPrice(instrument, numberAt(row, 'liquidationPrice')),
    leverage: numberAt(row, 'leverage'),
  };
}

function ourPrice(instrument: Instrument, price: number | null): number | null {
  return price === null || price === 0 ? null : price / toNumber(instrument.priceUnit);
}

export function paymentEventOf(row: Row, source: RowSource): FundingPaymentEvent | null {
  const instrument = instrumentIn(row, source);
  const amount = decimalAt(row, 'amount');
  const tsMs = numberAt(row, 'timestamp');
  if (instrument === null || amount === null || tsMs === null) return null;
  const asset = textAt(row, 'code') ?? instrument.settle;
  return {
    kind: 'funding-payment',
    ...stampOf(instrument, tsMs),
    // Some venues number no payments: one a settlement and instrument.
    id: textAt(row, 'id') ?? `${instrument.symbol}-${tsMs}-${asset}`,
    amount: source.profile.fundingSign === 1 ? amount : negate(amount),
    asset,
    wallet: instrument.wallet,
  };
}

function instrumentIn(row: Row, source: RowSource): Instrument | null {
  const symbol = textAt(row, 'symbol');
  return symbol === null ? null : (source.instrumentOf(symbol) ?? null);
}

function sideAt(row: Row): Side | null {
  const side = textAt(row, 'side');
  return side === 'buy' || side === 'sell' ? side : null;
}
