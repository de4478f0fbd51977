// Every REST path of the testnet's Binance: who may call it, what it weighs, who answers.
import { borrowRatePerHour } from '../../sim/borrow-rates.ts';
import type { RawHttpRequest, TestnetContext } from '../protocol.ts';
import type { AccountRest } from './account.ts';
import { type Answer, answer, refused } from './answer.ts';
import { klines } from './bars-rest.ts';
import type { CoinAccountRest } from './coin-account.ts';
import { coinmInfo, linearInfo, spotInfo } from './exchange-info.ts';
import type { BinanceMarket, Listings } from './listed.ts';
import type { ListenKeys } from './listen-keys.ts';
import { type MarketRest, symbolsIn } from './market-rest.ts';
import type { Params } from './order-request.ts';
import type { Trading } from './trading.ts';

export interface RouteParts {
  readonly context: TestnetContext;
  readonly listings: Listings;
  readonly trading: Trading;
  readonly account: AccountRest;
  readonly market: MarketRest;
  readonly listenKeys: ListenKeys;
  readonly coinAccount: CoinAccountRest;
  readonly coinListenKeys: ListenKeys;
}

export interface Route {
  readonly market: BinanceMarket;
  readonly auth: 'none' | 'key' | 'signed';
  readonly weight: number;
  readonly orders: number;
  readonly funding: boolean;
  readonly answer: (params: Params, request: RawHttpRequest) => Answer;
}

type Answerer = Route['answer'];

export function routesOf(parts: RouteParts): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  const add = (line: string, given: Answerer, extra: Partial<Route> = {}): void => {
    const [name, auth = 'none', weight = '1'] = line.split(' | ');
    const path = name as string; // split gives at least one part
    const isSpot = !/ \/[fd]api\//.test(path);
    routes.set(path, {
      market: isSpot ? 'spot' : path.includes(' /dapi/') ? 'inverse' : 'linear',
      auth: auth === 'signed' || auth === 'key' ? auth : 'none',
      weight: Number(weight),
      orders: 0,
      funding: false,
      answer: given,
      ...extra,
    });
  };
  addPublic(add, parts);
  addBars(add, parts);
  addTrading(add, parts);
  addAccount(add, parts);
  addCoinm(add, parts);
  addStubs(add);
  return routes;
}

type Add = (line: string, given: Answerer, extra?: Partial<Route>) => void;

/** Of spot, USD-M and COIN-M; a spot market has no mark. */
function addBars(add: Add, parts: RouteParts): void {
  const markets = { api: 'spot', fapi: 'linear', dapi: 'inverse' } as const;
  for (const [root, market] of Object.entries(markets)) {
    const version = market === 'spot' ? 'v3' : 'v1';
    const path = `GET /${root}/${version}`;
    const weight = market === 'spot' ? 2 : 5;
    const of = (price: 'traded' | 'mark' | 'index'): Answerer => {
      return (params) => klines(parts, params, { market, price });
    };
    add(`${path}/klines | none | ${weight}`, of('traded'));
    if (market === 'spot') continue;
    add(`${path}/markPriceKlines | none | ${weight}`, of('mark'));
    add(`${path}/indexPriceKlines | none | ${weight}`, of('index'));
  }
}

