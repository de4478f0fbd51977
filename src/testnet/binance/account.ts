// The account over REST: balances, positions, margin of spot and USD-M; ledger and settings of both
// futures. Figures are the simulated account's own and exact.

import {
  type Decimal,
  formatDecimal,
  fromNumber,
  minus,
  plus,
  times,
  zero,
} from '../../base/decimal.ts';
import { sizeMaxAt } from '../../domain/margin.ts';
import type { SimBalance, SimMargin, SimPosition } from '../../sim/api.ts';
import type { TestnetContext } from '../protocol.ts';
import { type Answer, answer, missing, refused, success } from './answer.ts';
import { bracketsOf } from './leverage-brackets.ts';
import {
  cashText,
  exactPrice,
  exactQty,
  type FuturesMarket,
  type Listed,
  type Listings,
  markText,
} from './listed.ts';
import type { Params } from './order-request.ts';
import { walletOf } from './reports.ts';
import { limitOf, type Trading } from './trading.ts';

const futures = 'futures';

export class AccountRest {
  private readonly context: TestnetContext;
  private readonly listings: Listings;
  private readonly trading: Trading;

  constructor(context: TestnetContext, listings: Listings, trading: Trading) {
    this.context = context;
    this.listings = listings;
    this.trading = trading;
  }

  spot(params: Params): Answer {
    const omitZero = params.get('omitZeroBalances') === 'true';
    const { tsMs } = this.context.now();
    return answer({
      makerCommission: 10,
      takerCommission: 10,
      buyerCommission: 0,
      sellerCommission: 0,
      canTrade: true,
      canWithdraw: false,
      canDeposit: true,
      brokered: false,
      requireSelfTradePrevention: false,
      preventSor: false,
      updateTime: tsMs,
      accountType: 'SPOT',
      balances: this.balances('spot')
        .filter(({ total }) => !omitZero || total !== 0n)
        .map(({ asset, total, locked }) => ({
          asset,
          free: cashText(minus(total, locked)),
          locked: cashText(locked),
        })),
      permissions: ['SPOT'],
      uid: 1,
    });
  }

  balance(): Answer {
    const margin = this.margin();
    return answer(
      this.balances(futures).map(({ asset, total }) => ({
        accountAlias: 'testnet',
        asset,
        balance: cashText(total),
        crossWalletBalance: cashText(total),
        crossUnPnl: cashText(asset === 'USDT' ? margin.unrealizedPnl : zero),
        availableBalance: cashText(asset === 'USDT' ? margin.available : total),
        maxWithdrawAmount: cashText(asset === 'USDT' ? margin.available : total),
        marginAvailable: true,
        updateTime: this.context.now().tsMs,
      })),
    );
  }

  /**
   * `/fapi/v2/account` lists every symbol, `/fapi/v3/account` only those with a position or order.
   */
  futures(version: 2 | 3): Answer {
    const margin = this.margin();
    const { tsMs } = this.context.now();
    const wallet = this.balances(futures).find(({ asset }) => asset === 'USDT')?.total ?? zero;
    const sums = sumsOf(margin, wallet);
    return answer({
      ...(version === 2
        ? { feeTier: 0, canTrade: true, canDeposit: true, canWithdraw: false, updateTime: 0 }
        : {}),
      multiAssetsMargin: false,
      ...Object.fromEntries(
        Object.entries(sums).map(([key, text]) => [`total${capital(key)}`, text]),
      ),
      availableBalance: cashText(margin.available),
      maxWithdrawAmount: cashText(margin.available),
      assets: this.balances(futures).map(({ asset, total }) => ({
        asset,
        ...(asset === 'USDT' ? sums : { ...sumsOf(noMargin, total) }),
        availableBalance: cashText(asset === 'USDT' ? margin.available : total),
        maxWithdrawAmount: cashText(asset === 'USDT' ? margin.available : total),
        marginAvailable: true,
        updateTime: tsMs,
      })),
      positions: this.positions(version === 2 ? 'all' : 'active', null).map(
        ([position, listed]) => ({
          ...positionRow(position, listed),
          ...(version === 2 ? this.positionExtras(position) : {}),
          unrealizedProfit: cashText(position.unrealizedPnl),
        }),
      ),
    });
  }

  positionRisk(params: Params, version: 2 | 3): Answer {
    const symbol = params.get('symbol') ?? null;
    return answer(
      this.positions(version === 2 ? 'all' : 'active', symbol).map(([position, listed]) => ({
        ...positionRow(position, listed),
        ...(version === 2 ? this.positionExtras(position) : { adl: 1 }),
        breakEvenPrice: exactPrice(listed, position.entryPrice),
        markPrice: markText(listed, position.mark),
        unRealizedProfit: cashText(position.unrealizedPnl),
        liquidationPrice:
          position.liquidationPrice === null ? '0' : markText(listed, position.liquidationPrice),
      })),
    );
  }

