// What the three venues answer over REST about the made-up perpetuals of the scale benchmark.
import { binanceBookIds, type MadeUp, nextSettlementMs, sideOf } from './scale-feeds.ts';

const hourMs = 3_600_000;

/** Null = no such path. */
export function answerOf(
  url: string,
  instruments: readonly MadeUp[],
  nowMs: number,
): string | null {
  const { pathname, searchParams } = new URL(url, 'http://scale');
  const answer = answers[pathname];
  return answer === undefined ? null : JSON.stringify(answer(instruments, nowMs, searchParams));
}

type Answer = (of: readonly MadeUp[], nowMs: number, query: URLSearchParams) => unknown;

const okx = (data: readonly unknown[]): unknown => ({ code: '0', msg: '', data });
const bybit = (nowMs: number, result: unknown): unknown => {
  return { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: nowMs };
};
const text = (price: number): string => price.toFixed(2);

const answers: Readonly<Record<string, Answer>> = {
  '/fapi/v1/time': (_of, serverTime) => ({ serverTime }),
  '/api/v3/exchangeInfo': () => ({ symbols: [] }),
  '/fapi/v1/exchangeInfo': (of) => ({
    symbols: of.map(({ base }) => ({
      symbol: `${base}USDT`,
      ...{ contractType: 'PERPETUAL', status: 'TRADING', baseAsset: base },
      ...{ quoteAsset: 'USDT', marginAsset: 'USDT' },
      filters: [
        { filterType: 'PRICE_FILTER', tickSize: '0.01' },
        { filterType: 'LOT_SIZE', stepSize: '1', minQty: '1', maxQty: '100000' },
        { filterType: 'MIN_NOTIONAL', notional: '5' },
      ],
    })),
  }),
  '/fapi/v1/premiumIndex': (of, time) =>
    of.map(({ base, price }) => ({
      symbol: `${base}USDT`,
      ...{ markPrice: text(price), indexPrice: text(price), lastFundingRate: '0.0001' },
      ...{ nextFundingTime: nextSettlementMs(time), time },
    })),
  '/fapi/v1/fundingInfo': (of) =>
    of.map(({ base }) => ({ symbol: `${base}USDT`, fundingIntervalHours: 1 })),
  '/fapi/v1/ticker/bookTicker': () => [],
  '/fapi/v1/depth': (of, E, query) => {
    const symbol = query.get('symbol') ?? '';
    const { price } = of.find(({ base }) => `${base}USDT` === symbol) ?? { price: 10 };
    const lastUpdateId = binanceBookIds.get(symbol) ?? 0;
    const [bids, asks] = [sideOf(price, 'bids', 1), sideOf(price, 'asks', 1)];
    return { lastUpdateId, E, T: E, bids, asks };
  },
  '/api/v5/public/time': (_of, nowMs) => okx([{ ts: String(nowMs) }]),
  '/api/v5/public/instruments': (of, _nowMs, query) =>
    okx(
      query.get('instType') !== 'SWAP'
        ? []
        : of.map(({ base }) => ({
            ...{ instId: `${base}-USDT-SWAP`, instType: 'SWAP', ctType: 'linear', state: 'live' },
            ...{ ctVal: '1', ctMult: '1', settleCcy: 'USDT', tickSz: '0.01', lotSz: '1' },
            ...{ minSz: '1', maxLmtSz: '100000', lever: '20', ruleType: 'normal' },
          })),
    ),
  '/api/v5/public/funding-rate': (of, nowMs) => {
    const settles = nextSettlementMs(nowMs);
    return okx(
      of.map(({ base }) => ({
        ...{ instId: `${base}-USDT-SWAP`, instType: 'SWAP', fundingRate: '0.0001' },
        ...{ fundingTime: String(settles), nextFundingTime: String(settles + hourMs) },
        ...{ nextFundingRate: '', ts: String(nowMs) },
      })),
    );
  },
  '/api/v5/market/tickers': () => okx([]),
  '/v5/market/time': (_of, nowMs) =>
    bybit(nowMs, { timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${nowMs}000000` }),
  '/v5/market/instruments-info': (of, nowMs, query) =>
    bybit(nowMs, {
      category: query.get('category'),
      nextPageCursor: '',
      list:
        query.get('category') !== 'linear'
          ? []
          : of.map(({ base }) => ({
              ...{ symbol: `${base}USDT`, contractType: 'LinearPerpetual', status: 'Trading' },
              ...{ baseCoin: base, quoteCoin: 'USDT', settleCoin: 'USDT', fundingInterval: 60 },
              priceFilter: { tickSize: '0.01' },
              lotSizeFilter: { qtyStep: '1', minOrderQty: '1', maxOrderQty: '100000' },
              leverageFilter: { maxLeverage: '20' },
            })),
    }),
  '/v5/market/tickers': (of, nowMs, query) =>
    bybit(nowMs, {
      category: query.get('category'),
      list: of.map(({ base, price }) => ({
        symbol: `${base}USDT`,
        ...{ markPrice: text(price), indexPrice: text(price), fundingRate: '0.0001' },
        ...{ nextFundingTime: String(nextSettlementMs(nowMs)), fundingIntervalHour: '1' },
      })),
    }),
};
