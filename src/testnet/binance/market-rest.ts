// Public market data over REST. Event times are venue time; only the `time` endpoints and
// exchangeInfo show the wall clock, with which clients sign.
import { hourMs } from '../../base/time.ts';
import type { TestnetContext } from '../protocol.ts';
import { type Answer, answer, missing, refused } from './answer.ts';
import { bookId, snapshotId } from './book-ids.ts';
import {
  type BinanceMarket,
  type FuturesMarket,
  type Listed,
  type Listings,
  markText,
  pairOf,
  priceText,
  qtyText,
} from './listed.ts';
import type { Params } from './order-request.ts';
import { limitOf, type Trading } from './trading.ts';

const defaultIntervalMs = 8 * hourMs;
/** Caps that the venue sets without an adjustment, by its own formula, are not listed either. */
const historyDefault = 200;
const historyMax = 1_000;

export class MarketRest {
  private readonly context: TestnetContext;
  private readonly listings: Listings;
  private readonly trading: Trading;

  constructor(context: TestnetContext, listings: Listings, trading: Trading) {
    this.context = context;
    this.listings = listings;
    this.trading = trading;
  }

  depth(params: Params, market: BinanceMarket): Answer {
    const listed = this.trading.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const limit = Number(params.get('limit') ?? (market === 'spot' ? 100 : 500));
    if (!(limit > 0 && limit <= 5_000))
      return refused(-1130, "Data sent for parameter 'limit' is not valid.");
    const book = this.context.exchange.book(listed.id, limit);
    const times = market === 'spot' ? {} : { E: this.context.now().tsMs, T: book.tsMs };
    return answer({
      lastUpdateId: snapshotId(book.updateId),
      ...(market === 'inverse' ? { symbol: listed.symbol, pair: pairOf(listed) } : {}),
      ...times,
      bids: book.bids.map(([price, qty]) => [priceText(listed, price), qtyText(listed, qty)]),
      asks: book.asks.map(([price, qty]) => [priceText(listed, price), qtyText(listed, qty)]),
    });
  }

  bookTicker(params: Params, market: BinanceMarket): Answer {
    return this.oneOrAll(params, market, (listed) => {
      const quote = this.context.exchange.quote(listed.id);
      return {
        symbol: listed.symbol,
        bidPrice: priceText(listed, quote.bid),
        bidQty: qtyText(listed, quote.bidQty),
        askPrice: priceText(listed, quote.ask),
        askQty: qtyText(listed, quote.askQty),
        ...(market === 'linear' ? { time: quote.tsMs, lastUpdateId: bookId(quote.updateId) } : {}),
        ...(market === 'inverse' ? { pair: pairOf(listed), time: quote.tsMs } : {}),
      };
    });
  }

  price(params: Params, market: BinanceMarket): Answer {
    return this.oneOrAll(params, market, (listed) => {
      const quote = this.context.exchange.quote(listed.id);
      const price = priceText(listed, (quote.bid + quote.ask) / 2);
      return { symbol: listed.symbol, price, ...(market === 'spot' ? {} : { time: quote.tsMs }) };
    });
  }

  /** The simulation keeps no 24 h statistics: the mid stands in for every price, volumes are 0. */
  ticker24h(params: Params, market: BinanceMarket): Answer {
    return this.oneOrAll(params, market, (listed) => {
      const quote = this.context.exchange.quote(listed.id);
      const mid = priceText(listed, (quote.bid + quote.ask) / 2);
      return {
        symbol: listed.symbol,
        priceChange: '0',
        priceChangePercent: '0',
        weightedAvgPrice: mid,
        lastPrice: mid,
        lastQty: '0',
        ...(market === 'spot'
          ? {
              bidPrice: priceText(listed, quote.bid),
              bidQty: qtyText(listed, quote.bidQty),
              askPrice: priceText(listed, quote.ask),
              askQty: qtyText(listed, quote.askQty),
            }
          : {}),
        openPrice: mid,
        highPrice: mid,
        lowPrice: mid,
        volume: '0',
        quoteVolume: '0',
        openTime: quote.tsMs - 24 * hourMs,
        closeTime: quote.tsMs,
        firstId: 0,
        lastId: 0,
        count: 0,
      };
    });
  }

