// Guesses from its shape which REST path a payload answers, for `farb decode` without --request.
// Only shapes that one path has are told; anything else is null.
import type { Market } from '../../domain/instrument.ts';
import { isJson, type Json, listOf, textIn } from './read.ts';
import { isCoinMargined } from './symbols.ts';

/**
 * [keys that must be there, path of USD-M, path of spot]; the first that fits wins. COIN-M answers
 * what USD-M answers, under /dapi/v1.
 */
const shapes: readonly (readonly [
  keys: readonly string[],
  usdm: string | null,
  spot: string | null,
])[] = [
  [['lastFundingRate', 'nextFundingTime'], 'GET /fapi/v1/premiumIndex', null],
  [['fundingIntervalHours'], 'GET /fapi/v1/fundingInfo', null],
  [['fundingRate', 'fundingTime'], 'GET /fapi/v1/fundingRate', null],
  [['incomeType', 'income'], 'GET /fapi/v1/income', null],
  [['positionAmt', 'entryPrice'], 'GET /fapi/v3/positionRisk', null],
  [['makerCommissionRate', 'takerCommissionRate'], 'GET /fapi/v1/commissionRate', null],
  [['standardCommission'], null, 'GET /api/v3/account/commission'],
  [['bidPrice', 'askPrice'], 'GET /fapi/v1/ticker/bookTicker', 'GET /api/v3/ticker/bookTicker'],
  [['isBuyer', 'isMaker', 'qty'], null, 'GET /api/v3/myTrades'],
  [['isBuyerMaker', 'price', 'qty'], 'GET /fapi/v1/trades', 'GET /api/v3/trades'],
  [['a', 'p', 'q', 'f', 'l', 'T', 'm'], 'GET /fapi/v1/aggTrades', 'GET /api/v3/aggTrades'],
  [['symbol', 'brackets'], 'GET /fapi/v1/leverageBracket', null],
  [['asset', 'nextHourlyInterestRate'], null, 'GET /sapi/v1/margin/next-hourly-interest-rate'],
  [['symbol', 'marginType', 'leverage'], 'GET /fapi/v1/symbolConfig', null],
  [['realizedPnl', 'qty', 'orderId'], 'GET /fapi/v1/userTrades', null],
  [['balance', 'crossWalletBalance'], 'GET /fapi/v3/balance', null],
  [['assets', 'totalWalletBalance'], 'GET /fapi/v3/account', null],
  // USD-M's account has totals in dollars, COIN-M's has none.
  [['assets', 'positions', 'canTrade'], 'GET /dapi/v1/account', null],
  [['balances'], null, 'GET /api/v3/account'],
  [['orderId', 'cummulativeQuoteQty'], null, 'GET /api/v3/order'],
  [['orderId', 'executedQty'], 'GET /fapi/v1/order', 'GET /api/v3/order'],
  [['bids', 'asks', 'lastUpdateId'], 'GET /fapi/v1/depth', 'GET /api/v3/depth'],
  [['listenKey'], 'POST /fapi/v1/listenKey', null],
  [['code', 'msg'], 'GET /fapi/v1/order', 'GET /api/v3/order'],
];

export function pathOfPayload(json: unknown, market: Market | null): string | null {
  const sample = Array.isArray(json) ? json[0] : json;
  if (!isJson(sample)) return null;
  const symbol = textIn(sample['symbol']);
  const isInverse = market === 'inverse' || (symbol !== null && isCoinMargined(symbol));
  const futures = (path: string): string =>
    isInverse ? path.replace(/\/fapi\/v\d\//, inverseRoot(path)) : path;
  if (Array.isArray(sample['symbols'])) return listingPath(sample);
  const keys = Object.keys(sample);
  if (keys.length === 1 && keys[0] === 'serverTime') return 'GET /fapi/v1/time';
  for (const [needed, usdm, spot] of shapes) {
    if (!needed.every((key) => key in sample)) continue;
    if (usdm === null) return spot;
    if (spot === null || isInverse) return futures(usdm);
    return (market ?? marketOfShape(sample)) === 'spot' ? spot : usdm;
  }
  return null;
}

/** Version 1 of its tiers names pairs, not symbols. */
function inverseRoot(path: string): string {
  return path.endsWith('/leverageBracket') ? '/dapi/v2/' : '/dapi/v1/';
}

/** COIN-M's entries have a face value, USD-M's a contract type, spot's neither. */
function listingPath(json: Json): string {
  const first = listOf(json['symbols'])[0];
  if (!isJson(first) || !('contractType' in first)) return 'GET /api/v3/exchangeInfo';
  return 'contractSize' in first ? 'GET /dapi/v1/exchangeInfo' : 'GET /fapi/v1/exchangeInfo';
}

/** USD-M's tickers, depth and orders carry what spot's do not. */
function marketOfShape(sample: Json): Market {
  const usdmKeys = [
    'time',
    'lastUpdateId',
    'T',
    'positionSide',
    'reduceOnly',
    'cumQuote',
    'avgPrice',
  ];
  const found = usdmKeys.filter((key) => key in sample && !('bids' in sample && key !== 'T'));
  return found.length > 0 ? 'linear' : 'spot';
}
