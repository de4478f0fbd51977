// What authors of plugins import as `funding-rate-arb/plugin`: the contract, the types of what a
// venue or a strategy gets and gives, and the helpers that ours are written with. An entry point of
// the package, which is why it only passes on.
export {
  abs,
  type Decimal,
  decimal,
  formatDecimal,
  fromNumber,
  maxOf,
  minOf,
  minus,
  negate,
  one,
  over,
  plus,
  roundToStep,
  times,
  toNumber,
  tryDecimal,
  zero,
} from '../base/decimal.ts';
export { parseExactJson } from '../base/exact-json.ts';
export type { FrameBuffer } from '../base/frame.ts';
export { hmacSha256Base64, hmacSha256Hex, sha256Hex } from '../base/hmac.ts';
export { dayMs, hourMs, minuteMs, secondMs } from '../base/time.ts';
export { isQuoted, limitBeyond } from '../domain/executable.ts';
export {
  Catalog,
  type Instrument,
  type InstrumentId,
  type InstrumentKind,
  type InstrumentStatus,
  instrumentIdOf,
  isPerp,
  type Market,
  marketOf,
  priceFromVenue,
  priceToVenue,
  qtyToVenue,
  splitMultiplier,
  type VenueId,
} from '../domain/instrument.ts';
export type {
  ApprovedOrder,
  ClientOrderId,
  Liquidity,
  OrderDraft,
  OrderStatus,
  Side,
  TimeInForce,
} from '../domain/order.ts';
export {
  type BalanceEvent,
  type ControlEvent,
  type DepthEvent,
  type ErrorCode,
  type ErrorEvent,
  errorCodes,
  type FeeRateEvent,
  type FillEvent,
  type FundingPaymentEvent,
  type FundingRateEvent,
  type InstrumentEvent,
  type Level,
  type MarkPriceEvent,
  type OrderEvent,
  type PositionEvent,
  type QuoteEvent,
  type Reaction,
  reactions,
  stampOf,
  type TradeEvent,
  type UnrecognizedEvent,
  type VenueEvent,
} from '../domain/venue-event.ts';
export {
  type BookVerdict,
  type Credentials,
  type Endpoints,
  type FrameSource,
  type HttpRequest,
  type QuoteScanner,
  quoteSlots,
  type RateLimits,
  type RequestPurpose,
  type SnapshotScope,
  type StreamSpec,
  type VenueSpec,
} from '../domain/venue-spec.ts';
export type {
  EdgeBreakdown,
  EntryDecision,
  ExitDecision,
  FundingView,
  HeldPair,
  LegView,
  OpenIntent,
  PairKey,
  PairView,
} from '../domain/view.ts';
export { capacityUsd, edgeOf, pairPrices } from '../strategy/costs.ts';
export { carryEntry } from '../strategy/entry.ts';
export { carryExit } from '../strategy/exit.ts';
export {
  cashCarryDefaults,
  type ParamsResult,
  parseParams,
  perpPerpDefaults,
  type StrategyParams,
} from '../strategy/params.ts';
export type { Strategy, StrategyContext } from '../strategy/registry.ts';
export {
  type Plugin,
  pluginContractVersion,
  type StrategyPlugin,
  type VenuePlugin,
} from './contract.ts';