function addPublic(add: Add, { context, listings, market }: RouteParts): void {
  const wallMs = (): number => context.now().wallMs;
  const serverTime: Answerer = () => answer({ serverTime: wallMs() + skewMs(context) });
  const empty: Answerer = () => answer({});
  add('GET /api/v3/ping', empty);
  add('GET /fapi/v1/ping', empty);
  add('GET /api/v3/time', serverTime);
  add('GET /fapi/v1/time', serverTime);
  add('GET /api/v3/exchangeInfo | none | 20', (params) => {
    const one = params.get('symbol');
    const many = params.get('symbols');
    const names = one !== undefined ? [one] : many === undefined ? null : symbolsIn(many);
    if (names?.some((name) => listings.find('spot', name) === null)) {
      return refused(-1121, 'Invalid symbol.');
    }
    return answer(spotInfo(listings, wallMs(), names === null ? null : new Set(names)));
  });
  add('GET /fapi/v1/exchangeInfo', () => answer(linearInfo(listings, wallMs())));
  add('GET /api/v3/depth | none | 5', (params) => market.depth(params, 'spot'));
  add('GET /fapi/v1/depth | none | 5', (params) => market.depth(params, 'linear'));
  add('GET /api/v3/ticker/bookTicker | none | 4', (params) => market.bookTicker(params, 'spot'));
  add('GET /fapi/v1/ticker/bookTicker | none | 5', (params) => market.bookTicker(params, 'linear'));
  add('GET /api/v3/ticker/price | none | 4', (params) => market.price(params, 'spot'));
  add('GET /fapi/v1/ticker/price | none | 2', (params) => market.price(params, 'linear'));
  add('GET /fapi/v2/ticker/price | none | 2', (params) => market.price(params, 'linear'));
  add('GET /api/v3/ticker/24hr | none | 40', (params) => market.ticker24h(params, 'spot'));
  add('GET /fapi/v1/ticker/24hr | none | 40', (params) => market.ticker24h(params, 'linear'));
  add('GET /fapi/v1/premiumIndex | none | 10', (params) => market.premiumIndex(params, 'linear'));
  add('GET /fapi/v1/fundingInfo', () => market.fundingInfo('linear'), { funding: true });
  add('GET /fapi/v1/fundingRate', (params) => market.fundingRate(params, 'linear'), {
    funding: true,
  });
}

function addTrading(add: Add, { trading, listenKeys }: RouteParts): void {
  const spot = { orders: 1, weight: 0 };
  add('POST /api/v3/order | signed', (params) => trading.place(params, 'spot'), spot);
  add('POST /api/v3/order/test | signed', (params) => trading.test(params, 'spot'));
  add('DELETE /api/v3/order | signed | 0', (params) => trading.cancel(params, 'spot'));
  add('GET /api/v3/order | signed | 4', (params) => trading.query(params, 'spot'));
  add('GET /api/v3/openOrders | signed | 80', (params) => trading.openOrders(params, 'spot'));
  add('DELETE /api/v3/openOrders | signed | 0', (params) => trading.cancelAll(params, 'spot'));
  add('GET /api/v3/allOrders | signed | 20', (params) => trading.allOrders(params, 'spot'));
  add('GET /api/v3/myTrades | signed | 20', (params) => trading.trades(params, 'spot'));
  const linear = { orders: 1, weight: 0 };
  add('POST /fapi/v1/order | signed', (params) => trading.place(params, 'linear'), linear);
  add('POST /fapi/v1/order/test | signed', (params) => trading.test(params, 'linear'));
  add('PUT /fapi/v1/order | signed', () => trading.modify());
  add('DELETE /fapi/v1/order | signed', (params) => trading.cancel(params, 'linear'));
  add('GET /fapi/v1/order | signed', (params) => trading.query(params, 'linear'));
  add('GET /fapi/v1/openOrder | signed', (params) => trading.query(params, 'linear'));
  add('POST /fapi/v1/batchOrders | signed | 5', (params) => trading.placeBatch(params, 'linear'), {
    orders: 5,
  });
  add('DELETE /fapi/v1/batchOrders | signed', (params) => trading.cancelBatch(params, 'linear'));
  add('GET /fapi/v1/openOrders | signed | 40', (params) => trading.openOrders(params, 'linear'));
  add('DELETE /fapi/v1/allOpenOrders | signed', (params) => trading.cancelAll(params, 'linear'));
  add('GET /fapi/v1/allOrders | signed | 5', (params) => trading.allOrders(params, 'linear'));
  add('GET /fapi/v1/userTrades | signed | 5', (params) => trading.trades(params, 'linear'));
  add('POST /fapi/v1/countdownCancelAll | signed | 10', (params) =>
    trading.countdown(params, 'linear'),
  );
  add('POST /fapi/v1/algoOrder | signed', () => trading.algoOrder());
  add('DELETE /fapi/v1/algoOrder | signed', () => refused(-2011, 'Unknown order sent.'));
  add('GET /fapi/v1/algoOrder | signed', () => refused(-2013, 'Order does not exist.'));
  add('GET /fapi/v1/openAlgoOrders | signed | 40', () => answer([]));
  add('DELETE /fapi/v1/algoOpenOrders | signed', () =>
    answer({ code: 200, msg: 'The operation of cancel all open order is done.' }),
  );
  add('POST /fapi/v1/listenKey | key', () => listenKeys.create());
  add('PUT /fapi/v1/listenKey | key', () => listenKeys.prolong());
  add('DELETE /fapi/v1/listenKey | key', () => listenKeys.close());
}

