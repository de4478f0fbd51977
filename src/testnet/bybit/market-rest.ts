// Public market data over REST. `market/time` shows the wall clock, which clients sign with; all
// other times are venue time.

import { formatDecimal } from '../../base/decimal.ts';
import { dayMs, minuteMs } from '../../base/time.ts';
import { borrowRatePerHour } from '../../sim/borrow-rates.ts';
import { type Answer, badParams, done } from './answer.ts';
import { categories, type Listed, plainText } from './listing.ts';
import { pageOf } from './pages.ts';
import type { Params } from './params.ts';
import type { Row } from './rows.ts';
import type { BybitState } from './state.ts';
import { spotTicker, tickerOf } from './tickers.ts';

const historyMax = 200;
/** How far a range without a start looks back. */
const historyLookBackMs = 365 * dayMs;
const bookLevelsMax = 1_000;

export function marketTime(state: BybitState): Answer {
  const ms = Math.floor(state.clockMs());
  return done({ timeSecond: String(Math.floor(ms / 1_000)), timeNano: `${ms}000000` });
}

export function instrumentsInfo(state: BybitState, params: Params): Answer {
  const category = categories.find((name) => name === params.get('category'));
  if (category === undefined) return badParams('Illegal category');
  const symbol = params.get('symbol');
  const baseCoin = params.get('baseCoin');
  const status = params.get('status') ?? 'Trading';
  const listings = state.listings
    .in(category)
    .filter((listed) => symbol === undefined || listed.symbol === symbol)
    .filter((listed) => baseCoin === undefined || listed.baseCoin === baseCoin)
    .filter(() => status === 'Trading');
  if (category === 'spot') return done({ category, list: listings.map((it) => spotRow(it)) });
  const page = pageOf(listings, params, { byDefault: 500, max: 1_000 });
  return done({
    category,
    nextPageCursor: page.nextPageCursor,
    list: page.list.map((listed) => contractRow(state, listed)),
  });
}

function spotRow(listed: Listed): Row {
  const { qtyMin, qtyMax, notionalMin, status } = listed.instrument;
  return {
    symbol: listed.symbol,
    baseCoin: listed.baseCoin,
    quoteCoin: listed.quoteCoin,
    innovation: '0',
    status: status === 'trading' ? 'Trading' : 'Closed',
    marginTrading: 'none',
    stTag: '0',
    lotSizeFilter: {
      basePrecision: formatDecimal(listed.lotSize),
      quotePrecision: '0.0000001',
      minOrderQty: qtyMin === null ? '' : listed.exactQty(qtyMin),
      maxOrderQty: qtyMax === null ? '' : listed.exactQty(qtyMax),
      minOrderAmt: notionalMin === null ? '' : formatDecimal(notionalMin),
      maxOrderAmt: '4000000',
    },
    priceFilter: { tickSize: formatDecimal(listed.tickSize) },
    riskParameters: { priceLimitRatioX: '0.05', priceLimitRatioY: '0.05' },
  };
}

function contractRow(state: BybitState, listed: Listed): Row {
  const { instrument, fundingCap, fundingFloor } = state.listings.current(listed);
  const { qtyMin, qtyMax, notionalMin, fundingIntervalMs } = instrument;
  const qty = (value: typeof qtyMin): string => (value === null ? '' : listed.exactQty(value));
  return {
    symbol: listed.symbol,
    contractType: contractTypes[instrument.kind] ?? '',
    status: instrument.status === 'trading' ? 'Trading' : 'Closed',
    baseCoin: listed.baseCoin,
    quoteCoin: listed.quoteCoin,
    settleCoin: listed.settleCoin,
    launchTime: '1585526400000',
    deliveryTime: '0',
    deliveryFeeRate: '',
    priceScale: String(formatDecimal(listed.tickSize).split('.')[1]?.length ?? 0),
    leverageFilter: {
      minLeverage: '1',
      maxLeverage: String(instrument.leverageMax ?? 1),
      leverageStep: '0.01',
    },
    priceFilter: {
      minPrice: formatDecimal(listed.tickSize),
      maxPrice: '1999999.8',
      tickSize: formatDecimal(listed.tickSize),
    },
    lotSizeFilter: {
      maxOrderQty: qty(qtyMax),
      minOrderQty: qty(qtyMin),
      qtyStep: formatDecimal(listed.lotSize),
      postOnlyMaxOrderQty: qty(qtyMax),
      maxMktOrderQty: qty(qtyMax),
      minNotionalValue: notionalMin === null ? '' : formatDecimal(notionalMin),
    },
    unifiedMarginTrade: true,
    fundingInterval: fundingIntervalMs === null ? 0 : fundingIntervalMs / minuteMs,
    copyTrading: 'none',
    upperFundingRate: plainText(fundingCap),
    lowerFundingRate: plainText(fundingFloor),
    isPreListing: false,
    preListingInfo: null,
  };
}

