// One venue's public data from a recording, in the place of its driver: the same decoders, books
// and table, fed frame by frame and without a socket or a timer. What a driver would have asked for
// is taken where the recording has the answer.
import { FrameBuffer } from '../base/frame.ts';
import { DepthFrame, type DepthScanner, depthSlots } from '../domain/depth-frame.ts';
import type { DriverEvent } from '../domain/event.ts';
import type { Catalog, Instrument, InstrumentId } from '../domain/instrument.ts';
import type { MarketTable } from '../domain/market-table.ts';
import { slot } from '../domain/market-table.ts';
import type { Clock } from '../domain/ports.ts';
import type { RawFrame } from '../domain/raw-frame.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import {
  type FrameSource,
  type HttpRequest,
  type QuoteScanner,
  quoteSlots,
  requestToReadBy,
  type VenueSpec,
} from '../domain/venue-spec.ts';
import { Books } from './driver-books.ts';
import { driverLimits } from './driver-limits.ts';
import { Market } from './driver-market.ts';
import type { DriverLog, Feeder, MarketContext } from './driver-types.ts';

/** Longer frames are neither quotes nor deltas of a book, and go to `decode` at once. */
const scannedBytesMax = 64 * 1024;
/** Of the streams of one venue; a recording of more is of something else. */
const streamsMax = 1_024;

export interface RecordedVenueOptions {
  readonly spec: VenueSpec;
  /** Stands at the receive time of the frame that is put in. */
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly symbols: (instrument: Instrument) => boolean;
  readonly emit: (event: DriverEvent) => void;
  readonly onQuote: (instrumentIndex: number) => void;
  /** Everything that a driver asks before it opens its streams has been answered. */
  readonly onListed: (venue: RecordedVenue) => void;
  readonly log: DriverLog;
}

export class RecordedVenue {
  readonly spec: VenueSpec;
  unrecognized = 0;
  private readonly options: RecordedVenueOptions;
  private readonly context: MarketContext;
  private readonly books: Books;
  private readonly market: Market;
  private readonly streams = new Map<string, RecordedStream>();
  private readonly wanted = new Map<InstrumentId, Instrument>();
  private listed = false;

  constructor(options: RecordedVenueOptions) {
    this.options = options;
    this.spec = options.spec;
    this.context = { ...options, venue: options.spec.id, limits: driverLimits, rest: null };
    this.books = new Books(this.context);
    this.market = new Market(this.context, this.books);
  }

  get isListed(): boolean {
    return this.listed;
  }

  /** Wanted instruments that the recording lists, with the intervals that are known by now. */
  get instruments(): readonly Instrument[] {
    const { catalog, table } = this.options;
    return [...this.wanted.values()].map((instrument) => {
      const intervalMs = table.get(catalog.indexOf(instrument.id), slot.intervalMs);
      return Number.isNaN(intervalMs)
        ? instrument
        : { ...instrument, fundingIntervalMs: intervalMs };
    });
  }

  /** Frames in the order of receipt. */
  put(frame: RawFrame): void {
    const { receivedWallMs: wallMs, request, bytes } = frame;
    if (request !== undefined) {
      const body = Buffer.from(bytes).toString('utf8');
      this.answered(requestOf(frame), { status: request.status, body }, wallMs);
      return;
    }
    const stream = this.streamOf(frame);
    if (frame.lost === true) {
      stream.isUp = false;
      this.market.lost(stream);
      this.status('down', `${frame.stream}: lost`);
      return;
    }
    if (!this.listed && this.wanted.size > 0) {
      this.listed = true;
      this.options.onListed(this);
    }
    if (!stream.isUp) {
      stream.isUp = true;
      stream.upSinceWallMs = wallMs;
      if (stream.frames > 0) this.status('up', `${frame.stream}: back`);
    }
    stream.frames++;
    if (this.scan(stream, bytes, wallMs)) return;
    for (const event of this.spec.decode(bytes, stream.source, this.options.catalog)) {
      if (event.kind === 'unrecognized') this.unrecognized++;
      else this.market.event(event, wallMs, stream);
    }
  }

  /** Looks for books that have gone silent: every few hundred ms of wall time. */
  tick(wallMs: number): void {
    this.books.tick(wallMs);
  }

  private scan(stream: RecordedStream, bytes: Uint8Array, wallMs: number): boolean {
    if (!stream.buffer.load(bytes)) return false;
    const { values, buffer, levels } = stream;
    const index = stream.quotes(buffer, 0, bytes.length, values);
    if (index >= 0) {
      values[quoteSlots.receivedWallMs] = wallMs;
      this.market.quote(index, values, stream);
      return true;
    }
    const book = stream.depth?.(buffer, 0, bytes.length, levels) ?? -1;
    if (book < 0) return false;
    levels.head[depthSlots.receivedWallMs] = wallMs;
    return this.books.scanned(book, levels, stream);
  }

