// From the bytes of market-data frames to what a decision reads, against JSON.parse of the same
// frames alone, against the same work with objects, and against the handlers of ccxt pro and of the
// venues' own clients.
import { EventEmitter } from 'node:events';
import { toNumber } from '../src/base/decimal.ts';
import { FrameBuffer } from '../src/base/frame.ts';
import { DepthFrame, type DepthScanner, depthSlots } from '../src/domain/depth-frame.ts';
import type { Catalog, Instrument } from '../src/domain/instrument.ts';
import { type QuoteScanner, quoteSlots, type VenueSpec } from '../src/domain/venue-spec.ts';
import { OrderBook } from '../src/io/book.ts';
import { binance } from '../src/venues/binance/index.ts';
import { bybit } from '../src/venues/bybit/index.ts';
import { okx } from '../src/venues/okx/index.ts';
import {
  depthFrames,
  type FeedVenue,
  feedVenues,
  firstSeq,
  framesPerFeed,
  quoteFrames,
  symbolOf,
} from './frames.ts';
import { benchMarket, benchTsMs, perpOf } from './market.ts';
import { type Bench, heapBytesPer, mediansNs, type Row } from './measure.ts';
import { ccxtPro } from './peers.ts';
import { sdkHandler } from './sdk-handlers.ts';

const specs: Readonly<Record<FeedVenue, VenueSpec>> = { binance, okx, bybit };
const bookLevelsMax = 1_000;
const depths = [20, 100];

export const decodeBench: Bench = {
  title: 'frames: best bid/ask to decision, depth into the book (per frame)',
  run: () => [...quoteRows(), ...depths.flatMap(depthRows)],
};

/** A candidate takes frame i of its feed, and is told when the frames begin again. */
interface Candidate {
  readonly name: string;
  readonly take: (i: number) => void;
  readonly rewind?: () => void;
}

function rowsOf(title: string, candidates: readonly Candidate[], heap: () => void): readonly Row[] {
  const works = candidates.map(({ take, rewind }) => () => {
    rewind?.();
    for (let i = 0; i < framesPerFeed; i++) take(i);
  });
  const ns = mediansNs(works, framesPerFeed);
  const ours = ns[0] as number;
  const bytes = heapBytesPer(heap, 300_000);
  return candidates.map(({ name }, k) => ({
    name: `${title}: ${name}`,
    value: ns[k] as number,
    unit: 'ns',
    ratio: (ns[k] as number) / ours,
    note: k === 0 ? `heap ${bytes.toFixed(1)} bytes per frame` : '',
  }));
}

// ---- best bid/ask -------------------------------------------------------------------------------

interface Quotes {
  readonly venue: FeedVenue;
  readonly frames: readonly Buffer[];
  readonly laid: Laid;
  readonly scanner: QuoteScanner;
}

