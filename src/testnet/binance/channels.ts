// Market-data channels: what one stream sends, made once per tick however many sockets listen, and
// only while one does. A channel returns null when nothing changed.
import type { Level } from '../../domain/venue-event.ts';
import type { SimEvent, SimNow } from '../../sim/api.ts';
import { isCoinMargined } from '../../venues/binance/index.ts';
import type { TestnetContext } from '../protocol.ts';
import { bookId, idAfter } from './book-ids.ts';
import {
  type BinanceMarket,
  exactPrice,
  exactQty,
  type Listed,
  type Listings,
  markText,
  pairOf,
  priceText,
  qtyText,
} from './listed.ts';
import { rateText } from './market-rest.ts';

export type Route = 'spot' | 'public' | 'market';

export interface Channel {
  /** The frame of this tick, or null. */
  tick(now: SimNow): string | null;
  /** The frame of an event of ours (a trade of our order is the only public trade there is). */
  event?(event: SimEvent): string | null;
}

export interface ChannelParts {
  readonly context: TestnetContext;
  readonly listings: Listings;
}

/** A name that nobody serves on this route gets null: acknowledged by the venue, and silent. */
export function channelOf(name: string, route: Route, parts: ChannelParts): Channel | null {
  const [subject = '', type = '', speed = ''] = name.split('@');
  const market = marketOfStream(subject, route);
  if (subject === '!markPrice' && route === 'market') {
    return everything(
      parts,
      'linear',
      (listed) => new MarkPrice(parts, listed, markPeriodMs(speed)),
    );
  }
  if (subject === '!bookTicker' && route === 'public') return null;
  const isArray = type === 'arr' && route !== 'public';
  if (subject === '!ticker' && isArray) {
    return everything(parts, market, (listed) => new Ticker(parts, listed, '24hrTicker'));
  }
  if (subject === '!miniTicker' && isArray) {
    return everything(parts, market, (listed) => new Ticker(parts, listed, '24hrMiniTicker'));
  }
  const listed = parts.listings.find(market, subject.toUpperCase());
  if (listed === null || subject !== listed.lower) return null;
  const books = route === 'market' ? null : bookChannel(type, listed, parts);
  return books ?? (route === 'public' ? null : marketChannel(type, speed, listed, parts));
}

/** Spot and COIN-M share the plain route here: on the venue their hosts keep them apart. */
function marketOfStream(subject: string, route: Route): BinanceMarket {
  if (route !== 'spot') return 'linear';
  return isCoinMargined(subject.toUpperCase()) ? 'inverse' : 'spot';
}

function bookChannel(type: string, listed: Listed, parts: ChannelParts): Channel | null {
  if (type === 'bookTicker') return new BookTicker(parts, listed);
  if (type === 'depth') return new DepthDiff(parts, listed);
  const partial = /^depth(5|10|20)$/.exec(type);
  if (partial !== null) return new PartialDepth(parts, listed, Number(partial[1]));
  return type === 'trade' ? new Trades(listed, 'trade') : null;
}

function marketChannel(
  type: string,
  speed: string,
  listed: Listed,
  parts: ChannelParts,
): Channel | null {
  if (type === 'markPrice' && listed.market !== 'spot') {
    return new MarkPrice(parts, listed, markPeriodMs(speed));
  }
  if (type === 'ticker') return new Ticker(parts, listed, '24hrTicker');
  if (type === 'miniTicker') return new Ticker(parts, listed, '24hrMiniTicker');
  return type === 'aggTrade' ? new Trades(listed, 'aggTrade') : null;
}

function markPeriodMs(speed: string): number {
  return speed === '1s' ? 1_000 : 3_000;
}

class BookTicker implements Channel {
  private readonly parts: ChannelParts;
  private readonly listed: Listed;
  private sentId = -1;

  constructor(parts: ChannelParts, listed: Listed) {
    this.parts = parts;
    this.listed = listed;
  }

