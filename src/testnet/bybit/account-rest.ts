// The account: what the key may do, the wallet, fee rates, positions and the settings of positions.
import { formatDecimal, zero } from '../../base/decimal.ts';
import { type Answer, badParams, done, refused } from './answer.ts';
import { listedIn } from './order-request.ts';
import { isRefused, pageOf } from './pages.ts';
import type { Params } from './params.ts';
import { refusalOf } from './rejections.ts';
import { positionRow, walletRow } from './rows.ts';
import type { BybitState } from './state.ts';

export function apiKeyInfo(state: BybitState): Answer {
  return done({
    id: '1',
    note: 'testnet',
    apiKey: state.context.credentials.key,
    readOnly: 0,
    secret: '',
    permissions: {
      ContractTrade: ['Order', 'Position'],
      Spot: ['SpotTrade'],
      Wallet: [],
      Options: [],
      Derivatives: ['DerivativesTrade'],
      Exchange: [],
    },
    ips: ['*'],
    type: 1,
    deadlineDay: 90,
    unified: 0,
    uta: 1,
    userID: 1,
    inviterID: 0,
    vipLevel: 'No VIP',
    isMaster: true,
  });
}

export function accountInfo(): Answer {
  return done({
    marginMode: 'REGULAR_MARGIN',
    updatedTime: '0',
    // Unified account 2.0: inverse contracts are in it too.
    unifiedMarginStatus: 6,
    dcpStatus: 'OFF',
    timeWindow: 0,
    smpGroup: 0,
    isMasterTrader: false,
    spotHedgingStatus: 'OFF',
  });
}

export function walletBalance(state: BybitState, params: Params): Answer {
  if (params.get('accountType') !== 'UNIFIED')
    return badParams('accountType only support UNIFIED.');
  const coins = params.get('coin');
  const only = coins === undefined ? null : new Set(coins.split(','));
  return done({ list: [walletRow(state.exchange, only)] });
}

export function feeRates(state: BybitState, params: Params): Answer {
  const symbol = params.get('symbol');
  const list = state.listings
    .in(params.get('category') ?? '')
    .filter((listed) => symbol === undefined || listed.symbol === symbol)
    .map((listed) => {
      const { feeRateTaker, feeRateMaker } = state.listings.current(listed);
      return {
        symbol: listed.symbol,
        baseCoin: '',
        takerFeeRate: formatDecimal(feeRateTaker),
        makerFeeRate: formatDecimal(feeRateMaker),
      };
    });
  return done({ list });
}

/** With a symbol that position, flat or not; otherwise those that are held. */
export function positions(state: BybitState, params: Params): Answer {
  const category = params.get('category');
  const symbol = params.get('symbol');
  const settleCoin = params.get('settleCoin');
  if (category !== 'linear' && category !== 'inverse') return badParams('Illegal category');
  if (symbol !== undefined) {
    const listed = listedIn(state, params);
    if (isRefused(listed)) return listed;
    const row = positionRow(state.exchange.position(listed.id), listed);
    return done({ category, nextPageCursor: '', list: [row] });
  }
  if (category === 'linear' && settleCoin === undefined && params.get('baseCoin') === undefined) {
    return badParams('symbol or settleCoin is required');
  }
  const held = state.exchange
    .positions()
    .filter(({ qty }) => qty !== zero)
    .map((position) => ({ position, listed: state.listings.of(position.instrument) }))
    .filter(({ listed }) => listed.category === category)
    .filter(({ listed }) => settleCoin === undefined || listed.settleCoin === settleCoin);
  const page = pageOf(held, params, { byDefault: 20, max: 200 });
  return done({
    category,
    nextPageCursor: page.nextPageCursor,
    list: page.list.map(({ position, listed }) => positionRow(position, listed)),
  });
}

/** Both sides of one-way mode have one leverage. */
export function setLeverage(state: BybitState, params: Params): Answer {
  const listed = listedIn(state, params);
  if (isRefused(listed)) return listed;
  const buy = params.get('buyLeverage');
  if (buy === undefined || buy !== params.get('sellLeverage')) {
    return badParams('buyLeverage must equal sellLeverage');
  }
  const leverage = Number(buy);
  if (!(leverage >= 1)) return badParams('leverage invalid');
  const result = state.exchange.setLeverage(listed.id, leverage, state.now());
  if (!result.ok) return refusalOf(listed.category, result.code, result.message);
  return result.value === 'unchanged' ? refused(110043, 'leverage not modified') : done({});
}

export function switchMode(params: Params): Answer {
  const mode = params.get('mode');
  if (mode === '0') return refused(110025, 'Position mode is not modified');
  return refused(110029, 'Hedge mode is not available for this symbol');
}

export function switchIsolated(params: Params): Answer {
  if (params.get('tradeMode') === '0') {
    return refused(110026, 'Cross/isolated margin mode is not modified');
  }
  return refused(100028, 'unified account is forbidden');
}

export function setMarginMode(params: Params): Answer {
  if (params.get('setMarginMode') === 'REGULAR_MARGIN') {
    return refused(110026, 'Cross/isolated margin mode is not modified');
  }
  return refused(3400045, 'Set margin mode failed');
}

/** Of every coin that is traded: nothing can be deposited or withdrawn. */
export function coins(state: BybitState, params: Params): Answer {
  const only = params.get('coin');
  const names = new Set(['USDT']);
  for (const { instrument } of state.exchange.instruments()) names.add(instrument.base);
  const rows = [...names]
    .filter((name) => only === undefined || only === name)
    .map((coin) => ({ name: coin, coin, remainAmount: '0', chains: [] }));
  return done({ rows });
}