/** Frames one behind the other in one buffer, as a read of a socket leaves them. */
interface Laid {
  readonly buffer: FrameBuffer;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function lay(frames: readonly Buffer[]): Laid {
  const headBytes = 4;
  const size = frames.reduce((sum, { length }) => sum + headBytes + length, 0);
  const buffer = new FrameBuffer(size);
  let at = 0;
  const from = Int32Array.from(frames, (frame) => {
    const start = at + headBytes;
    buffer.bytes.set(frame, start);
    at = start + frame.length;
    return start;
  });
  return { buffer, from, to: from.map((start, i) => start + (frames[i] as Buffer).length) };
}

function quoteRows(): readonly Row[] {
  const { catalog, table, scan } = benchMarket(instruments());
  const feeds = feedVenues.map((venue): Quotes => {
    const source = { stream: venue, market: 'linear' } as const;
    const scanner = specs[venue].quoteScanner(source, catalog);
    const frames = quoteFrames(venue);
    return { venue, frames, laid: lay(frames), scanner };
  });
  const values = new Float64Array(quoteSlots.size);
  values[quoteSlots.receivedWallMs] = benchTsMs;
  const take = ({ laid, scanner }: Quotes, i: number): void => {
    const index = scanner(laid.buffer, laid.from[i] as number, laid.to[i] as number, values);
    if (index < 0) throw new Error('the scanner does not read the frame');
    if (table.setQuote(index, values) && scan.onQuote(index) !== 0) {
      throw new Error('a calm market passes nothing');
    }
  };
  const peers = feedVenues.map(ccxtPro);
  const sdks = feedVenues.map(sdkHandler);
  const objects = objectPath();
  /** The venues in turn, as frames arrive. */
  const mixed = (each: (feed: Quotes, k: number, i: number) => void) => (i: number) => {
    const k = i % feeds.length;
    each(feeds[k] as Quotes, k, i);
  };
  let next = 0;
  const rows = rowsOf(
    'best bid/ask, three venues mixed',
    [
      { name: 'bytes to decision', take: mixed((feed, _, i) => take(feed, i)) },
      { name: 'toString and JSON.parse alone', take: mixed((feed, _, i) => parse(feed.frames, i)) },
      {
        name: 'JSON.parse, objects, Map, emitter',
        take: mixed((feed, _, i) => objects(feed.venue, feed.frames[i] as Buffer)),
      },
      {
        name: 'ccxt pro handler',
        take: mixed((feed, k, i) => peers[k]?.take(feed.frames[i] as Buffer)),
      },
      {
        name: 'binance, okx-api, bybit-api: bytes to event',
        take: mixed((feed, k, i) => sdks[k]?.take(feed.frames[i] as Buffer)),
      },
    ],
    () => take(feeds[next % 3] as Quotes, next++ % framesPerFeed),
  );
  if (sdks.some(({ told }) => told() === 0)) throw new Error('a client told of no quote');
  const single = feeds.flatMap((feed) =>
    rowsOf(
      `${feed.venue} best bid/ask (${feed.frames[0]?.length} bytes)`,
      [
        { name: 'bytes to decision', take: (i) => take(feed, i) },
        { name: 'toString and JSON.parse alone', take: (i) => parse(feed.frames, i) },
      ],
      () => take(feed, next++ % framesPerFeed),
    ),
  );
  return [...rows, ...single];
}

function instruments() {
  return feedVenues.map((venue) => perpOf(venue, symbolOf[venue], 'BTC'));
}

function parse(frames: readonly Buffer[], i: number): unknown {
  return JSON.parse((frames[i] as Buffer).toString());
}

/** How such a thing is usually written: a quote object per frame, kept by key, told by an event. */
function objectPath(): (venue: FeedVenue, frame: Buffer) => void {
  const quotes = new Map<string, { venue: string; bid: number; ask: number }>();
  const emitter = new EventEmitter();
  let passed = 0;
  emitter.on('quote', (quote: { venue: string; bid: number; ask: number }) => {
    for (const other of quotes.values()) {
      if (other.venue === quote.venue) continue;
      for (const [long, short] of [
        [quote, other],
        [other, quote],
      ] as const) {
        if ((short.bid - long.ask) / long.ask > 0.01) passed++;
      }
    }
    if (passed > 0) throw new Error('a calm market passes nothing');
  });
  return (venue, frame) => {
    const message = JSON.parse(frame.toString());
    const data = venue === 'binance' ? message : venue === 'okx' ? message.data[0] : message.data;
    const side = (row: unknown) => Number(Array.isArray(row) ? row[0][0] : row);
    const bid = side(data.bids ?? data.b);
    const ask = side(data.asks ?? data.a);
    const quote = { venue, bid, ask };
    quotes.set(`${venue}:${symbolOf[venue]}`, quote);
    emitter.emit('quote', quote);
  };
}

// ---- depth --------------------------------------------------------------------------------------

function depthRows(levels: number): readonly Row[] {
  const { catalog } = benchMarket(instruments());
  return feedVenues.flatMap((venue) => depthRowsOf(venue, levels, catalog));
}

function depthRowsOf(venue: FeedVenue, levels: number, catalog: Catalog): readonly Row[] {
  const spec = specs[venue];
  const frames = depthFrames(venue, levels);
  const source = { stream: venue, market: 'linear' } as const;
  const scanner = spec.depthScanner?.(source, catalog) as DepthScanner;
  const { buffer, from, to } = lay(frames);
  const depth = new DepthFrame();
  const step = { snapshot: false, seq: 0, prevSeq: 0, firstSeq: 0 };
  const made = () => new OrderBook(bookLevelsMax, bookLevelsMax, tickOf(catalog.at(0)));
  let book = made();
  const position = { lastSeq: 0, fresh: false };
  const rewind = (): void => {
    book = made();
    position.lastSeq = firstSeq - 1;
  };
  const take = (i: number): void => {
    if (scanner(buffer, from[i] as number, to[i] as number, depth) < 0)
      throw new Error('the frame is not read');
    step.seq = depth.head[depthSlots.seq] as number;
    step.prevSeq = depth.head[depthSlots.prevSeq] as number;
    step.firstSeq = depth.head[depthSlots.firstSeq] as number;
    if (spec.bookVerdict(step, position, 'linear') !== 'apply') throw new Error('out of sequence');
    book.applyFrame(depth);
    position.lastSeq = step.seq;
    if (book.crossed) throw new Error('crossed');
  };
  const map = mapBook(venue);
  const peer = ccxtPro(venue);
  let next = 0;
  const rows = rowsOf(
    `${venue} depth of ${levels} levels (${frames[0]?.length} bytes)`,
    [
      { name: 'bytes into the book', take, rewind },
      { name: 'toString and JSON.parse alone', take: (i) => parse(frames, i) },
      { name: 'JSON.parse into a Map', take: (i) => map(frames[i] as Buffer) },
      {
        name: 'ccxt pro, book kept',
        take: (i) => peer.take(frames[i] as Buffer),
        rewind: peer.rewind,
      },
    ],
    () => {
      const i = next++ % framesPerFeed;
      if (i === 0) position.lastSeq = firstSeq - 1;
      take(i);
    },
  );
  if (book.bids.length + book.asks.length !== peer.levels()) {
    throw new Error(`${venue}: our book and ccxt's differ`);
  }
  return rows;
}

function tickOf({ tickSize }: Instrument): number | null {
  return tickSize === null ? null : toNumber(tickSize);
}

function mapBook(venue: FeedVenue): (frame: Buffer) => void {
  const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  return (frame) => {
    const message = JSON.parse(frame.toString());
    const data = venue === 'binance' ? message : venue === 'okx' ? message.data[0] : message.data;
    for (const [side, rows] of [
      [sides.bids, data.bids ?? data.b],
      [sides.asks, data.asks ?? data.a],
    ] as const) {
      for (const [price, qty] of rows) {
        if (Number(qty) === 0) side.delete(Number(price));
        else side.set(Number(price), Number(qty));
      }
    }
  };
}