  tick(now: SimNow): string | null {
    const { listed } = this;
    const quote = this.parts.context.exchange.quote(listed.id);
    if (quote.updateId === this.sentId) return null;
    this.sentId = quote.updateId;
    const id = bookId(quote.updateId);
    const name = `"s":"${listed.symbol}"`;
    const book =
      `"b":"${priceText(listed, quote.bid)}","B":"${qtyText(listed, quote.bidQty)}",` +
      `"a":"${priceText(listed, quote.ask)}","A":"${qtyText(listed, quote.askQty)}"`;
    const times = `"E":${now.tsMs},"T":${quote.tsMs}`;
    switch (listed.market) {
      case 'spot':
        return `{"u":${id},${name},${book}}`;
      case 'linear':
        return `{"e":"bookTicker","u":${id},${times},${name},${book}}`;
      case 'inverse': {
        const late = `"T":${quote.tsMs},"E":${now.tsMs}`;
        return `{"e":"bookTicker","u":${id},${name},"ps":"${pairOf(listed)}",${book},${late}}`;
      }
    }
  }
}

/** Levels of a book that the venue shows in diffs. */
const levelsMax = 1_000;

type Side = ReadonlyMap<string, string>;

/** Differences from the book as it was when the last frame (or the subscription) was made. */
class DepthDiff implements Channel {
  private readonly parts: ChannelParts;
  private readonly listed: Listed;
  private bids: Side;
  private asks: Side;
  private updateId: number;

  constructor(parts: ChannelParts, listed: Listed) {
    this.parts = parts;
    this.listed = listed;
    const book = parts.context.exchange.book(listed.id, levelsMax);
    this.bids = sideOf(book.bids, listed);
    this.asks = sideOf(book.asks, listed);
    this.updateId = book.updateId;
  }

  tick(now: SimNow): string | null {
    const { listed, parts } = this;
    const book = parts.context.exchange.book(listed.id, levelsMax);
    if (book.updateId === this.updateId) return null;
    const bids = sideOf(book.bids, listed);
    const asks = sideOf(book.asks, listed);
    const previousId = bookId(this.updateId);
    const changes = `"b":${diffText(this.bids, bids)},"a":${diffText(this.asks, asks)}}`;
    const ids = `"U":${idAfter(this.updateId)},"u":${bookId(book.updateId)}`;
    this.bids = bids;
    this.asks = asks;
    this.updateId = book.updateId;
    // A gap: the changes are lost, and the next frame's `pu` shows it.
    if (parts.context.fault('gap')) return null;
    const head = `{"e":"depthUpdate","E":${now.tsMs},`;
    return listed.market === 'spot'
      ? `${head}"s":"${listed.symbol}",${ids},${changes}`
      : `${head}"T":${book.tsMs},"s":"${listed.symbol}",${pairText(listed)}${ids},` +
          `"pu":${previousId},${changes}`;
  }
}

function pairText(listed: Listed): string {
  return listed.market === 'inverse' ? `"ps":"${pairOf(listed)}",` : '';
}

function sideOf(levels: readonly Level[], listed: Listed): Side {
  const side = new Map<string, string>();
  for (const [price, qty] of levels) side.set(priceText(listed, price), qtyText(listed, qty));
  return side;
}

function diffText(before: Side, after: Side): string {
  const parts: string[] = [];
  for (const [price, qty] of after) {
    if (before.get(price) !== qty) parts.push(`["${price}","${qty}"]`);
  }
  for (const price of before.keys()) if (!after.has(price)) parts.push(`["${price}","0"]`);
  return `[${parts.join(',')}]`;
}

/** Best levels as a whole; spot names no symbol. */
class PartialDepth implements Channel {
  private readonly parts: ChannelParts;
  private readonly listed: Listed;
  private readonly levels: number;
  private sentId = -1;

  constructor(parts: ChannelParts, listed: Listed, levels: number) {
    this.parts = parts;
    this.listed = listed;
    this.levels = levels;
  }

  tick(now: SimNow): string | null {
    const { listed } = this;
    const book = this.parts.context.exchange.book(listed.id, this.levels);
    if (book.updateId === this.sentId) return null;
    const previousId = bookId(Math.max(this.sentId, 0));
    this.sentId = book.updateId;
    const rows = (levels: readonly Level[]) =>
      levels.map(([price, qty]) => [priceText(listed, price), qtyText(listed, qty)]);
    const bids = rows(book.bids);
    const asks = rows(book.asks);
    const id = bookId(book.updateId);
    if (listed.market === 'spot') return JSON.stringify({ lastUpdateId: id, bids, asks });
    return JSON.stringify({
      e: 'depthUpdate',
      E: now.tsMs,
      T: book.tsMs,
      s: listed.symbol,
      U: previousId + 1,
      u: id,
      pu: previousId,
      b: bids,
      a: asks,
    });
  }
}

