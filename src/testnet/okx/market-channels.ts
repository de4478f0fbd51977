// Public channels: what is subscribed, and after every tick one frame per channel for all its
// sockets. Nothing is serialised that nobody subscribes, and nothing is sent that did not change.
import type { SimNow } from '../../sim/api.ts';
import type { TestnetSocket } from '../protocol.ts';
import { BookFeed } from './book-feed.ts';
import type { Listed } from './listing.ts';
import {
  fundingRow,
  indexRow,
  instrumentRow,
  markRow,
  numberText,
  tickerRow,
  wireLevels,
} from './market-rows.ts';
import type { OkxState } from './state.ts';

/** Levels that `books` shows of one side. */
const bookLevels = 400;
/** Rates are sent this often on the wall clock, and at once when a settlement has passed. */
const fundingEveryWallMs = 1_000;

export const publicChannels = [
  'bbo-tbt',
  'books',
  'books5',
  'tickers',
  'mark-price',
  'index-tickers',
  'funding-rate',
] as const;
export type PublicChannel = (typeof publicChannels)[number];

interface Topic {
  readonly channel: PublicChannel;
  readonly listed: Listed;
  readonly sockets: Set<TestnetSocket>;
  /** What the last frame said, to tell a change by. */
  told: string;
  /** For `books` alone. */
  readonly feed: BookFeed | null;
  fundingWallMs: number;
  settlesAtMs: number;
}

/** The part of a frame whose change is worth a frame, and the frame. */
interface Frame {
  readonly value: string;
  readonly text: () => string;
}

export class MarketChannels {
  private readonly state: OkxState;
  private readonly topics = new Map<string, Topic>();
  private resetting = false;

  constructor(state: OkxState) {
    this.state = state;
  }

  /** False: no such instrument in this channel. The first data goes to the new socket at once. */
  subscribe(channel: PublicChannel, instId: string, socket: TestnetSocket): boolean {
    const listed = this.listedOf(channel, instId);
    if (listed === null) return false;
    const key = `${channel} ${instId}`;
    let topic = this.topics.get(key);
    const { wallMs } = this.state.now();
    if (topic === undefined) {
      topic = {
        channel,
        listed,
        sockets: new Set(),
        told: '',
        feed: channel === 'books' ? new BookFeed(listed, this.book(listed), wallMs) : null,
        fundingWallMs: 0,
        settlesAtMs: 0,
      };
      this.topics.set(key, topic);
    }
    topic.sockets.add(socket);
    return true;
  }

  /** What a new subscriber gets first: the snapshot or the present value. */
  welcome(channel: PublicChannel, instId: string, socket: TestnetSocket): void {
    const topic = this.topics.get(`${channel} ${instId}`);
    if (topic === undefined) return;
    const frame = topic.feed?.snapshot() ?? this.frame(topic, this.state.now().tsMs)?.text();
    if (frame !== undefined) socket.send(frame);
  }

  unsubscribe(channel: PublicChannel, instId: string, socket: TestnetSocket): void {
    const key = `${channel} ${instId}`;
    const topic = this.topics.get(key);
    topic?.sockets.delete(socket);
    if (topic?.sockets.size === 0) this.topics.delete(key);
  }

  drop(socket: TestnetSocket): void {
    for (const { channel, listed } of [...this.topics.values()]) {
      this.unsubscribe(channel, nameIn(channel, listed), socket);
    }
  }

  tick(now: SimNow): void {
    const lost = this.state.context.fault('gap');
    const resetting = this.state.context.fault('sequence-reset');
    const reset = resetting && !this.resetting;
    this.resetting = resetting;
    for (const topic of this.topics.values()) {
      const text =
        topic.feed === null
          ? this.change(topic, now)
          : topic.feed.update(this.book(topic.listed), { wallMs: now.wallMs, lost, reset });
      if (text === null) continue;
      for (const socket of topic.sockets) socket.send(text);
    }
  }

