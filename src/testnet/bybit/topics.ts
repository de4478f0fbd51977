// What a public topic publishes. A topic exists while somebody subscribes it: it remembers what it
// said last, says only what changed, and makes each frame once for all its subscribers.

import type { Level } from '../../domain/venue-event.ts';
import type { SimNow } from '../../sim/api.ts';
import type { Listed } from './listing.ts';
import type { BybitState } from './state.ts';
import { spotTicker, type Ticker, tickerOf } from './tickers.ts';

export interface Topic {
  /** What a new subscriber gets first; null = nothing until something happens. */
  snapshot(now: SimNow): string | null;
  /** The frame of this tick, or null when there is nothing new. */
  next(now: SimNow): string | null;
}

const topicText = /^(orderbook\.(?:1|50|200|1000)|tickers|publicTrade)\.([A-Z0-9-]+)$/;

/** Null = no such topic in this category. */
export function makeTopic(state: BybitState, category: string, name: string): Topic | null {
  const match = topicText.exec(name);
  const [, kind = '', symbol = ''] = match ?? [];
  const listed = match === null ? null : state.listings.find(category, symbol);
  if (listed === null) return null;
  if (kind === 'publicTrade') return quietTopic;
  if (kind === 'tickers') {
    return listed.category === 'spot'
      ? new SpotTickerTopic(state, listed, name)
      : new TickerTopic(state, listed, name);
  }
  const depth = Number(kind.split('.')[1]);
  if (depth === 1) return new QuoteTopic(state, listed, name);
  return new BookTopic(state, { listed, name, depth });
}

/** The simulated market has no trades of others. */
const quietTopic: Topic = { snapshot: () => null, next: () => null };

/** An unchanged level 1 is said again after this long. */
const quoteRepeatWallMs = 3_000;

/** Snapshots only. */
class QuoteTopic implements Topic {
  private readonly state: BybitState;
  private readonly listed: Listed;
  private readonly name: string;
  private updateId = -1;
  private saidWallMs = 0;

  constructor(state: BybitState, listed: Listed, name: string) {
    this.state = state;
    this.listed = listed;
    this.name = name;
  }

  snapshot(now: SimNow): string {
    const { bid, bidQty, ask, askQty, updateId } = this.state.exchange.quote(this.listed.id);
    return (
      `{"topic":"${this.name}","type":"snapshot","ts":${now.tsMs},` +
      `"data":{"s":"${this.listed.symbol}","b":${this.side(bid, bidQty)},` +
      `"a":${this.side(ask, askQty)},"u":${updateId},"seq":${updateId}},"cts":${now.tsMs}}`
    );
  }

  next(now: SimNow): string | null {
    const { updateId } = this.state.exchange.quote(this.listed.id);
    const isNew = updateId !== this.updateId;
    if (!isNew && now.wallMs - this.saidWallMs < quoteRepeatWallMs) return null;
    this.updateId = updateId;
    this.saidWallMs = now.wallMs;
    return this.snapshot(now);
  }

  private side(price: number, qty: number): string {
    if (!(price > 0) || !(qty > 0)) return '[]';
    return `[["${this.listed.priceText(price)}","${this.listed.qtyText(qty)}"]]`;
  }
}

type Side = ReadonlyMap<string, string>;

/** A snapshot to each new subscriber, then deltas to all; `u` goes up by one per frame. */
class BookTopic implements Topic {
  private readonly state: BybitState;
  private readonly listed: Listed;
  private readonly name: string;
  private readonly depth: number;
  private bids: Side = new Map();
  private asks: Side = new Map();
  private bookId = -1;
  private u = 1;
  /** A fault happens once each time it is switched on. */
  private gapped = false;
  private restarted = false;

  constructor(
    state: BybitState,
    topic: { readonly listed: Listed; readonly name: string; readonly depth: number },
  ) {
    this.state = state;
    this.listed = topic.listed;
    this.name = topic.name;
    this.depth = topic.depth;
  }

  /** The book as last published, so that the next delta follows it. */
  snapshot(now: SimNow): string {
    if (this.bookId < 0) this.read();
    return this.frame('snapshot', now, listOf(this.bids), listOf(this.asks));
  }

