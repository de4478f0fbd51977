// `farb decode`: raw payloads of a venue in, normalised events out. It reads any bytes and never
// throws because of them: what cannot be read is an `unrecognized` event, and so is a failure of
// ours.
import { messageOf, UserError } from '../base/errors.ts';
import { Catalog, type Market } from '../domain/instrument.ts';
import type { ControlEvent, VenueEvent } from '../domain/venue-event.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { decodeTickerQuote } from '../venues/bybit/index.ts';
import { deriveFromName, learn, mayList, seedCatalog } from './decode-catalog.ts';
import { type AskedPath, anyRead, askedPath } from './decode-request.ts';
import { flatEvent, withoutQuantities } from './decode-text.ts';

export interface DecodeOptions {
  readonly spec: VenueSpec;
  /** "GET /path?query" that the payloads answer; null = frames of a stream. */
  readonly request: string | null;
  readonly market: Market | null;
  /** Text of a file that lists instruments; null = none. */
  readonly instruments: string | null;
}

export interface Decoder {
  /** What the payloads of this text list is known from now on. */
  learn(payload: string): void;
  /** One payload -> events as flat objects, at least one. */
  decode(payload: string): readonly Readonly<Record<string, unknown>>[];
  /** The same of an answer to "GET /path?query". */
  decodeAnswer(payload: string, request: string): readonly Readonly<Record<string, unknown>>[];
}

export function makeDecoder(options: DecodeOptions): Decoder {
  const { spec } = options;
  const pathOf = (request: string): AskedPath => askedPath(spec, request, options.market);
  const given = options.request === null ? null : pathOf(options.request);
  let asked = given;
  const catalog = new Catalog();
  /** Symbols whose contract size nobody said: their quantities are not told. */
  const unsized = new Set<string>();
  seedCatalog(spec, catalog);
  if (options.instruments !== null && learn(spec, options.instruments, catalog).length === 0) {
    throw new UserError(`--instruments: no listing of ${spec.name} in it`);
  }
  const source = { stream: '', market: options.market };

  const readFrame = (payload: string): readonly VenueEvent[] => {
    const events = spec.decode(new TextEncoder().encode(payload), source, catalog);
    // The driver leaves the quotes of Bybit's tickers alone; who looks at a frame wants them.
    const { market } = options;
    const quote = spec.id === 'bybit' ? decodeTickerQuote(payload, { market, catalog }) : null;
    return quote === null ? events : [quote, ...events.filter(({ kind }) => kind !== 'control')];
  };
  const read = (payload: string): readonly VenueEvent[] => {
    if (isPage(payload)) return readPage(spec, payload, { asked, catalog });
    if (asked === null) return readFrame(payload);
    const reply = spec.decodeReply(asked.request, { status: 200, body: payload }, catalog);
    if (asked.reading === 'read' || reply.some(({ kind }) => kind === 'error')) return reply;
    const byShape = readFrame(payload);
    if (byShape.length > 0 && !byShape.some(isUnread)) return byShape;
    const path = `${asked.request.method} ${asked.request.path}`;
    if (asked.reading === 'unused') return [ack(spec.id, path)];
    return [unrecognized(spec.id, `${path} is not a path of ${spec.name} that farb reads`)];
  };
  const readKnowingNames = (payload: string): readonly VenueEvent[] => {
    const events = read(payload);
    const unknown = new Set<string>();
    for (const event of events) {
      const isKnown = event.symbol === null || catalogHas(catalog, spec.id, event.symbol);
      if (!isKnown && event.symbol !== null) unknown.add(event.symbol);
    }
    let derived = 0;
    for (const symbol of unknown) {
      const found = deriveFromName(spec.id, symbol, catalog);
      if (found.isUnsized) unsized.add(symbol);
      derived += found.count;
    }
    return derived > 0 ? read(payload) : events;
  };
  const guarded = (work: () => readonly VenueEvent[]): readonly VenueEvent[] => {
    try {
      return work();
    } catch (thrown) {
      return [unrecognized(spec.id, `the decoder failed: ${messageOf(thrown)}`)];
    }
  };
  const learnListing = (payload: string): readonly VenueEvent[] => {
    const listing = guarded(() => learn(spec, payload, catalog));
    for (const { kind, symbol } of listing) {
      if (kind === 'instrument' && symbol !== null) unsized.delete(symbol);
    }
    return listing;
  };
  const eventsOf = (payload: string): readonly VenueEvent[] => {
    const events = guarded(() => readKnowingNames(payload));
    if (!events.every(isUnread)) return events;
    const listing = mayList(spec, payload) ? learnListing(payload) : [];
    if (listing.length > 0) return listing;
    // Several frames in one list, as some recorders write them.
    const frames = asked === null ? framesIn(payload) : [];
    return frames.length > 0 ? frames.flatMap((frame) => eventsOf(frame)) : events;
  };
  const decode: Decoder['decode'] = (payload) => {
    const events = eventsOf(payload);
    if (events.length === 0) return [flatEvent(ack(spec.id, 'nothing in it'))];
    return events.map((event) => {
      const flat = flatEvent(event);
      return event.symbol !== null && unsized.has(event.symbol) ? withoutQuantities(flat) : flat;
    });
  };
  return {
    decode,
    learn(payload) {
      if (mayList(spec, payload)) learnListing(payload);
    },
    decodeAnswer(payload, request) {
      asked = pathOf(request);
      const events = decode(payload);
      asked = given;
      return events;
    },
  };
}

