// The simulated market as rows of OKX's public listings and channels.
import { present } from '../../base/assert.ts';
import { formatDecimal, fromNumber } from '../../base/decimal.ts';
import { dayMs } from '../../base/time.ts';
import { isInverse } from '../../domain/contract-value.ts';
import type { Level } from '../../domain/venue-event.ts';
import type { SimExchange } from '../../sim/api.ts';
import type { Listed } from './listing.ts';
import type { Row } from './rows.ts';

export function instrumentRow(listed: Listed): Row {
  const { instrument } = listed.sim;
  const spot = listed.instType === 'SPOT';
  const sized = (value: typeof instrument.lotSize): string =>
    value === null ? '' : listed.contracts(value);
  return {
    instType: listed.instType,
    instId: listed.instId,
    instIdCode: Number(listed.instIdCode),
    instFamily: spot ? '' : listed.pair,
    uly: spot ? '' : listed.pair,
    category: '1',
    groupId: '1',
    baseCcy: spot ? instrument.base : '',
    quoteCcy: spot ? instrument.quote : '',
    settleCcy: spot ? '' : instrument.settle,
    ctVal: spot ? '' : formatDecimal(instrument.contractSize),
    ctMult: spot ? '' : '1',
    ctValCcy: spot ? '' : isInverse(instrument) ? instrument.quote : instrument.base,
    ctType: spot ? '' : isInverse(instrument) ? 'inverse' : 'linear',
    alias: '',
    optType: '',
    stk: '',
    expTime: '',
    listTime: '1573557408000',
    lever: instrument.leverageMax === null ? '' : String(instrument.leverageMax),
    tickSz: instrument.tickSize === null ? '' : formatDecimal(instrument.tickSize),
    lotSz: sized(instrument.lotSize),
    minSz: sized(instrument.qtyMin),
    maxLmtSz: sized(instrument.qtyMax),
    maxMktSz: sized(instrument.qtyMax),
    maxLmtAmt: spot ? '20000000' : '',
    maxMktAmt: spot ? '1000000' : '',
    ruleType: 'normal',
    openType: '',
    state: stateOf(instrument.status),
  };
}

function stateOf(status: string): string {
  if (status === 'trading') return 'live';
  return status === 'halted' ? 'suspend' : 'test';
}

/** Bounds, the current estimate and the two times that its interval is read from. */
export function fundingRow(exchange: SimExchange, listed: Listed, tsMs: number): Row | null {
  const funding = exchange.funding(listed.id);
  if (funding === null) return null;
  const { fundingCap, fundingFloor } = listed.sim;
  return {
    instType: listed.instType,
    instId: listed.instId,
    method: 'current_period',
    formulaType: 'withRate',
    fundingRate: numberText(funding.ratePerInterval),
    fundingTime: String(funding.settlesAtMs),
    nextFundingRate: '',
    nextFundingTime: String(funding.settlesAtMs + funding.intervalMs),
    minFundingRate: numberText(fundingFloor),
    maxFundingRate: numberText(fundingCap),
    interestRate: '0.0001',
    impactValue: '20000',
    premium: numberText(funding.premium),
    settState: 'settled',
    settFundingRate: funding.lastSettledRate === null ? '' : numberText(funding.lastSettledRate),
    ts: String(tsMs),
  };
}

export function settledRow(listed: Listed, settled: { settledAtMs: number; rate: number }): Row {
  const rate = numberText(settled.rate);
  return {
    instType: listed.instType,
    instId: listed.instId,
    method: 'current_period',
    formulaType: 'withRate',
    fundingRate: rate,
    realizedRate: rate,
    fundingTime: String(settled.settledAtMs),
  };
}

export function markRow(exchange: SimExchange, listed: Listed, tsMs: number): Row {
  return {
    instType: listed.instType,
    instId: listed.instId,
    markPx: numberText(exchange.mark(listed.id)),
    ts: String(tsMs),
  };
}

export function indexRow(exchange: SimExchange, listed: Listed, tsMs: number): Row {
  const idxPx = numberText(exchange.index(listed.id));
  const flat = { high24h: idxPx, low24h: idxPx, open24h: idxPx, sodUtc0: idxPx, sodUtc8: idxPx };
  return { instId: listed.pair, idxPx, ...flat, ts: String(tsMs) };
}

/** The simulation prints no trades: last and the day's figures stand at the mid. */
export function tickerRow(exchange: SimExchange, listed: Listed): Row {
  const quote = exchange.quote(listed.id);
  const mid = listed.priceText((quote.bid + quote.ask) / 2);
  const flat = { open24h: mid, high24h: mid, low24h: mid, sodUtc0: mid, sodUtc8: mid };
  return {
    instType: listed.instType,
    instId: listed.instId,
    last: mid,
    lastSz: listed.sizeText(quote.bidQty),
    askPx: listed.priceText(quote.ask),
    askSz: listed.sizeText(quote.askQty),
    bidPx: listed.priceText(quote.bid),
    bidSz: listed.sizeText(quote.bidQty),
    ...flat,
    volCcy24h: '0',
    vol24h: '0',
    ts: String(quote.tsMs),
  };
}

/** `[price, size, "0", orders]`. */
export type WireLevel = readonly [string, string, string, string];

export function wireLevels(levels: readonly Level[], listed: Listed): readonly WireLevel[] {
  return levels
    .filter(([, qty]) => qty > 0)
    .map(([price, qty]) => [listed.priceText(price), listed.sizeText(qty), '0', '1']);
}

/** A margin tier in contracts: the first begins at 0, each later one above the one before. */
export function tierRow(listed: Listed, k: number): Row {
  const { tiers } = listed.sim.marginTiers;
  const tier = present(tiers[k], `tier ${k} of ${listed.instId}`);
  const below = tiers[k - 1];
  return {
    instType: listed.instType,
    instFamily: listed.pair,
    uly: listed.pair,
    instId: listed.instId,
    tier: String(k + 1),
    minSz: below === undefined ? '0' : listed.contracts(below.sizeMax),
    maxSz: listed.contracts(tier.sizeMax),
    maxLever: String(tier.leverageMax),
    imr: numberText(1 / tier.leverageMax),
    mmr: formatDecimal(tier.maintenanceRate),
    optMgnFactor: '0',
    baseMaxLoan: '',
    quoteMaxLoan: '',
  };
}

/** Shortest plain decimal text of a figure. */
export function numberText(value: number): string {
  return formatDecimal(fromNumber(value));
}

/** How far back rates are listed. */
export const historyMsMax = 90 * dayMs;