  premiumIndex(params: Params, market: FuturesMarket): Answer {
    const { tsMs } = this.context.now();
    return this.oneOrAll(params, market, (listed) => {
      const { exchange } = this.context;
      const funding = exchange.funding(listed.id);
      return {
        symbol: listed.symbol,
        ...(market === 'inverse' ? { pair: pairOf(listed) } : {}),
        markPrice: markText(listed, exchange.mark(listed.id)),
        indexPrice: markText(listed, exchange.index(listed.id)),
        estimatedSettlePrice: markText(listed, exchange.index(listed.id)),
        lastFundingRate: funding === null ? '' : rateText(funding.ratePerInterval),
        interestRate: '0.00010000',
        nextFundingTime: funding === null ? 0 : funding.settlesAtMs,
        time: tsMs,
      };
    });
  }

  /**
   * Lists only symbols that were adjusted: those that settle, or were listed, at another interval.
   */
  fundingInfo(market: FuturesMarket): Answer {
    return answer(
      this.listings
        .all(market)
        .map((listed) => ({ listed, sim: this.listings.sim(listed) }))
        .filter(
          ({ sim }) =>
            sim.instrument.fundingIntervalMs !== defaultIntervalMs ||
            sim.fundingIntervalDefaultMs !== defaultIntervalMs,
        )
        .map(({ listed, sim }) => ({
          symbol: listed.symbol,
          adjustedFundingRateCap: rateText(sim.fundingCap),
          adjustedFundingRateFloor: rateText(sim.fundingFloor),
          fundingIntervalHours: (sim.instrument.fundingIntervalMs ?? defaultIntervalMs) / hourMs,
          disclaimer: false,
          updateTime: this.context.now().tsMs,
        })),
    );
  }

  /** Ascending; without times the newest, from `startTime` on the oldest. */
  fundingRate(params: Params, market: FuturesMarket): Answer {
    const symbol = params.get('symbol');
    const wanted = symbol === undefined ? this.listings.all(market) : null;
    const one = symbol === undefined ? null : this.listings.find(market, symbol);
    if (symbol !== undefined && one === null) return refused(-1121, 'Invalid symbol.');
    const fromMs = Number(params.get('startTime') ?? 0);
    const toMs = Number(params.get('endTime') ?? this.context.now().tsMs);
    const limit = params.has('limit') ? Math.min(limitOf(params), historyMax) : historyDefault;
    const rows = (wanted ?? (one === null ? [] : [one]))
      .flatMap((listed) =>
        this.context.exchange.fundingHistory(listed.id, { fromMs, toMs }).map((settled) => ({
          symbol: listed.symbol,
          fundingTime: settled.settledAtMs,
          fundingRate: rateText(settled.rate),
          markPrice: markText(listed, settled.mark),
        })),
      )
      .sort((a, b) => a.fundingTime - b.fundingTime);
    return answer(params.has('startTime') ? rows.slice(0, limit) : rows.slice(-limit));
  }

  /** COIN-M answers with a list also for one symbol, and knows pairs. */
  private oneOrAll(
    params: Params,
    market: BinanceMarket,
    row: (listed: Listed) => unknown,
  ): Answer {
    const symbol = params.get('symbol');
    if (symbol !== undefined) {
      const listed = this.listings.find(market, symbol);
      if (listed === null) return refused(-1121, 'Invalid symbol.');
      return answer(market === 'inverse' ? [row(listed)] : row(listed));
    }
    const names = params.get('symbols');
    const pair = params.get('pair');
    if (names === undefined) {
      const all = this.listings.all(market);
      return answer(all.filter((each) => pair === undefined || pairOf(each) === pair).map(row));
    }
    const wanted = symbolsIn(names);
    if (wanted === null) return missing('symbols');
    const listed = wanted.map((name) => this.listings.find(market, name));
    if (listed.includes(null)) return refused(-1121, 'Invalid symbol.');
    return answer(listed.flatMap((each) => (each === null ? [] : [row(each)])));
  }
}

/** `["BTCUSDT","ETHUSDT"]`. */
export function symbolsIn(text: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : null;
  } catch {
    return null;
  }
}

export function rateText(rate: number): string {
  return rate.toFixed(8);
}
