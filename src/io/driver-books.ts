// Keeps the depth books of one venue in sequence and publishes their best levels. A book with a gap
// is taken away at once and comes back whole: a gapped book must never be served.
import { toNumber } from '../base/decimal.ts';
import { type DepthFrame, depthSlots } from '../domain/depth-frame.ts';
import type { Instrument, Market } from '../domain/instrument.ts';
import { marketOf } from '../domain/instrument.ts';
import type { DepthEvent } from '../domain/venue-event.ts';
import { OrderBook } from './book.ts';
import type { Feeder, MarketContext } from './driver-types.ts';

type State = 'waiting' | 'live' | 'resyncing';

interface Feed {
  readonly index: number;
  readonly instrument: Instrument;
  readonly market: Market;
  readonly book: OrderBook;
  /** True: the snapshot comes over REST. False: the stream sends it after a subscription. */
  readonly restSnapshot: boolean;
  state: State;
  stream: Feeder;
  /** As the last snapshot or delta had it: see `sequenceNumber`. */
  lastSeq: string | number | null;
  /** No delta was applied since the snapshot. */
  fresh: boolean;
  buffer: DepthEvent[];
  reading: boolean;
  attempts: number;
  lastWallMs: number;
}

/**
 * waiting: no book yet; the first snapshot makes it live. live: every delta asks the venue's rule:
 * applied, dropped, or the book is lost. resyncing: lost (a gap, a crossed book, silence, a lost
 * connection): nothing is published; deltas wait in a bounded buffer where the snapshot comes over
 * REST and are ignored where the stream sends it; live again with the next snapshot. The REST read
 * starts after a jittered delay that grows with failures; the stream is reconnected at most once
 * per `bookReconnectGapMs`.
 */
export class Books {
  private readonly context: MarketContext;
  private readonly feeds = new Map<number, Feed>();
  private readonly reconnects = new Map<Feeder, number>();
  private readonly lost = new Set<number>();
  /** Reused for every scanned delta. */
  private readonly step = { snapshot: false, seq: 0, prevSeq: 0, firstSeq: 0 };
  private readonly position: { lastSeq: string | number | null; fresh: boolean } = {
    lastSeq: null,
    fresh: false,
  };
  private resyncs = 0;
  private stopped = false;

  constructor(context: MarketContext) {
    this.context = context;
  }

  event(event: DepthEvent, index: number, wallMs: number, stream: Feeder): void {
    const feed = this.feed(index, stream, wallMs);
    feed.stream = stream;
    feed.lastWallMs = wallMs;
    if (event.snapshot) {
      this.adopt(feed, event, wallMs);
    } else if (feed.state === 'live') {
      this.delta(feed, event, wallMs);
    } else if (feed.restSnapshot) {
      this.hold(feed, event);
      this.requestSnapshot(feed);
    }
  }

  /**
   * The same for a delta that was scanned. False = the book is not live, or the delta does not
   * follow: it has to be decoded, because it may have to be kept.
   */
  scanned(index: number, frame: DepthFrame, stream: Feeder): boolean {
    const feed = this.feeds.get(index);
    if (feed === undefined || feed.state !== 'live') return false;
    const { step, position } = this;
    step.seq = frame.head[depthSlots.seq] as number;
    step.prevSeq = frame.head[depthSlots.prevSeq] as number;
    step.firstSeq = frame.head[depthSlots.firstSeq] as number;
    position.lastSeq = feed.lastSeq;
    position.fresh = feed.fresh;
    const verdict = this.context.spec.bookVerdict(step, position, feed.market);
    if (verdict === 'resync') return false;
    const wallMs = frame.head[depthSlots.receivedWallMs] as number;
    feed.stream = stream;
    feed.lastWallMs = wallMs;
    if (verdict === 'drop') return true;
    feed.book.applyFrame(frame);
    feed.lastSeq = step.seq;
    feed.fresh = false;
    if (feed.book.crossed) this.restart(feed, 'crossed', wallMs);
    else this.publish(feed, wallMs);
    return true;
  }

  /** A book that REST answered with, for a feed that waits for one. */
  snapshot(event: DepthEvent, index: number, wallMs: number): void {
    const feed = this.feeds.get(index);
    if (feed === undefined || feed.state === 'live' || !feed.stream.isUp) return;
    this.adopt(feed, event, wallMs);
  }

  lostStream(stream: Feeder): void {
    for (const feed of this.feeds.values()) {
      if (feed.stream !== stream) continue;
      if (feed.state === 'live') this.lose(feed, 'the stream was lost');
      feed.buffer = [];
    }
  }

  /** Takes a silent book away and asks again for one that does not come. */
  tick(wallMs: number): void {
    const { bookSilenceMsMax } = this.context.limits;
    for (const feed of this.feeds.values()) {
      if (feed.state === 'live') {
        if (wallMs - feed.lastWallMs > bookSilenceMsMax) this.restart(feed, 'silent', wallMs);
      } else if (!feed.restSnapshot && feed.stream.isUp) {
        this.resubscribe(feed, wallMs);
      }
    }
  }

  stop(): void {
    this.stopped = true;
  }

  stats(wallMs: number): {
    readonly live: number;
    readonly resyncs: number;
    readonly ageMsMax: number | null;
  } {
    let live = 0;
    let ageMsMax: number | null = null;
    for (const feed of this.feeds.values()) {
      if (feed.state !== 'live') continue;
      live++;
      ageMsMax = Math.max(ageMsMax ?? 0, wallMs - feed.lastWallMs);
    }
    return { live, resyncs: this.resyncs, ageMsMax };
  }