  next(now: SimNow): string | null {
    const { bids, asks, bookId } = this;
    this.read();
    if (this.restartsNow()) {
      this.u = 1;
      return this.frame('snapshot', now, listOf(this.bids), listOf(this.asks));
    }
    if (this.bookId === bookId) return null;
    const bidChanges = changesOf(bids, this.bids);
    const askChanges = changesOf(asks, this.asks);
    if (bidChanges === '' && askChanges === '') return null;
    this.u++;
    return this.losesNow() ? null : this.frame('delta', now, bidChanges, askChanges);
  }

  private read(): void {
    const book = this.state.exchange.book(this.listed.id, this.depth);
    if (book.updateId === this.bookId) return;
    this.bookId = book.updateId;
    this.bids = this.sideOf(book.bids);
    this.asks = this.sideOf(book.asks);
  }

  private sideOf(levels: readonly Level[]): Side {
    const side = new Map<string, string>();
    for (const [price, qty] of levels) {
      side.set(this.listed.priceText(price), this.listed.qtyText(qty));
    }
    return side;
  }

  private frame(type: string, now: SimNow, bids: string, asks: string): string {
    return (
      `{"topic":"${this.name}","type":"${type}","ts":${now.tsMs},` +
      `"data":{"s":"${this.listed.symbol}","b":[${bids}],"a":[${asks}],` +
      `"u":${this.u},"seq":${this.bookId}},"cts":${now.tsMs}}`
    );
  }

  private losesNow(): boolean {
    const on = this.state.context.fault('gap');
    const loses = on && !this.gapped;
    this.gapped = on;
    return loses;
  }

  private restartsNow(): boolean {
    const on = this.state.context.fault('sequence-reset');
    const restarts = on && !this.restarted;
    this.restarted = on;
    return restarts;
  }
}

function listOf(side: Side): string {
  let text = '';
  for (const [price, qty] of side) text += `${text === '' ? '' : ','}["${price}","${qty}"]`;
  return text;
}

/** Levels that are new or other, and with quantity 0 those that are gone. */
function changesOf(before: Side, after: Side): string {
  let text = '';
  const add = (price: string, qty: string): void => {
    text += `${text === '' ? '' : ','}["${price}","${qty}"]`;
  };
  for (const [price, qty] of after) if (before.get(price) !== qty) add(price, qty);
  for (const price of before.keys()) if (!after.has(price)) add(price, '0');
  return text;
}

/** A snapshot to each new subscriber, then only the fields that changed. */
class TickerTopic implements Topic {
  private readonly state: BybitState;
  private readonly listed: Listed;
  private readonly name: string;
  private said: Ticker | null = null;
  private count = 0;

  constructor(state: BybitState, listed: Listed, name: string) {
    this.state = state;
    this.listed = listed;
    this.name = name;
  }

  snapshot(now: SimNow): string {
    this.said ??= tickerOf(this.state, this.listed);
    return this.frame('snapshot', now, this.said);
  }

  next(now: SimNow): string | null {
    const ticker = tickerOf(this.state, this.listed);
    const before = this.said;
    this.said = ticker;
    if (before === null) return this.frame('snapshot', now, ticker);
    const changed: Record<string, string> = {};
    for (const key of Object.keys(ticker)) {
      const value = ticker[key] as string;
      if (before[key] !== value) changed[key] = value;
    }
    if (Object.keys(changed).length === 0) return null;
    return this.frame('delta', now, { symbol: this.listed.symbol, ...changed });
  }

  private frame(type: string, now: SimNow, data: Ticker): string {
    const cs = ++this.count;
    return JSON.stringify({ topic: this.name, type, data, cs, ts: now.tsMs });
  }
}

/** Snapshots only. */
class SpotTickerTopic implements Topic {
  private readonly state: BybitState;
  private readonly listed: Listed;
  private readonly name: string;
  private said = '';
  private count = 0;

  constructor(state: BybitState, listed: Listed, name: string) {
    this.state = state;
    this.listed = listed;
    this.name = name;
  }

  snapshot(now: SimNow): string {
    return this.frame(now, spotTicker(this.state, this.listed));
  }

  next(now: SimNow): string | null {
    const ticker = spotTicker(this.state, this.listed);
    const text = JSON.stringify(ticker);
    if (text === this.said) return null;
    this.said = text;
    return this.frame(now, ticker);
  }

  private frame(now: SimNow, data: Ticker): string {
    const cs = ++this.count;
    return JSON.stringify({ topic: this.name, ts: now.tsMs, type: 'snapshot', cs, data });
  }
}