  leverageBracket(params: Params): Answer {
    const symbol = params.get('symbol');
    const rows = this.listings
      .all('linear')
      .filter((listed) => symbol === undefined || listed.symbol === symbol)
      .map((listed) => ({
        symbol: listed.symbol,
        notionalCoef: 1,
        brackets: bracketsOf(this.listings.sim(listed), {
          cap: 'notionalCap',
          floor: 'notionalFloor',
        }),
      }));
    if (symbol !== undefined && rows.length === 0) return refused(-1121, 'Invalid symbol.');
    return answer(symbol === undefined ? rows : rows[0]);
  }

  symbolConfig(params: Params): Answer {
    const symbol = params.get('symbol');
    return answer(
      this.listings
        .all('linear')
        .filter((listed) => symbol === undefined || listed.symbol === symbol)
        .map((listed) => ({
          symbol: listed.symbol,
          marginType: 'CROSSED',
          isAutoAddMargin: 'false',
          leverage: this.context.exchange.leverage(listed.id),
          maxNotionalValue: formatDecimal(sizeMaxAt(this.listings.sim(listed).marginTiers, 1)),
        })),
    );
  }

  config(): Answer {
    return answer({
      feeTier: 0,
      canTrade: true,
      canDeposit: true,
      canWithdraw: false,
      dualSidePosition: false,
      updateTime: 0,
      multiAssetsMargin: false,
      tradeGroupId: -1,
    });
  }

  commissionRate(params: Params, market: FuturesMarket): Answer {
    const listed = this.trading.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const sim = this.listings.sim(listed);
    return answer({
      symbol: listed.symbol,
      makerCommissionRate: cashText(sim.feeRateMaker),
      takerCommissionRate: cashText(sim.feeRateTaker),
    });
  }

  spotCommission(params: Params): Answer {
    const listed = this.trading.listedOf(params, 'spot');
    if (!('symbol' in listed)) return listed;
    const sim = this.listings.sim(listed);
    const nothing = {
      maker: '0.00000000',
      taker: '0.00000000',
      buyer: '0.00000000',
      seller: '0.00000000',
    };
    return answer({
      symbol: listed.symbol,
      standardCommission: {
        ...nothing,
        maker: cashText(sim.feeRateMaker),
        taker: cashText(sim.feeRateTaker),
      },
      specialCommission: nothing,
      taxCommission: nothing,
      discount: {
        enabledForAccount: false,
        enabledForSymbol: false,
        discountAsset: 'BNB',
        discount: '0.75',
      },
    });
  }

  /** The ledger, ascending; `page` counts from 1. */
  income(params: Params, market: FuturesMarket): Answer {
    const type = params.get('incomeType') ?? null;
    const symbol = params.get('symbol') ?? null;
    const fromMs = Number(params.get('startTime') ?? 0);
    const toMs = Number(params.get('endTime') ?? Number.MAX_SAFE_INTEGER);
    const rows = [...this.fundingRows(market), ...this.billRows(market)]
      .filter((row) => type === null || row.incomeType === type)
      .filter((row) => symbol === null || row.symbol === symbol)
      .filter((row) => row.time >= fromMs && row.time <= toMs)
      .sort((a, b) => a.time - b.time || a.tranId - b.tranId);
    const limit = Math.min(1_000, params.has('limit') ? limitOf(params) : 100);
    const page = Math.max(1, Number(params.get('page') ?? 1) || 1);
    return answer(rows.slice((page - 1) * limit, page * limit));
  }

  leverage(params: Params, market: FuturesMarket): Answer {
    const listed = this.trading.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const text = params.get('leverage');
    if (text === undefined || !/^\d{1,3}$/.test(text)) return missing('leverage');
    const leverage = Number(text);
    const result = this.context.exchange.setLeverage(listed.id, leverage, this.context.now());
    if (!result.ok) return refused(-4028, `Leverage ${text} is not valid`);
    // USD-M in quote, COIN-M in coin.
    const max = formatDecimal(sizeMaxAt(this.listings.sim(listed).marginTiers, leverage));
    const limit = market === 'inverse' ? { maxQty: max } : { maxNotionalValue: max };
    return answer({ symbol: listed.symbol, leverage, ...limit });
  }

  marginType(params: Params, market: FuturesMarket): Answer {
    const listed = this.trading.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    if (params.get('marginType') === 'CROSSED') {
      return refused(-4046, 'No need to change margin type.');
    }
    return refused(-4047, 'Margin type cannot be changed: only cross margin is simulated.');
  }