  private answered(
    request: HttpRequest,
    reply: { readonly status: number; readonly body: string },
    wallMs: number,
  ): void {
    const events = this.spec.decodeReply(request, reply, this.options.catalog);
    switch (request.purpose) {
      case 'instruments':
        this.list(events);
        return;
      case 'funding-rates':
        this.market.readRates(events, wallMs);
        return;
      case 'funding-history':
        for (const id of new Set(events.map(({ instrument }) => instrument))) {
          const index = id === null ? -1 : this.options.catalog.indexOf(id);
          const own = events.filter(({ instrument }) => instrument === id);
          if (index >= 0) this.market.readSettled(index, own);
        }
        return;
      case 'depth':
        for (const event of events) {
          if (event.kind !== 'depth' || !event.snapshot || event.instrument === null) continue;
          const index = this.options.catalog.indexOf(event.instrument);
          if (index >= 0) this.books.snapshot(event, index, wallMs);
        }
        return;
      case 'quotes':
        this.audit(events, wallMs);
        return;
      default:
    }
  }

  private list(events: readonly VenueEvent[]): void {
    const { catalog, table, symbols } = this.options;
    for (const event of events) {
      if (event.kind !== 'instrument' || !symbols(event.spec)) continue;
      const { spec } = event;
      this.wanted.set(spec.id, spec);
      const index = catalog.put(spec);
      const isNew = Number.isNaN(table.get(index, slot.intervalMs));
      if (isNew && spec.fundingIntervalMs !== null) {
        table.set(index, slot.intervalMs, spec.fundingIntervalMs);
      }
    }
    for (const stream of this.streams.values()) stream.rebuild(this.spec, catalog);
    if (this.listed) this.options.onListed(this);
  }

  /** A quote that stood still and was asked for: see the driver's watch. */
  private audit(events: readonly VenueEvent[], wallMs: number): void {
    const { catalog, table } = this.options;
    for (const event of events) {
      if (event.kind !== 'quote' || event.instrument === null) continue;
      const index = catalog.indexOf(event.instrument);
      if (index < 0) continue;
      const ageMs = wallMs - table.get(index, slot.quoteWallMs);
      if (!(ageMs > driverLimits.quoteAuditAgeMs)) continue;
      if (this.market.differs(index, event)) this.market.invalidate(index);
      else if (this.market.streamOf(index)?.isUp === true) {
        this.market.auditedQuote(index, event, wallMs);
      }
    }
  }

  private streamOf({ stream: name, market }: RawFrame): RecordedStream {
    const key = `${name} ${market ?? ''}`;
    let stream = this.streams.get(key);
    if (stream === undefined) {
      if (this.streams.size >= streamsMax) throw new Error(`over ${streamsMax} streams`);
      stream = new RecordedStream({ stream: name, market: marketNamed(market) });
      stream.rebuild(this.spec, this.options.catalog);
      this.streams.set(key, stream);
    }
    return stream;
  }

  private status(status: 'up' | 'down', detail: string): void {
    const { id: venue } = this.spec;
    if (status === 'up' && [...this.streams.values()].some(({ isUp }) => !isUp)) return;
    this.options.emit({ kind: 'venue-status', venue, channel: 'public', status, detail });
  }
}

class RecordedStream implements Feeder {
  isUp = false;
  upSinceWallMs = 0;
  frames = 0;
  readonly source: FrameSource;
  readonly values = new Float64Array(quoteSlots.size);
  readonly buffer = new FrameBuffer(scannedBytesMax);
  readonly levels = new DepthFrame();
  quotes: QuoteScanner = () => -1;
  depth: DepthScanner | null = null;

  constructor(source: FrameSource) {
    this.source = source;
  }

  rebuild(spec: VenueSpec, catalog: Catalog): void {
    this.quotes = spec.quoteScanner(this.source, catalog);
    this.depth = spec.depthScanner?.(this.source, catalog) ?? null;
  }

  /** What the recording process did then is in the recording. */
  reconnect(): void {}
}

function requestOf({ request, market }: RawFrame): HttpRequest {
  const { purpose, host, method, path, query } = request as NonNullable<RawFrame['request']>;
  return requestToReadBy({
    purpose: purpose as HttpRequest['purpose'], // of another version: falls through the switch
    host,
    method: method as HttpRequest['method'],
    path,
    query,
    market: marketNamed(market),
  });
}

function marketNamed(name: string | null): FrameSource['market'] {
  return name === 'spot' || name === 'linear' || name === 'inverse' ? name : null;
}