  private feed(index: number, stream: Feeder, wallMs: number): Feed {
    const known = this.feeds.get(index);
    if (known !== undefined) return known;
    const instrument = this.context.catalog.at(index);
    const { bookLevelsMax, bookTopLevels } = this.context.limits;
    const { tickSize } = instrument;
    const feed: Feed = {
      index,
      instrument,
      market: marketOf(instrument.kind),
      book: new OrderBook(
        bookLevelsMax,
        bookTopLevels,
        tickSize === null ? null : toNumber(tickSize),
      ),
      restSnapshot: this.context.spec.requests.depth(instrument) !== null,
      state: 'waiting',
      stream,
      lastSeq: null,
      fresh: true,
      buffer: [],
      reading: false,
      attempts: 0,
      lastWallMs: wallMs,
    };
    this.feeds.set(index, feed);
    return feed;
  }

  /** The whole book, from the stream or over REST. */
  private adopt(feed: Feed, event: DepthEvent, wallMs: number): void {
    feed.book.replace(event.bids, event.asks);
    feed.lastSeq = event.seq;
    feed.fresh = true;
    if (feed.book.crossed) {
      this.restart(feed, 'the snapshot is crossed', wallMs);
      return;
    }
    feed.state = 'live';
    this.publish(feed, wallMs);
    const held = feed.buffer;
    feed.buffer = [];
    for (let i = 0; i < held.length; i++) {
      this.delta(feed, held[i] as DepthEvent, wallMs);
      if (feed.state !== 'live') {
        // The snapshot is older than what was held: those deltas serve the next one.
        feed.buffer = held.slice(i);
        return;
      }
    }
    feed.attempts = 0;
    if (this.lost.delete(feed.index) && this.lost.size === 0)
      this.status('up', 'every book is back');
  }

  private delta(feed: Feed, event: DepthEvent, wallMs: number): void {
    const { lastSeq, fresh } = feed;
    const verdict = this.context.spec.bookVerdict(event, { lastSeq, fresh }, feed.market);
    if (verdict === 'drop') return;
    if (verdict === 'resync') {
      this.restart(feed, `gap after ${lastSeq ?? 'nothing'}, next is ${event.seq ?? '?'}`, wallMs);
      if (feed.restSnapshot) this.hold(feed, event);
      return;
    }
    feed.book.apply(event.bids, event.asks);
    feed.lastSeq = event.seq;
    feed.fresh = false;
    if (feed.book.crossed) this.restart(feed, 'crossed', wallMs);
    else this.publish(feed, wallMs);
  }

  private publish(feed: Feed, wallMs: number): void {
    feed.book.wallMs = wallMs;
    this.context.table.books[feed.index] = feed.book;
  }

  private restart(feed: Feed, reason: string, wallMs: number): void {
    this.lose(feed, reason);
    if (feed.restSnapshot) this.requestSnapshot(feed);
    else this.resubscribe(feed, wallMs);
  }

  private lose(feed: Feed, reason: string): void {
    this.context.table.books[feed.index] = undefined;
    feed.state = 'resyncing';
    feed.lastSeq = null;
    feed.buffer = [];
    this.resyncs++;
    const { venue, log } = this.context;
    log.warn({ venue, instrument: feed.instrument.id, reason }, 'book lost');
    if (this.lost.size === 0) this.status('resyncing', `${feed.instrument.id}: ${reason}`);
    this.lost.add(feed.index);
  }

  private hold(feed: Feed, event: DepthEvent): void {
    feed.buffer.push(event);
    if (feed.buffer.length > this.context.limits.bookBufferMax) feed.buffer.shift();
  }

  /** A connection gets `bookReconnectGapMs` to send its snapshots before it is dropped again. */
  private resubscribe(feed: Feed, wallMs: number): void {
    const askedMs = this.reconnects.get(feed.stream) ?? 0;
    const sinceMs = wallMs - Math.max(askedMs, feed.stream.upSinceWallMs);
    if (sinceMs < this.context.limits.bookReconnectGapMs) return;
    this.reconnects.set(feed.stream, wallMs);
    feed.stream.reconnect(`${feed.instrument.id} needs a new book`);
  }

  private requestSnapshot(feed: Feed): void {
    if (feed.reading || this.stopped || this.context.rest === null) return;
    feed.reading = true;
    const { bookJitterMs, bookRetryMsMax } = this.context.limits;
    const fullMs = Math.min(bookRetryMsMax, bookJitterMs * 2 ** Math.min(feed.attempts, 16));
    feed.attempts++;
    setTimeout(() => void this.readSnapshot(feed), fullMs * Math.random()).unref();
  }

  private async readSnapshot(feed: Feed): Promise<void> {
    const { spec, rest } = this.context;
    const request = spec.requests.depth(feed.instrument);
    const result = request === null || this.stopped ? null : ((await rest?.read(request)) ?? null);
    feed.reading = false;
    if (result === null || this.stopped || feed.state === 'live' || !feed.stream.isUp) return;
    const snapshot = result.ok
      ? result.events.find((e): e is DepthEvent => e.kind === 'depth' && e.snapshot)
      : undefined;
    if (snapshot === undefined) {
      const { venue, log } = this.context;
      const reason = result.ok ? 'the reply holds no book' : result.error.message;
      log.warn({ venue, instrument: feed.instrument.id, reason }, 'book snapshot failed');
      this.requestSnapshot(feed);
      return;
    }
    this.adopt(feed, snapshot, this.context.clock.wallMs());
  }

  private status(status: 'up' | 'resyncing', detail: string): void {
    const { venue } = this.context;
    this.context.emit({ kind: 'venue-status', venue, channel: 'book', status, detail });
  }
}