  positionMode(params: Params): Answer {
    const dual = params.get('dualSidePosition')?.toLowerCase();
    if (dual === undefined) return missing('dualSidePosition');
    if (dual === 'false') return refused(-4059, 'No need to change position side.');
    return refused(-4068, 'Position side cannot be changed: only one-way mode is simulated.');
  }

  multiAssets(params: Params): Answer {
    return params.get('multiAssetsMargin') === 'true'
      ? refused(-4168, 'Unable to adjust to Multi-Assets mode.')
      : success;
  }

  private balances(wallet: string): readonly SimBalance[] {
    return this.context.exchange.balances().filter((balance) => balance.wallet === wallet);
  }

  private margin(): SimMargin {
    return this.context.exchange.margin(futures);
  }

  private positions(
    which: 'all' | 'active',
    symbol: string | null,
  ): readonly (readonly [SimPosition, Listed])[] {
    const { exchange } = this.context;
    return this.listings
      .all('linear')
      .filter((listed) => symbol === null || listed.symbol === symbol)
      .map((listed) => [exchange.position(listed.id), listed] as const)
      .filter(
        ([position, listed]) =>
          which === 'all' || position.qty !== 0n || exchange.openOrders(listed.id).length > 0,
      );
  }

  /** Only version 2 of the endpoints says these. */
  private positionExtras(position: SimPosition): Record<string, unknown> {
    return {
      leverage: String(position.leverage),
      marginType: 'cross',
      isAutoAddMargin: 'false',
      maxNotionalValue: '100000000',
      isolated: false,
      adlQuantile: 1,
    };
  }

  private fundingRows(market: FuturesMarket) {
    const payments = this.context.exchange.fundingPayments({});
    return payments
      .filter(({ wallet }) => wallet === walletOf[market])
      .map((payment) => ({
        symbol: this.listings.of(payment.instrument).symbol,
        incomeType: 'FUNDING_FEE',
        income: cashText(payment.amount),
        asset: payment.asset,
        info: 'FUNDING_FEE',
        time: payment.settledAtMs,
        tranId: Number(payment.id),
        tradeId: '',
      }));
  }

  private billRows(market: FuturesMarket) {
    return this.context.exchange
      .bills({})
      .filter((bill) => bill.wallet === walletOf[market] && incomeTypes[bill.kind] !== undefined)
      .map((bill) => ({
        symbol: bill.instrument === null ? '' : this.listings.of(bill.instrument).symbol,
        incomeType: incomeTypes[bill.kind] ?? '',
        income: cashText(bill.amount),
        asset: bill.asset,
        info: bill.kind,
        time: bill.tsMs,
        tranId: Number(bill.id),
        tradeId: bill.tradeId ?? '',
      }));
  }
}

/** Funding comes from the payments, which carry the ids that streams and ledger share. */
const incomeTypes: Readonly<Record<string, string | undefined>> = {
  fee: 'COMMISSION',
  'realized-pnl': 'REALIZED_PNL',
  transfer: 'TRANSFER',
  'liquidation-fee': 'INSURANCE_CLEAR',
};

const noMargin = {
  unrealizedPnl: zero,
  initialMargin: zero,
  maintenanceMargin: zero,
};

function sumsOf(
  margin: Pick<SimMargin, 'unrealizedPnl' | 'initialMargin' | 'maintenanceMargin'>,
  wallet: Decimal,
): Readonly<Record<string, string>> {
  return {
    initialMargin: cashText(margin.initialMargin),
    maintMargin: cashText(margin.maintenanceMargin),
    walletBalance: cashText(wallet),
    unrealizedProfit: cashText(margin.unrealizedPnl),
    marginBalance: cashText(plus(wallet, margin.unrealizedPnl)),
    positionInitialMargin: cashText(margin.initialMargin),
    openOrderInitialMargin: cashText(zero),
    crossWalletBalance: cashText(wallet),
    crossUnPnl: cashText(margin.unrealizedPnl),
  };
}

function positionRow(position: SimPosition, listed: Listed): Record<string, unknown> {
  return {
    symbol: listed.symbol,
    positionSide: 'BOTH',
    positionAmt: exactQty(listed, position.qty),
    entryPrice: exactPrice(listed, position.entryPrice),
    isolatedMargin: '0',
    isolatedWallet: '0',
    notional: cashText(times(position.qty, fromNumber(position.mark))),
    marginAsset: 'USDT',
    initialMargin: cashText(position.initialMargin),
    maintMargin: cashText(position.maintenanceMargin),
    positionInitialMargin: cashText(position.initialMargin),
    openOrderInitialMargin: '0',
    bidNotional: '0',
    askNotional: '0',
    updateTime: position.updatedTsMs,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
