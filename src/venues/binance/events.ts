// Makes the normalised events that several payloads share: stamps, statuses, controls, levels.
import type { Catalog, Market } from '../../domain/instrument.ts';
import type { OrderStatus, Side } from '../../domain/order.ts';
import type {
  ControlEvent,
  Level,
  UnrecognizedEvent,
  VenueEvent,
} from '../../domain/venue-event.ts';
import { isJson, type Json, listOf, numberIn, shiftedIn, textIn } from './read.ts';
import { type SymbolUnits, unitsOf, venueId } from './symbols.ts';

/** What a decoder knows beside the payload. */
export interface Context {
  readonly market: Market;
  readonly catalog: Catalog;
}

export function stamp(units: SymbolUnits, venueTsMs: number | null) {
  return { venue: venueId, symbol: units.symbol, instrument: units.instrument, venueTsMs };
}

/** Of what belongs to no instrument: balances, acks. */
export function accountStamp(venueTsMs: number | null) {
  return { venue: venueId, symbol: null, instrument: null, venueTsMs };
}

export function control(
  name: ControlEvent['name'],
  value: string | null,
  venueTsMs: number | null = null,
): ControlEvent {
  return { kind: 'control', ...accountStamp(venueTsMs), name, value };
}

const reasonMax = 160;

export function unrecognized(reason: string): UnrecognizedEvent {
  return { kind: 'unrecognized', ...accountStamp(null), reason: reason.slice(0, reasonMax) };
}

/** Decodes each entry of a list; an entry that cannot be read is reported and costs only itself. */
export function eachOf(
  value: unknown,
  what: string,
  decode: (entry: Json) => VenueEvent | readonly VenueEvent[] | null,
): readonly VenueEvent[] {
  if (!Array.isArray(value)) return [unrecognized(`${what} is not a list`)];
  return value.flatMap((entry): VenueEvent | readonly VenueEvent[] => {
    const decoded = isJson(entry) ? decode(entry) : null;
    return decoded ?? unrecognized(`unreadable entry of ${what}: ${brief(entry)}`);
  });
}

/** A value as text, for a message; nesting too deep to print is only named. */
export function brief(value: unknown): string {
  try {
    return JSON.stringify(value)?.slice(0, reasonMax) ?? String(value);
  } catch {
    return 'too deep to print';
  }
}

export function unitsIn(json: Json, key: string, context: Context): SymbolUnits | null {
  const symbol = textIn(json[key]);
  return symbol === null ? null : unitsOf(symbol, context.market, context.catalog);
}

const statuses: Readonly<Record<string, OrderStatus>> = {
  PENDING_NEW: 'pending',
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_CANCEL: 'cancel-pending',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  // The venue's own liquidation and ADL orders, while they work.
  NEW_INSURANCE: 'open',
  NEW_ADL: 'open',
};

export function orderStatusOf(value: unknown): OrderStatus {
  if (typeof value !== 'string' || !Object.hasOwn(statuses, value)) return 'unknown';
  return statuses[value] ?? 'unknown';
}

export function sideIn(value: unknown): Side | null {
  return value === 'BUY' ? 'buy' : value === 'SELL' ? 'sell' : null;
}

/**
 * Orders that the venue itself makes: liquidation, auto-deleveraging, settlement of a delisting.
 */
export function isForcedId(clientOrderId: string | null): boolean {
  return (
    clientOrderId !== null &&
    /^(?:autoclose-|adl_autoclose|settlement_autoclose-)/.test(clientOrderId)
  );
}

/** Null when one level cannot be read: a book with a hole is worse than none. */
export function levelsIn(value: unknown, units: SymbolUnits): readonly Level[] | null {
  if (!Array.isArray(value)) return null;
  const levels: Level[] = [];
  for (const entry of value) {
    const [venuePrice, venueQty] = listOf(entry);
    const price = shiftedIn(venuePrice, units.priceShift);
    const qty = numberIn(venueQty) === 0 ? 0 : shiftedIn(venueQty, units.qtyShift);
    if (price === null || qty === null) return null;
    levels.push([price, qty]);
  }
  return levels;
}