function addAccount(add: Add, { account }: RouteParts): void {
  add('GET /api/v3/account | signed | 20', (params) => account.spot(params));
  add('GET /api/v3/account/commission | signed | 20', (params) => account.spotCommission(params));
  add('GET /fapi/v2/account | signed | 5', () => account.futures(2));
  add('GET /fapi/v3/account | signed | 5', () => account.futures(3));
  add('GET /fapi/v2/balance | signed | 5', () => account.balance());
  add('GET /fapi/v3/balance | signed | 5', () => account.balance());
  add('GET /fapi/v2/positionRisk | signed | 5', (params) => account.positionRisk(params, 2));
  add('GET /fapi/v3/positionRisk | signed | 5', (params) => account.positionRisk(params, 3));
  add('GET /fapi/v1/leverageBracket | signed', (params) => account.leverageBracket(params));
  add('GET /fapi/v1/symbolConfig | signed | 5', (params) => account.symbolConfig(params));
  add('GET /fapi/v1/accountConfig | signed | 5', () => account.config());
  add('GET /fapi/v1/commissionRate | signed | 20', (params) =>
    account.commissionRate(params, 'linear'),
  );
  add('GET /fapi/v1/income | signed | 30', (params) => account.income(params, 'linear'));
  add('POST /fapi/v1/leverage | signed', (params) => account.leverage(params, 'linear'));
  add('POST /fapi/v1/marginType | signed', (params) => account.marginType(params, 'linear'));
  add('POST /fapi/v1/positionSide/dual | signed', (params) => account.positionMode(params));
  add('GET /fapi/v1/positionSide/dual | signed | 30', () => answer({ dualSidePosition: false }));
  add('POST /fapi/v1/multiAssetsMargin | signed', (params) => account.multiAssets(params));
  add('GET /fapi/v1/multiAssetsMargin | signed | 30', () => answer({ multiAssetsMargin: false }));
  add('GET /fapi/v1/adlQuantile | signed | 5', () => answer([]));
}

