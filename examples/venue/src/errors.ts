// What each refusal of Tidewater means and what the system does about it.
import type { ErrorCode, ErrorEvent, HttpRequest, Reaction } from 'funding-rate-arb/plugin';
import { parsed, textOf } from './wire.ts';

export const venueId = 'tidewater';

type Reading = readonly [code: ErrorCode, reaction: Reaction];

export const errorTable: Readonly<Record<string, Reading>> = {
  clock: ['TRANSIENT', 'resync-clock'],
  'bad-key': ['AUTH', 'stop'],
  'rate-limit': ['RATE_LIMITED', 'back-off'],
  'insufficient-funds': ['REJECTED', 'funds'],
  'leverage-too-high': ['REJECTED', 'funds'],
  'price-off-tick': ['REJECTED', 'reload-instruments'],
  'qty-off-lot': ['REJECTED', 'reload-instruments'],
  'qty-above-max': ['REJECTED', 'reload-instruments'],
  'unknown-instrument': ['REJECTED', 'reload-instruments'],
  'not-trading': ['REJECTED', 'reload-instruments'],
  'qty-below-min': ['REJECTED', 'below-minimum'],
  'notional-below-min': ['REJECTED', 'below-minimum'],
  'price-outside-band': ['REJECTED', 'price-band'],
  'post-only-would-cross': ['REJECTED', 're-price'],
  'reduce-only-rejected': ['REJECTED', 'refresh-position'],
  'duplicate-client-id': ['REJECTED', 'query'],
  'order-not-found': ['REJECTED', 'reconcile'],
  'order-terminal': ['REJECTED', 'reconcile'],
  'settlement-in-progress': ['TRANSIENT', 'settlement-retry'],
  'too-many-orders': ['REJECTED', 'report'],
};

export function readingOf(code: string): Reading {
  return (Object.hasOwn(errorTable, code) ? errorTable[code] : undefined) ?? ['REJECTED', 'report'];
}

export function errorOf(error: {
  readonly reading: Reading;
  readonly venueCode: string;
  readonly message: string;
  readonly clientOrderId: string | null;
}): ErrorEvent {
  const { reading, venueCode, message, clientOrderId } = error;
  const [code, reaction] = reading;
  const stamp = { venue: venueId, symbol: null, instrument: null, venueTsMs: null };
  return { kind: 'error', ...stamp, code, reaction, venueCode, message, clientOrderId };
}

/** The error that a reply is; null = it has items. A placement that is not answered is open. */
export function errorOfReply(
  request: HttpRequest,
  reply: { readonly status: number; readonly body: string },
): ErrorEvent | null {
  const { clientOrderId, purpose } = request;
  const changes = purpose === 'place' || purpose === 'cancel';
  const about = (reading: Reading, venueCode: string, message: string): ErrorEvent =>
    errorOf({ reading, venueCode, message, clientOrderId });
  if (reply.status === 429) return about(readingOf('rate-limit'), 'http-429', 'too many requests');
  const frame = parsed(reply.body);
  const code = frame === null ? null : textOf(frame, 'code');
  if (frame !== null && code !== null && reply.status < 500) {
    return about(readingOf(code), code, textOf(frame, 'message') ?? '');
  }
  if (reply.status >= 200 && reply.status < 300 && Array.isArray(frame?.['items'])) return null;
  const text = `no answer of Tidewater: ${reply.body.slice(0, 80)}`;
  const open: Reading = changes ? ['UNKNOWN_OUTCOME', 'query'] : ['TRANSIENT', 'retry'];
  return about(open, `http-${reply.status}`, text);
}
