// Whose payloads `farb decode` reads: a venue of ours, one that a plugin of the configuration
// brings, or the plugin that the command names. And, as a plugin has no table of its paths, which
// of its own requests a path belongs to.
import { decimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import {
  type Instrument,
  type InstrumentKind,
  instrumentIdOf,
  type VenueId,
} from '../domain/instrument.ts';
import type { HttpRequest, RequestPurpose, VenueSpec } from '../domain/venue-spec.ts';
import { venueByName, venueNames } from '../venues/registry.ts';
import { loadConfig, venuePluginPlace } from './config.ts';
import { loadVenuePlugin } from './plugin-load.ts';

export interface VenueToDecode {
  /** A venue of ours, another account of one in the configuration, or a plugin's id. */
  readonly name: VenueId;
  /** Package or path of a plugin, relative to the working directory; null = none is named. */
  readonly plugin: string | null;
  readonly configDir: string | null;
}

/** @throws UserError where no adapter is known, or the plugin cannot be used */
export function venueToDecode({ name, plugin, configDir }: VenueToDecode): VenueSpec {
  if (plugin !== null) {
    const place = { reference: plugin, configDir: process.cwd(), where: '--plugin' };
    return loadVenuePlugin(place, name);
  }
  const own = venueByName(name);
  if (own !== null) return own;
  const entry = configDir === null ? undefined : configured(configDir)[name];
  if (configDir !== null && entry?.plugin !== undefined) {
    return loadVenuePlugin(venuePluginPlace(configDir, name, entry.plugin), name);
  }
  const adapter = entry === undefined ? null : venueByName(entry.driver);
  if (adapter !== null) return adapter;
  if (entry?.driver === 'ccxt') {
    throw new UserError(`venue "${name}" speaks through ccxt: its payloads are not ours to decode`);
  }
  throw new UserError(
    `no venue "${name}". Known: ${venueNames().join(', ')}. One of a plugin: name it with ` +
      '--plugin, or the configuration that has it with --config.',
  );
}

function configured(dir: string) {
  return loadConfig(dir, process.env).exchanges.venues;
}

/**
 * What a request of this method and path is for, by the adapter's own requests: of those with the
 * path the one whose query has most in common. Null = it makes no such request.
 */
export function purposeByRequests(
  spec: VenueSpec,
  asked: { readonly method: string; readonly path: string; readonly query: string },
): RequestPurpose | null {
  let best: { readonly purpose: RequestPurpose; readonly score: number } | null = null;
  for (const request of sampleRequests(spec)) {
    if (request.method !== asked.method || !isPathOf(request.path, asked.path)) continue;
    const score = likeness(request.query, asked.query);
    if (best === null || score > best.score) best = { purpose: request.purpose, score };
  }
  return best?.purpose ?? null;
}

const symbol = 'SYMBOL';
const clientOrderId = 'clientorderid';

/** Each kind of read, once, of instruments that exist nowhere. */
function sampleRequests(spec: VenueSpec): readonly HttpRequest[] {
  const kinds: readonly InstrumentKind[] = ['spot', 'linear-perp', 'inverse-perp'];
  return kinds.flatMap((kind) => {
    const of = sampleInstrument(spec.id, kind);
    const scope = { instruments: [of], sinceMs: 0 };
    const { requests } = spec;
    const makers: readonly (() => HttpRequest | null | readonly HttpRequest[])[] = [
      () => requests.serverTime(),
      () => requests.instruments(['spot', 'linear', 'inverse']),
      () => requests.fundingRates([of]),
      () => requests.fundingHistory(of, { fromMs: 0, toMs: 0 }),
      () => requests.quotes([of]),
      () => requests.depth(of),
      () => requests.feeRates([of]),
      () => requests.setup([of], { leverage: 1 }),
      () => requests.cancel(clientOrderId, of),
      () => requests.queryOrder(clientOrderId, of),
      () => requests.openOrders([of]),
      () => requests.orderHistory(scope),
      () => requests.fills(scope),
      () => requests.balances(['spot', 'linear', 'inverse']),
      () => requests.positions([of]),
      () => requests.fundingPayments(scope),
      () => requests.accountConfig(),
    ];
    return makers.flatMap((make) => made(make));
  });
}

/** A plugin need not know what to ask of an instrument that it does not list. */
function made(make: () => HttpRequest | null | readonly HttpRequest[]): readonly HttpRequest[] {
  try {
    const of = make();
    return of === null ? [] : 'purpose' in of ? [of] : of;
  } catch {
    return [];
  }
}

function sampleInstrument(venue: VenueId, kind: InstrumentKind): Instrument {
  const [base, quote] = ['BTC', kind === 'inverse-perp' ? 'USD' : 'USDT'];
  const [unit, step] = [decimal('1'), decimal('0.001')];
  return {
    ...{ id: instrumentIdOf({ venue, kind, base, quote }), venue, symbol, kind, base, quote },
    ...{ settle: kind === 'inverse-perp' ? base : quote, wallet: 'sample' },
    ...{ contractSize: unit, qtyUnit: unit, priceUnit: unit },
    ...{ tickSize: step, lotSize: step, qtyMin: null, qtyMax: null, notionalMin: null },
    ...{ status: 'trading', fundingIntervalMs: null, leverageMax: null },
  };
}

/** Segments that hold the symbol or the order's id may be anything. */
function isPathOf(sample: string, path: string): boolean {
  const [ours, theirs] = [sample.split('/'), path.split('/')];
  return (
    ours.length === theirs.length &&
    ours.every((part, i) => {
      return part === theirs[i] || part.includes(symbol) || part.includes(clientOrderId);
    })
  );
}

function likeness(sample: string, query: string): number {
  const asked = new URLSearchParams(query);
  let score = 0;
  for (const [name, value] of new URLSearchParams(sample)) {
    if (!asked.has(name)) score -= 1;
    else score += asked.get(name) === value ? 2 : 1;
  }
  return score;
}