/** COIN-M: what USD-M answers, of its own contracts and wallet. */
function addCoinm(add: Add, parts: RouteParts): void {
  const { context, listings, market, trading, account, coinAccount, coinListenKeys } = parts;
  const of = 'inverse';
  const wallMs = (): number => context.now().wallMs;
  add('GET /dapi/v1/ping', () => answer({}));
  add('GET /dapi/v1/time', () => answer({ serverTime: wallMs() + skewMs(context) }));
  add('GET /dapi/v1/exchangeInfo', () => answer(coinmInfo(listings, wallMs())));
  add('GET /dapi/v1/depth | none | 5', (params) => market.depth(params, of));
  add('GET /dapi/v1/ticker/bookTicker | none | 5', (params) => market.bookTicker(params, of));
  add('GET /dapi/v1/ticker/price | none | 2', (params) => market.price(params, of));
  add('GET /dapi/v1/ticker/24hr | none | 40', (params) => market.ticker24h(params, of));
  add('GET /dapi/v1/premiumIndex | none | 10', (params) => market.premiumIndex(params, of));
  add('GET /dapi/v1/fundingInfo', () => market.fundingInfo(of));
  add('GET /dapi/v1/fundingRate', (params) => market.fundingRate(params, of));
  const order = { orders: 1, weight: 0 };
  add('POST /dapi/v1/order | signed', (params) => trading.place(params, of), order);
  add('PUT /dapi/v1/order | signed', () => trading.modify());
  add('DELETE /dapi/v1/order | signed', (params) => trading.cancel(params, of));
  add('GET /dapi/v1/order | signed', (params) => trading.query(params, of));
  add('GET /dapi/v1/openOrder | signed', (params) => trading.query(params, of));
  add('POST /dapi/v1/batchOrders | signed | 5', (params) => trading.placeBatch(params, of), {
    orders: 5,
  });
  add('DELETE /dapi/v1/batchOrders | signed', (params) => trading.cancelBatch(params, of));
  add('GET /dapi/v1/openOrders | signed | 40', (params) => trading.openOrders(params, of));
  add('DELETE /dapi/v1/allOpenOrders | signed', (params) => trading.cancelAll(params, of));
  add('GET /dapi/v1/allOrders | signed | 20', (params) => trading.allOrders(params, of));
  add('GET /dapi/v1/userTrades | signed | 20', (params) => trading.trades(params, of));
  add('POST /dapi/v1/countdownCancelAll | signed | 10', (params) => trading.countdown(params, of));
  add('POST /dapi/v1/listenKey | key', () => coinListenKeys.create());
  add('PUT /dapi/v1/listenKey | key', () => coinListenKeys.prolong());
  add('DELETE /dapi/v1/listenKey | key', () => coinListenKeys.close());
  add('GET /dapi/v1/account | signed | 5', () => coinAccount.account());
  add('GET /dapi/v1/balance | signed', () => coinAccount.balance());
  add('GET /dapi/v1/positionRisk | signed', (params) => coinAccount.positionRisk(params));
  add('GET /dapi/v1/leverageBracket | signed', (params) => coinAccount.leverageBracket(params));
  add('GET /dapi/v2/leverageBracket | signed', (params) => coinAccount.leverageBracket(params));
  add('GET /dapi/v1/commissionRate | signed | 20', (params) => account.commissionRate(params, of));
  add('GET /dapi/v1/income | signed | 20', (params) => account.income(params, of));
  add('POST /dapi/v1/leverage | signed', (params) => account.leverage(params, of));
  add('POST /dapi/v1/marginType | signed', (params) => account.marginType(params, of));
  add('POST /dapi/v1/positionSide/dual | signed', (params) => account.positionMode(params));
  add('GET /dapi/v1/positionSide/dual | signed | 30', () => answer({ dualSidePosition: false }));
  add('GET /dapi/v1/adlQuantile | signed | 5', () => answer([]));
}

/** Paths that SDKs call on the way to others, and what doctor asks about the key. */
function addStubs(add: Add): void {
  const none: Answerer = () => answer([]);
  add('GET /sapi/v1/capital/config/getall | signed', none);
  add('GET /sapi/v1/margin/allPairs | key', none);
  add('GET /sapi/v1/margin/isolated/allPairs | key', none);
  add('GET /sapi/v1/margin/allAssets | key', none);
  add('GET /sapi/v1/margin/next-hourly-interest-rate | signed | 100', (params) =>
    answer(
      (params.get('assets') ?? '').split(',').map((asset) => ({
        asset,
        nextHourlyInterestRate: borrowRatePerHour('binance', asset).toFixed(10),
      })),
    ),
  );
  add('GET /sapi/v1/account/apiRestrictions | signed', () =>
    answer({
      ipRestrict: false,
      createTime: 0,
      enableReading: true,
      enableWithdrawals: false,
      enableInternalTransfer: false,
      permitsUniversalTransfer: false,
      enableMargin: false,
      enableFutures: true,
      enableSpotAndMarginTrading: true,
    }),
  );
}

const skewFaultMs = 7_000;

/** The fault `clock-skew`: the venue's clock is ahead of the client's. */
export function skewMs(context: TestnetContext): number {
  return context.fault('clock-skew') ? skewFaultMs : 0;
}
