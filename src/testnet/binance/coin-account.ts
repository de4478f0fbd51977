// The COIN-M account over REST: one wallet per coin, each the margin of the contracts that settle
// in it. Figures are the simulated account's own and exact.

import { fromNumber, plus } from '../../base/decimal.ts';
import { notionalAt } from '../../domain/contract-value.ts';
import type { SimBalance, SimPosition } from '../../sim/api.ts';
import type { TestnetContext } from '../protocol.ts';
import { type Answer, answer, refused } from './answer.ts';
import { bracketsOf } from './leverage-brackets.ts';
import {
  cashText,
  exactPrice,
  exactQty,
  type Listed,
  type Listings,
  markText,
  pairOf,
} from './listed.ts';
import type { Params } from './order-request.ts';
import { walletOf } from './reports.ts';

const wallet = walletOf.inverse;

export class CoinAccountRest {
  private readonly context: TestnetContext;
  private readonly listings: Listings;

  constructor(context: TestnetContext, listings: Listings) {
    this.context = context;
    this.listings = listings;
  }

  balance(): Answer {
    const { tsMs } = this.context.now();
    return answer(
      this.balances().map(({ asset, total }) => {
        const margin = this.context.exchange.margin(wallet, asset);
        return {
          accountAlias: 'testnet',
          asset,
          balance: cashText(total),
          withdrawAvailable: cashText(margin.available),
          crossWalletBalance: cashText(total),
          crossUnPnl: cashText(margin.unrealizedPnl),
          availableBalance: cashText(margin.available),
          updateTime: tsMs,
        };
      }),
    );
  }

  account(): Answer {
    const { tsMs } = this.context.now();
    return answer({
      assets: this.balances().map(({ asset, total }) => {
        const margin = this.context.exchange.margin(wallet, asset);
        return {
          asset,
          walletBalance: cashText(total),
          unrealizedProfit: cashText(margin.unrealizedPnl),
          marginBalance: cashText(plus(total, margin.unrealizedPnl)),
          maintMargin: cashText(margin.maintenanceMargin),
          initialMargin: cashText(margin.initialMargin),
          positionInitialMargin: cashText(margin.initialMargin),
          openOrderInitialMargin: '0.00000000',
          maxWithdrawAmount: cashText(margin.available),
          crossWalletBalance: cashText(total),
          crossUnPnl: cashText(margin.unrealizedPnl),
          availableBalance: cashText(margin.available),
          updateTime: tsMs,
        };
      }),
      positions: this.positions(null).map(([position, listed]) => ({
        ...positionRow(position, listed),
        initialMargin: cashText(position.initialMargin),
        maintMargin: cashText(position.maintenanceMargin),
        unrealizedProfit: cashText(position.unrealizedPnl),
        positionInitialMargin: cashText(position.initialMargin),
        openOrderInitialMargin: '0',
        isolated: false,
      })),
      canDeposit: true,
      canTrade: true,
      canWithdraw: false,
      feeTier: 0,
      updateTime: tsMs,
    });
  }

  /** Every contract, flat ones too; `pair` or `marginAsset` choose. */
  positionRisk(params: Params): Answer {
    const pair = params.get('pair') ?? null;
    const asset = params.get('marginAsset');
    return answer(
      this.positions(pair)
        .filter(([, listed]) => asset === undefined || listed.settle === asset)
        .map(([position, listed]) => ({
          ...positionRow(position, listed),
          markPrice: markText(listed, position.mark),
          unRealizedProfit: cashText(position.unrealizedPnl),
          liquidationPrice:
            position.liquidationPrice === null ? '0' : markText(listed, position.liquidationPrice),
          marginType: 'cross',
          isolatedMargin: '0.00000000',
          isAutoAddMargin: 'false',
        })),
    );
  }

  /** Version 2 of the path: by symbol, caps in coin. */
  leverageBracket(params: Params): Answer {
    const symbol = params.get('symbol');
    const rows = this.listings
      .all('inverse')
      .filter((listed) => symbol === undefined || listed.symbol === symbol)
      .map((listed) => ({
        symbol: listed.symbol,
        notionalCoef: 1,
        brackets: bracketsOf(this.listings.sim(listed), { cap: 'qtyCap', floor: 'qtyFloor' }),
      }));
    if (symbol !== undefined && rows.length === 0) return refused(-1121, 'Invalid symbol.');
    return answer(rows);
  }

  private balances(): readonly SimBalance[] {
    return this.context.exchange.balances().filter((balance) => balance.wallet === wallet);
  }

  private positions(pair: string | null): readonly (readonly [SimPosition, Listed])[] {
    return this.listings
      .all('inverse')
      .filter((listed) => pair === null || pairOf(listed) === pair)
      .map((listed) => [this.context.exchange.position(listed.id), listed] as const);
  }
}

function positionRow(position: SimPosition, listed: Listed): Record<string, unknown> {
  const { qty, entryPrice, mark, leverage, updatedTsMs } = position;
  return {
    symbol: listed.symbol,
    positionAmt: exactQty(listed, qty),
    entryPrice: exactPrice(listed, entryPrice),
    breakEvenPrice: exactPrice(listed, entryPrice),
    leverage: String(leverage),
    maxQty: '1000',
    positionSide: 'BOTH',
    notionalValue: cashText(notionalAt(listed.terms, qty, fromNumber(mark))),
    updateTime: updatedTsMs,
  };
}