function isUnread({ kind }: VenueEvent): boolean {
  return kind === 'unrecognized';
}

/** A gateway's page in place of JSON. */
function isPage(payload: string): boolean {
  return payload.trimStart().startsWith('<');
}

/** What the page says of its status decides, as the status itself is not in the payload. */
function readPage(
  spec: VenueSpec,
  payload: string,
  from: { readonly asked: AskedPath | null; readonly catalog: Catalog },
): readonly VenueEvent[] {
  const status = Number(/(?:<title>|<h1>)\s*([1-5]\d\d)\b/i.exec(payload)?.[1] ?? 200);
  const request = from.asked?.request ?? anyRead(spec);
  return spec.decodeReply(request, { status, body: payload }, from.catalog);
}

/** The members of a list of objects as texts, numbers as they were written; else none. */
function framesIn(payload: string): readonly string[] {
  if (!payload.trimStart().startsWith('[')) return [];
  const inside = payload.trim().slice(1, -1);
  const members = topLevelValues(inside);
  return members.every((member) => member.startsWith('{') && isJson(member)) ? members : [];
}

function catalogHas(catalog: Catalog, venue: string, symbol: string): boolean {
  const markets: readonly Market[] = ['linear', 'spot', 'inverse'];
  return markets.some((market) => catalog.bySymbol(venue, market, symbol) !== undefined);
}

function unrecognized(venue: string, reason: string): VenueEvent {
  return {
    kind: 'unrecognized',
    venue,
    symbol: null,
    instrument: null,
    venueTsMs: null,
    reason,
  };
}

function ack(venue: string, value: string): ControlEvent {
  const stamp = { venue, symbol: null, instrument: null, venueTsMs: null };
  return { kind: 'control', ...stamp, name: 'ack', value };
}

/**
 * The payloads of an input: the whole text when it is one JSON value over several lines or a page,
 * its values when each is written over several lines, else its lines. Empty lines are none.
 */
export function payloadsOf(text: string): readonly string[] {
  const whole = text.replace(/^\uFEFF/, '').trim();
  if (whole === '') return [];
  if (isPage(whole) || (whole.includes('\n') && isJson(whole))) return [whole];
  const lines = whole
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first = ''] = lines;
  if (/^[[{]/.test(first) && !isJson(first)) {
    const values = topLevelValues(whole);
    if (values.length > 0 && values.every(isJson)) return values;
  }
  return lines;
}

/** Objects and lists that follow each other, by their brackets; texts in quotes hold none. */
function topLevelValues(text: string): readonly string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') {
      if (depth === 0) start = index;
      depth++;
    } else if (token === '}' || token === ']') {
      depth--;
      if (depth === 0) values.push(text.slice(start, index + 1));
    }
  }
  return values;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
