// `farb decode`: raw payloads of a venue in, normalised events out. It reads any bytes and never
// throws because of them: what cannot be read is an `unrecognized` event, and so is a failure of
// ours.
import { messageOf, UserError } from '../base/errors.ts';
import { Catalog, type Market } from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest, RequestPurpose, VenueSpec } from '../domain/venue-spec.ts';
import { purposeOfPath as binancePurpose } from '../venues/binance/index.ts';
import { purposeOfPath as bybitPurpose } from '../venues/bybit/index.ts';
import { purposeOfPath as hyperliquidPurpose } from '../venues/hyperliquid/index.ts';
import { purposeOfPath as okxPurpose } from '../venues/okx/index.ts';
import { venueByName, venueNames } from '../venues/registry.ts';
import { deriveFromName, learn, mayList, seedCatalog } from './decode-catalog.ts';
import { flatEvent } from './decode-text.ts';

export interface DecodeOptions {
  readonly venue: string;
  /** "GET /path?query" that the payloads answer; null = frames of a stream. */
  readonly request: string | null;
  readonly market: Market | null;
  /** Text of a file that lists instruments; null = none. */
  readonly instruments: string | null;
}

export interface Decoder {
  /** What the payloads of this text list is known from now on. */
  learn(payload: string): void;
  /** One payload -> events as flat objects. */
  decode(payload: string): readonly Readonly<Record<string, unknown>>[];
}

const purposeOf: Readonly<Record<string, (method: string, path: string) => RequestPurpose | null>> =
  {
    binance: binancePurpose,
    okx: okxPurpose,
    bybit: bybitPurpose,
    hyperliquid: hyperliquidPurpose,
  };

export function makeDecoder(options: DecodeOptions): Decoder {
  const spec = venueByName(options.venue);
  if (spec === null) {
    throw new UserError(`no venue "${options.venue}". Known: ${venueNames().join(', ')}`);
  }
  const request = options.request === null ? null : requestOf(spec, options.request, options);
  const catalog = new Catalog();
  seedCatalog(spec, catalog);
  if (options.instruments !== null && learn(spec, options.instruments, catalog).length === 0) {
    throw new UserError(`--instruments: no listing of ${spec.name} in it`);
  }
  const source = { stream: '', market: options.market };

  const read = (payload: string): readonly VenueEvent[] =>
    request === null
      ? spec.decode(new TextEncoder().encode(payload), source, catalog)
      : spec.decodeReply(request, { status: 200, body: payload }, catalog);
  const readKnowingNames = (payload: string): readonly VenueEvent[] => {
    const events = read(payload);
    const unknown = new Set<string>();
    for (const event of events) {
      const isKnown = event.symbol === null || catalogHas(catalog, spec.id, event.symbol);
      if (!isKnown && event.symbol !== null) unknown.add(event.symbol);
    }
    let derived = 0;
    for (const symbol of unknown) derived += deriveFromName(spec.id, symbol, catalog);
    return derived > 0 ? read(payload) : events;
  };
  const guarded = (work: () => readonly VenueEvent[]): readonly VenueEvent[] => {
    try {
      return work();
    } catch (thrown) {
      return [unrecognized(spec.id, `the decoder failed: ${messageOf(thrown)}`)];
    }
  };
  return {
    learn(payload) {
      if (mayList(payload)) guarded(() => learn(spec, payload, catalog));
    },
    decode(payload) {
      let events = guarded(() => readKnowingNames(payload));
      if (events.every(({ kind }) => kind === 'unrecognized') && mayList(payload)) {
        const listing = guarded(() => learn(spec, payload, catalog));
        if (listing.length > 0) events = listing;
      }
      return events.map(flatEvent);
    },
  };
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

function requestOf(
  spec: VenueSpec,
  text: string,
  { market }: { readonly market: Market | null },
): HttpRequest {
  const match = /^(?:(GET|POST|PUT|DELETE)\s+)?(\/[^\s?]*)(?:\?(\S*))?$/i.exec(text.trim());
  if (match === null) throw new UserError(`--request ${text}: write it like "GET /path?a=b"`);
  const [, method = 'GET', path = '', query = ''] = match;
  const upper = method.toUpperCase() as HttpRequest['method']; // one of the four that matched
  const purpose = purposeOf[spec.id]?.(upper, path) ?? null;
  if (purpose === null) {
    throw new UserError(`--request ${text}: not a path of ${spec.name} that farb reads`);
  }
  return {
    purpose,
    host: '',
    method: upper,
    path,
    query,
    body: null,
    headers: {},
    auth: 'none',
    bucket: '',
    weight: 0,
    market,
    clientOrderId: null,
  };
}

/**
 * The payloads of an input: the whole text when it is one JSON value over several lines, else its
 * lines. Empty lines are none.
 */
export function payloadsOf(text: string): readonly string[] {
  const whole = text.trim();
  if (whole === '') return [];
  if (whole.includes('\n') && isJson(whole)) return [whole];
  return whole
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
