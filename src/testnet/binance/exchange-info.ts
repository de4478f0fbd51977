// exchangeInfo of spot, USD-M and COIN-M: the simulated listings with the venue's own filters.
import { formatDecimal, over, times, toNumber } from '../../base/decimal.ts';
import type { SimInstrument } from '../../sim/api.ts';
import { type Listed, type Listings, pairOf } from './listed.ts';

const never = 4_133_404_800_000;
const onboardMs = 1_569_398_400_000;
const ordersOpenMax = 200;

export function linearInfo(listings: Listings, wallMs: number): unknown {
  return {
    timezone: 'UTC',
    serverTime: wallMs,
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: listings.all('linear').map((listed) => linearSymbol(listed, listings.sim(listed))),
  };
}

function linearSymbol(listed: Listed, sim: SimInstrument): unknown {
  const { instrument } = sim;
  const filters = filterValues(listed, sim);
  return {
    symbol: listed.symbol,
    pair: listed.symbol,
    contractType: 'PERPETUAL',
    deliveryDate: never,
    onboardDate: onboardMs,
    status: instrument.status === 'trading' ? 'TRADING' : 'SETTLING',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: listed.base,
    quoteAsset: listed.quote,
    marginAsset: instrument.settle,
    pricePrecision: listed.tickDecimals,
    quantityPrecision: listed.stepDecimals,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: '0.005000',
    marketTakeBound: String(sim.priceBand),
    maxMoveOrderLimit: 10000,
    filters: [
      { filterType: 'PRICE_FILTER', ...filters.price },
      { filterType: 'LOT_SIZE', ...filters.lot },
      { filterType: 'MARKET_LOT_SIZE', ...filters.lot },
      { filterType: 'MAX_NUM_ORDERS', limit: ordersOpenMax },
      { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 10 },
      { filterType: 'MIN_NOTIONAL', notional: filters.notionalMin },
      { filterType: 'PERCENT_PRICE', ...filters.band, multiplierDecimal: '4' },
    ],
    orderTypes: [
      'LIMIT',
      'MARKET',
      'STOP',
      'STOP_MARKET',
      'TAKE_PROFIT',
      'TAKE_PROFIT_MARKET',
      'TRAILING_STOP_MARKET',
    ],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
    permissionSets: ['GRID', 'COPY'],
  };
}

export function coinmInfo(listings: Listings, wallMs: number): unknown {
  return {
    timezone: 'UTC',
    serverTime: wallMs,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
    ],
    exchangeFilters: [],
    symbols: listings.all('inverse').map((listed) => coinmSymbol(listed, listings.sim(listed))),
  };
}

function coinmSymbol(listed: Listed, sim: SimInstrument): unknown {
  const { instrument } = sim;
  const filters = filterValues(listed, sim);
  return {
    symbol: listed.symbol,
    pair: pairOf(listed),
    contractType: 'PERPETUAL',
    deliveryDate: never,
    onboardDate: onboardMs,
    contractStatus: instrument.status === 'trading' ? 'TRADING' : 'PRE_SETTLE',
    contractSize: toNumber(instrument.contractSize),
    marginAsset: instrument.settle,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: listed.base,
    quoteAsset: listed.quote,
    pricePrecision: listed.tickDecimals,
    quantityPrecision: listed.stepDecimals,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    equalQtyPrecision: 4,
    triggerProtect: '0.0500',
    underlyingType: 'COIN',
    underlyingSubType: [],
    filters: [
      { filterType: 'PRICE_FILTER', ...filters.price },
      { filterType: 'LOT_SIZE', ...filters.lot },
      { filterType: 'MARKET_LOT_SIZE', ...filters.lot },
      { filterType: 'MAX_NUM_ORDERS', limit: ordersOpenMax },
      { filterType: 'PERCENT_PRICE', ...filters.band, multiplierDecimal: '4' },
    ],
    orderTypes: ['LIMIT', 'MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
    liquidationFee: '0.015000',
    marketTakeBound: String(sim.priceBand),
  };
}

export function spotInfo(
  listings: Listings,
  wallMs: number,
  symbols: ReadonlySet<string> | null,
): unknown {
  return {
    timezone: 'UTC',
    serverTime: wallMs,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200000 },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61000 },
    ],
    exchangeFilters: [],
    symbols: listings
      .all('spot')
      .filter((listed) => symbols === null || symbols.has(listed.symbol))
      .map((listed) => spotSymbol(listed, listings.sim(listed))),
  };
}

function spotSymbol(listed: Listed, sim: SimInstrument): unknown {
  const filters = filterValues(listed, sim);
  return {
    symbol: listed.symbol,
    status: sim.instrument.status === 'trading' ? 'TRADING' : 'BREAK',
    baseAsset: listed.base,
    baseAssetPrecision: 8,
    quoteAsset: listed.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', ...filters.price },
      { filterType: 'LOT_SIZE', ...filters.lot },
      {
        filterType: 'MARKET_LOT_SIZE',
        minQty: '0.00000000',
        maxQty: filters.lot.maxQty,
        stepSize: '0.00000000',
      },
      {
        filterType: 'PERCENT_PRICE_BY_SIDE',
        bidMultiplierUp: filters.band.multiplierUp,
        bidMultiplierDown: '0.2',
        askMultiplierUp: '5',
        askMultiplierDown: filters.band.multiplierDown,
        avgPriceMins: 5,
      },
      {
        filterType: 'NOTIONAL',
        minNotional: filters.notionalMin,
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: ordersOpenMax },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
}

function filterValues(listed: Listed, { instrument, priceBand }: SimInstrument) {
  const qty = (value: typeof instrument.qtyMin): string =>
    value === null ? '0' : formatDecimal(over(value, listed.qtyUnit));
  const tick =
    instrument.tickSize === null
      ? '0'
      : formatDecimal(times(instrument.tickSize, listed.priceUnit));
  return {
    price: { minPrice: tick, maxPrice: '10000000', tickSize: tick },
    lot: {
      minQty: qty(instrument.qtyMin),
      maxQty: qty(instrument.qtyMax),
      stepSize: qty(instrument.lotSize),
    },
    notionalMin: instrument.notionalMin === null ? '0' : formatDecimal(instrument.notionalMin),
    band: {
      multiplierUp: (1 + priceBand).toFixed(4),
      multiplierDown: (1 - priceBand).toFixed(4),
    },
  };
}