/** Every second (or three) of venue time; at high speeds once per tick. */
class MarkPrice implements Channel {
  private readonly parts: ChannelParts;
  private readonly listed: Listed;
  private readonly periodMs: number;
  private sentMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ChannelParts, listed: Listed, periodMs: number) {
    this.parts = parts;
    this.listed = listed;
    this.periodMs = periodMs;
  }

  tick(now: SimNow): string | null {
    if (now.tsMs - this.sentMs < this.periodMs) return null;
    this.sentMs = now.tsMs;
    const { listed } = this;
    const { exchange } = this.parts.context;
    const funding = exchange.funding(listed.id);
    const mark = markText(listed, exchange.mark(listed.id));
    const index = markText(listed, exchange.index(listed.id));
    const rate = funding === null ? '' : rateText(funding.ratePerInterval);
    // COIN-M's frames hold neither the index nor the average.
    const more = listed.market === 'linear' ? `"ap":"${mark}","i":"${index}",` : '';
    return (
      `{"e":"markPriceUpdate","E":${now.tsMs},"s":"${listed.symbol}","p":"${mark}",` +
      `${more}"P":"${index}","r":"${rate}",` +
      `"T":${funding === null ? 0 : funding.settlesAtMs}}`
    );
  }
}

/** Once a second of venue time; no 24 h statistics are kept, the mid stands in. */
class Ticker implements Channel {
  private readonly parts: ChannelParts;
  private readonly listed: Listed;
  private readonly type: '24hrTicker' | '24hrMiniTicker';
  private sentMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ChannelParts, listed: Listed, type: '24hrTicker' | '24hrMiniTicker') {
    this.parts = parts;
    this.listed = listed;
    this.type = type;
  }

  tick(now: SimNow): string | null {
    if (now.tsMs - this.sentMs < 1_000) return null;
    this.sentMs = now.tsMs;
    const { listed, type } = this;
    const quote = this.parts.context.exchange.quote(listed.id);
    const mid = priceText(listed, (quote.bid + quote.ask) / 2);
    const mini = {
      e: type,
      E: now.tsMs,
      s: listed.symbol,
      c: mid,
      o: mid,
      h: mid,
      l: mid,
      v: '0',
      q: '0',
    };
    if (type === '24hrMiniTicker') return JSON.stringify(mini);
    const best =
      listed.market === 'spot'
        ? {
            b: priceText(listed, quote.bid),
            B: qtyText(listed, quote.bidQty),
            a: priceText(listed, quote.ask),
            A: qtyText(listed, quote.askQty),
          }
        : {};
    const rest = { p: '0', P: '0', w: mid, Q: '0', O: now.tsMs, C: now.tsMs, F: 0, L: 0, n: 0 };
    return JSON.stringify({ ...mini, ...rest, ...best });
  }
}

class Trades implements Channel {
  private readonly listed: Listed;
  private readonly type: 'trade' | 'aggTrade';

  constructor(listed: Listed, type: 'trade' | 'aggTrade') {
    this.listed = listed;
    this.type = type;
  }

  tick(): string | null {
    return null;
  }

  event(event: SimEvent): string | null {
    if (event.kind !== 'fill' || event.fill.instrument !== this.listed.id) return null;
    const { fill } = event;
    const id = Number(fill.tradeId);
    const buyerIsMaker = (fill.side === 'buy') === (fill.liquidity === 'maker');
    const common = {
      e: this.type,
      E: event.tsMs,
      s: this.listed.symbol,
      p: exactPrice(this.listed, fill.price),
      q: exactQty(this.listed, fill.qty),
      T: fill.tsMs,
      m: buyerIsMaker,
    };
    const spot = this.listed.market === 'spot';
    if (this.type === 'aggTrade') {
      return JSON.stringify({ ...common, a: id, f: id, l: id, ...(spot ? { M: true } : {}) });
    }
    return JSON.stringify({ ...common, t: id, ...(spot ? { M: true } : { X: 'MARKET' }) });
  }
}

/** One frame with a list of what every symbol has to say. */
function everything(
  parts: ChannelParts,
  market: BinanceMarket,
  make: (listed: Listed) => Channel,
): Channel {
  const channels = parts.listings.all(market).map(make);
  return {
    tick(now) {
      const texts = channels.map((channel) => channel.tick(now)).filter((text) => text !== null);
      return texts.length === 0 ? null : `[${texts.join(',')}]`;
    },
  };
}