const contractTypes: Readonly<Record<string, string>> = {
  'linear-perp': 'LinearPerpetual',
  'inverse-perp': 'InversePerpetual',
  'linear-dated': 'LinearFutures',
  'inverse-dated': 'InverseFutures',
};

export function tickers(state: BybitState, params: Params): Answer {
  const category = categories.find((name) => name === params.get('category'));
  if (category === undefined) return badParams('Illegal category');
  const symbol = params.get('symbol');
  const listings = state.listings
    .in(category)
    .filter((listed) => symbol === undefined || listed.symbol === symbol);
  if (symbol !== undefined && listings.length === 0) return badParams('symbol invalid');
  const list = listings.map((listed) =>
    category === 'spot' ? restSpotTicker(state, listed) : tickerOf(state, listed),
  );
  return done({ category, list });
}

/** The REST form has the best prices, which the stream's has not. */
function restSpotTicker(state: BybitState, listed: Listed): Row {
  const { bid, bidQty, ask, askQty } = state.exchange.quote(listed.id);
  return {
    ...spotTicker(state, listed),
    bid1Price: listed.priceText(bid),
    bid1Size: listed.qtyText(bidQty),
    ask1Price: listed.priceText(ask),
    ask1Size: listed.qtyText(askQty),
  };
}

export function fundingHistory(state: BybitState, params: Params): Answer {
  const listed = state.listings.find(params.get('category') ?? '', params.get('symbol') ?? '');
  if (listed === null || listed.category === 'spot') return badParams('symbol invalid');
  const start = params.integer('startTime');
  const end = params.integer('endTime');
  if (start !== undefined && end === undefined) return badParams('endTime is required');
  const toMs = end ?? state.now().tsMs;
  const limit = Math.max(1, Math.min(params.integer('limit') ?? historyMax, historyMax));
  const range = { fromMs: start ?? toMs - historyLookBackMs, toMs };
  const list = state.exchange
    .fundingHistory(listed.id, range)
    .slice(-limit)
    .reverse()
    .map(({ rate, settledAtMs }) => ({
      symbol: listed.symbol,
      fundingRate: plainText(rate),
      fundingRateTimestamp: String(settledAtMs),
    }));
  return done({ category: listed.category, list });
}

export function orderBook(state: BybitState, params: Params): Answer {
  const listed = state.listings.find(params.get('category') ?? '', params.get('symbol') ?? '');
  if (listed === null) return badParams('symbol invalid');
  const byDefault = listed.category === 'spot' ? 1 : 25;
  const limit = Math.max(1, Math.min(params.integer('limit') ?? byDefault, bookLevelsMax));
  const { bids, asks, tsMs, updateId } = state.exchange.book(listed.id, limit);
  const side = (levels: typeof bids): readonly (readonly string[])[] =>
    levels.map(([price, qty]) => [listed.priceText(price), listed.qtyText(qty)]);
  return done({
    s: listed.symbol,
    b: side(bids),
    a: side(asks),
    ts: tsMs,
    u: updateId,
    seq: updateId,
    cts: tsMs,
  });
}

/** The margin tiers; Bybit calls them risk limits. */
export function riskLimits(state: BybitState, params: Params): Answer {
  const symbol = params.get('symbol');
  const list = state.listings
    .in(params.get('category') ?? 'linear')
    .filter((listed) => symbol === undefined || listed.symbol === symbol)
    .flatMap((listed) =>
      state.listings.current(listed).marginTiers.tiers.map((tier, i) => ({
        id: i + 1,
        symbol: listed.symbol,
        riskLimitValue: formatDecimal(tier.sizeMax),
        maintenanceMargin: formatDecimal(tier.maintenanceRate),
        initialMargin: plainText(1 / tier.leverageMax),
        isLowestRisk: i === 0 ? 1 : 0,
        maxLeverage: plainText(tier.leverageMax),
        mmDeduction: formatDecimal(tier.maintenanceAmount),
      })),
    );
  return done({ category: params.get('category') ?? 'linear', list, nextPageCursor: '' });
}

/** Of accounts without a level, which is the only one here. */
export function marginData(state: BybitState, params: Params): Answer {
  const wanted = params.get('currency');
  const assets = [...new Set(state.listings.in('spot').map(({ instrument }) => instrument.base))];
  const list = assets
    .filter((currency) => wanted === undefined || currency === wanted)
    .map((currency) => ({
      currency,
      borrowable: true,
      hourlyBorrowRate: borrowRatePerHour('bybit', currency).toFixed(10),
      maxBorrowingAmount: '1000000',
      marginCollateral: true,
      collateralRatio: '0.9',
      liquidationOrder: '1',
    }));
  return done({ vipCoinList: [{ vipLevel: 'No VIP', list }] });
}
