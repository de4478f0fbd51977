// Listings, contexts and books as the venue writes them. Prices are on the venue's grid; the oracle
// price is the index.

import { toNumber, zero } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import type { MarginTiers } from '../../domain/margin.ts';
import type { Listed } from './listing.ts';
import { moneyText, plainText } from './listing.ts';
import { markOf, type Row, tokenOf } from './rows.ts';
import type { HyperliquidState } from './state.ts';

/** Levels per side of every book. */
const bookLevelsMax = 20;

export function meta(state: HyperliquidState): Row {
  const perps = state.listings.perps().map((listed) => ({
    listed,
    current: state.listings.current(listed),
  }));
  const tables = [...new Set(perps.map(({ current }) => current.marginTiers))];
  return {
    universe: perps.map(({ listed, current: { instrument, marginTiers } }) => ({
      szDecimals: listed.szDecimals,
      name: listed.coin,
      maxLeverage: instrument.leverageMax ?? 1,
      marginTableId: tiered + tables.indexOf(marginTiers),
      ...(instrument.status === 'trading' ? {} : { isDelisted: true }),
    })),
    marginTables: tables.map((table, k) => [tiered + k, marginTable(table)]),
    collateralToken: 0,
  };
}

/** Tables below are of one tier each: the id is the leverage. */
const tiered = 51;

/** Maintenance rates are not said: half of what the highest leverage asks for. */
function marginTable({ tiers }: MarginTiers): Row {
  return {
    description: `tiered ${tiers[0]?.leverageMax ?? 1}x`,
    marginTiers: tiers.map(({ leverageMax }, k) => ({
      lowerBound: moneyText(tiers[k - 1]?.sizeMax ?? zero),
      maxLeverage: leverageMax,
    })),
  };
}

export function spotMeta(state: HyperliquidState): Row {
  const pairs = state.listings.spots();
  const token = (name: string, index: number, szDecimals: number): Row => ({
    name,
    szDecimals,
    weiDecimals: 8,
    index,
    tokenId: `0x${index.toString(16).padStart(32, '0')}`,
    isCanonical: index === 0,
    evmContract: null,
    fullName: index === 0 ? null : `Unit ${name.replace(/^U/, '')}`,
  });
  return {
    tokens: [
      token('USDC', 0, 8),
      ...pairs.map((listed, k) => token(tokenOf(listed.instrument.base), k + 1, listed.szDecimals)),
    ],
    universe: pairs.map((listed, k) => ({
      name: listed.coin,
      tokens: [k + 1, 0],
      index: listed.assetId - 10_000,
      isCanonical: false,
    })),
  };
}

export function contextOf(state: HyperliquidState, listed: Listed): Row {
  const { exchange } = state;
  const { bid, ask } = exchange.quote(listed.id);
  const factor = toNumber(listed.instrument.priceUnit);
  const midPx = bid > 0 && ask > 0 ? plainText(rounded(((bid + ask) / 2) * factor)) : null;
  const markPx = moneyText(markOf(exchange.mark(listed.id) * factor, listed));
  const common = { dayNtlVlm: '0.0', prevDayPx: markPx, markPx, midPx };
  if (!listed.isPerp) return { ...common, circulatingSupply: '0.0', coin: listed.coin };
  const funding = exchange.funding(listed.id);
  return {
    ...common,
    funding: plainText(funding?.ratePerInterval ?? 0),
    openInterest: '0.0',
    premium: plainText(rounded(funding?.premium ?? 0)),
    oraclePx: moneyText(markOf(exchange.index(listed.id) * factor, listed)),
    impactPxs: [listed.priceText(bid), listed.priceText(ask)],
    dayBaseVlm: '0.0',
  };
}

export function predictions(state: HyperliquidState): readonly unknown[] {
  return state.listings.perps().map((listed) => {
    const funding = state.exchange.funding(listed.id);
    const own =
      funding === null
        ? null
        : {
            fundingRate: plainText(funding.ratePerInterval),
            nextFundingTime: funding.settlesAtMs,
            fundingIntervalHours: funding.intervalMs / hourMs,
          };
    return [
      listed.coin,
      [
        ['BinPerp', null],
        ['HlPerp', own],
        ['BybitPerp', null],
      ],
    ];
  });
}

export function bookRow(state: HyperliquidState, listed: Listed): Row {
  const { bids, asks } = state.exchange.book(listed.id, bookLevelsMax);
  const side = (levels: typeof bids): readonly Row[] =>
    levels.map(([px, sz]) => ({ px: listed.priceText(px), sz: listed.qtyText(sz), n: 1 }));
  return { coin: listed.coin, time: state.now().tsMs, levels: [side(bids), side(asks)] };
}

export function bboRow(state: HyperliquidState, listed: Listed): Row {
  const { bid, bidQty, ask, askQty } = state.exchange.quote(listed.id);
  const level = (px: number, sz: number): Row | null =>
    px > 0 && sz > 0 ? { px: listed.priceText(px), sz: listed.qtyText(sz), n: 1 } : null;
  const sides = [level(bid, bidQty), level(ask, askQty)];
  return { coin: listed.coin, time: state.now().tsMs, bbo: sides };
}

export function midsOf(state: HyperliquidState): Row {
  const mids: Record<string, unknown> = {};
  for (const listed of [...state.listings.perps(), ...state.listings.spots()]) {
    mids[listed.coin] = contextOf(state, listed)['midPx'];
  }
  return mids;
}

/** Without the dust of doubles. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}