  /** Rows of the `instruments` channel: all of a type, sent at the subscription. */
  instrumentsOf(instType: string): string {
    const rows = this.state.listings.all
      .filter((listed) => listed.instType === instType)
      .map(instrumentRow);
    return JSON.stringify({ arg: { channel: 'instruments', instType }, data: rows });
  }

  private change(topic: Topic, now: SimNow): string | null {
    if (topic.channel === 'funding-rate') {
      const due = now.wallMs - topic.fundingWallMs >= fundingEveryWallMs;
      if (!due && now.tsMs < topic.settlesAtMs) return null;
      topic.fundingWallMs = now.wallMs;
    }
    const frame = this.frame(topic, now.tsMs);
    if (frame === null || frame.value === topic.told) return null;
    topic.told = frame.value;
    return frame.text();
  }

  private frame(topic: Topic, tsMs: number): Frame | null {
    const { channel, listed } = topic;
    const { exchange } = this.state;
    const head = `{"arg":{"channel":"${channel}","instId":"${nameIn(channel, listed)}"},"data":[`;
    switch (channel) {
      case 'bbo-tbt': {
        const quote = exchange.quote(listed.id);
        const value =
          `{"asks":${levelText(listed, quote.ask, quote.askQty)},` +
          `"bids":${levelText(listed, quote.bid, quote.bidQty)},`;
        const tail = `"ts":"${quote.tsMs}","seqId":${quote.updateId}}]}`;
        return { value, text: () => head + value + tail };
      }
      case 'books5': {
        const book = exchange.book(listed.id, 5);
        const asks = JSON.stringify(wireLevels(book.asks, listed));
        const bids = JSON.stringify(wireLevels(book.bids, listed));
        const value = `{"asks":${asks},"bids":${bids},"instId":"${listed.instId}",`;
        const tail = `"ts":"${book.tsMs}","seqId":${book.updateId}}]}`;
        return { value, text: () => head + value + tail };
      }
      case 'tickers': {
        const row = tickerRow(exchange, listed);
        const value = `${row['bidPx']} ${row['bidSz']} ${row['askPx']} ${row['askSz']}`;
        return { value, text: () => `${head}${JSON.stringify(row)}]}` };
      }
      case 'mark-price': {
        const value = numberText(exchange.mark(listed.id));
        const row = () => markRow(exchange, listed, tsMs);
        return { value, text: () => `${head}${JSON.stringify(row())}]}` };
      }
      case 'index-tickers': {
        const value = numberText(exchange.index(listed.id));
        const row = () => indexRow(exchange, listed, tsMs);
        return { value, text: () => `${head}${JSON.stringify(row())}]}` };
      }
      case 'funding-rate': {
        const row = fundingRow(exchange, listed, tsMs);
        if (row === null) return null;
        topic.settlesAtMs = Number(row['fundingTime']);
        const text = `${head}${JSON.stringify(row)}]}`;
        return { value: text, text: () => text };
      }
      case 'books':
        return null;
    }
  }

  private book(listed: Listed) {
    return this.state.exchange.book(listed.id, bookLevels);
  }

  private listedOf(channel: PublicChannel, instId: string): Listed | null {
    const { listings } = this.state;
    if (channel === 'index-tickers') {
      const priced = listings.all.filter((listed) => listed.pair === instId);
      return priced.find((listed) => listed.instType === 'SWAP') ?? priced[0] ?? null;
    }
    const listed = listings.byInstId(instId);
    const swapsOnly = channel === 'funding-rate';
    return swapsOnly && listed?.instType !== 'SWAP' ? null : listed;
  }
}

function nameIn(channel: PublicChannel, listed: Listed): string {
  return channel === 'index-tickers' ? listed.pair : listed.instId;
}

/** `[["price","size","0","1"]]`, or `[]` for an empty side. */
function levelText(listed: Listed, price: number, qty: number): string {
  if (!(qty > 0)) return '[]';
  return `[["${listed.priceText(price)}","${listed.sizeText(qty)}","0","1"]]`;
}
