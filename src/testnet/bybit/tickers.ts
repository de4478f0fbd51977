// Ticker rows of contracts and spot, the same in REST lists and as snapshots of the stream. The
// simulated market has no trades of others: last price and turnover stand for the book's middle and
// nothing.
import { hourMs } from '../../base/time.ts';
import { baseQtyAt } from '../../domain/contract-value.ts';
import { type Listed, plainText } from './listing.ts';
import type { BybitState } from './state.ts';

export type Ticker = Readonly<Record<string, string>>;

const openInterest = 10_000;
const rateDecimals = 8;

export function tickerOf(state: BybitState, listed: Listed): Ticker {
  const { exchange } = state;
  const { bid, bidQty, ask, askQty } = exchange.quote(listed.id);
  const mark = exchange.mark(listed.id);
  const funding = exchange.funding(listed.id);
  const last = listed.priceText((bid + ask) / 2);
  const cap = state.listings.current(listed).fundingCap;
  return {
    symbol: listed.symbol,
    lastPrice: last,
    prevPrice24h: last,
    price24hPcnt: '0',
    highPrice24h: last,
    lowPrice24h: last,
    prevPrice1h: last,
    markPrice: listed.priceText(mark),
    indexPrice: listed.priceText(exchange.index(listed.instrument.id)),
    openInterest: String(openInterest),
    // Clients tell a contract's ticker from a spot one by this field.
    openInterestValue: (baseQtyAt(listed.instrument, openInterest, mark) * mark).toFixed(2),
    turnover24h: '0',
    volume24h: '0',
    fundingRate: funding === null ? '' : rateText(funding.ratePerInterval),
    nextFundingTime: funding === null ? '0' : String(funding.settlesAtMs),
    fundingIntervalHour: funding === null ? '' : String(funding.intervalMs / hourMs),
    fundingCap: funding === null ? '' : plainText(cap),
    deliveryTime: '0',
    bid1Price: listed.priceText(bid),
    bid1Size: listed.qtyText(bidQty),
    ask1Price: listed.priceText(ask),
    ask1Size: listed.qtyText(askQty),
  };
}

export function spotTicker(state: BybitState, listed: Listed): Ticker {
  const { bid, ask } = state.exchange.quote(listed.id);
  const last = listed.priceText((bid + ask) / 2);
  return {
    symbol: listed.symbol,
    lastPrice: last,
    highPrice24h: last,
    lowPrice24h: last,
    prevPrice24h: last,
    volume24h: '0',
    turnover24h: '0',
    price24hPcnt: '0',
    usdIndexPrice: listed.priceText(state.exchange.index(listed.id)),
  };
}

function rateText(rate: number): string {
  return plainText(Number(rate.toFixed(rateDecimals)));
}
