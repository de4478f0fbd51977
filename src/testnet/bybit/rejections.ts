// Why the exchange refused, in Bybit's codes: derivatives and spot number the same reason
// differently.
import type { SimEndReason, SimRejection } from '../../sim/api.ts';
import { type Refused, refused } from './answer.ts';
import type { Category } from './listing.ts';

type Codes = Readonly<Record<SimRejection, readonly [code: number, message: string]>>;

const contracts: Codes = {
  'unknown-instrument': [10001, 'params error: symbol invalid'],
  'not-trading': [110074, 'This contract is not live'],
  'price-off-tick': [10001, 'params error: price invalid'],
  'qty-off-lot': [10001, 'Qty invalid'],
  'qty-below-min': [10001, 'The number of contracts exceeds minimum limit allowed'],
  'qty-above-max': [10001, 'The number of contracts exceeds maximum limit allowed'],
  'notional-below-min': [110094, 'Order does not meet minimum order value'],
  'price-outside-band': [110003, 'Order price exceeds the allowable range.'],
  'insufficient-funds': [110007, 'ab not enough for new order'],
  'reduce-only-rejected': [110017, 'current position is zero, cannot fix reduce-only order qty'],
  'duplicate-client-id': [110072, 'OrderLinkedID is duplicate'],
  'post-only-would-cross': [110003, 'The order would take liquidity.'],
  'leverage-too-high': [110013, 'cannot set leverage due to risk limit'],
  'too-many-orders': [110020, 'Cannot have more than 500 active orders.'],
  'settlement-in-progress': [110063, 'Settlement in progress! not available for trades.'],
  'order-not-found': [110001, 'order not exists or too late to cancel'],
  'order-terminal': [110001, 'order not exists or too late to cancel'],
  'invalid-value': [10001, 'params error'],
};

const spot: Codes = {
  'unknown-instrument': [170121, 'Invalid symbol.'],
  'not-trading': [170031, 'The feature has been suspended.'],
  'price-off-tick': [170134, 'Order price has too many decimals.'],
  'qty-off-lot': [170137, 'Order quantity has too many decimals.'],
  'qty-below-min': [170136, 'Order quantity exceeded lower limit.'],
  'qty-above-max': [170135, 'Order quantity exceeded upper limit.'],
  'notional-below-min': [170140, 'Order value exceeded lower limit.'],
  'price-outside-band': [170193, 'Buy order price cannot be higher than the limit.'],
  'insufficient-funds': [170131, 'Insufficient balance.'],
  'reduce-only-rejected': [170130, 'Data sent for parameter reduceOnly is not valid.'],
  'duplicate-client-id': [170141, 'Duplicate clientOrderId.'],
  'post-only-would-cross': [170218, 'The LIMIT-MAKER order is rejected due to invalid price.'],
  'leverage-too-high': [170130, 'Data sent for parameter leverage is not valid.'],
  'too-many-orders': [170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'],
  'settlement-in-progress': [170001, 'Internal error.'],
  'order-not-found': [170213, 'Order does not exist.'],
  'order-terminal': [170213, 'Order does not exist.'],
  'invalid-value': [170130, 'Data sent for a parameter is not valid.'],
};

/** `detail` is the exchange's own sentence: it tells which figure was wrong. */
export function refusalOf(
  category: Category,
  rejection: SimRejection,
  detail: string,
  side: 'buy' | 'sell' | null = null,
): Refused {
  if (category === 'spot' && rejection === 'price-outside-band' && side === 'sell') {
    return refused(170194, `Sell order price cannot be lower than the limit. (${detail})`);
  }
  const [code, message] = (category === 'spot' ? spot : contracts)[rejection];
  return refused(code, `${message} (${detail})`);
}

/** `rejectReason` and `cancelType` of an order that ended. */
export const endTexts: Readonly<
  Record<SimEndReason, { readonly rejectReason: string; readonly cancelType: string }>
> = {
  user: { rejectReason: 'EC_PerCancelRequest', cancelType: 'CancelByUser' },
  'ioc-remainder': { rejectReason: 'EC_NoImmediateQtyToFill', cancelType: 'UNKNOWN' },
  fok: { rejectReason: 'EC_NoEnoughQtyToFill', cancelType: 'UNKNOWN' },
  'post-only-would-cross': {
    rejectReason: 'EC_PostOnlyWillTakeLiquidity',
    cancelType: 'UNKNOWN',
  },
  'no-liquidity': { rejectReason: 'EC_NoImmediateQtyToFill', cancelType: 'UNKNOWN' },
  'dead-man': { rejectReason: 'EC_PerCancelRequest', cancelType: 'CancelByDCP' },
  liquidation: { rejectReason: 'EC_Others', cancelType: 'CancelAllBeforeLiq' },
  'reduce-only': { rejectReason: 'EC_Others', cancelType: 'CancelByReduceOnly' },
  margin: { rejectReason: 'EC_Others', cancelType: 'CancelByAdmin' },
  delisted: { rejectReason: 'EC_Others', cancelType: 'CancelByAdmin' },
};
