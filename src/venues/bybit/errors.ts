// Bybit's error codes and what the system does about each: one table for REST replies, batch items
// and order replies over WebSocket. Source: the error code chapter of the v5 documentation.
import type { ErrorCode, ErrorEvent, Reaction } from '../../domain/venue-event.ts';
import { blankStamp } from './events.ts';

export interface Reading {
  readonly code: ErrorCode;
  readonly reaction: Reaction;
}

const table: readonly (readonly [codes: string, code: ErrorCode, reaction: Reaction])[] = [
  // The timestamp is outside the window.
  ['10002 -1', 'TRANSIENT', 'resync-clock'],
  // Key, signature, permission, address, expiry.
  ['10003 10004 10005 10007 10008 10009 10010 33004 -2015 20001', 'AUTH', 'stop'],
  ['10006 10018 10429 429 20003 170005 170222', 'RATE_LIMITED', 'back-off'],
  // Timeouts and internal errors say nothing about the order. (10016 is not a rate limit.)
  ['10000 10016 170001 170007 170032 170146 170147', 'UNKNOWN_OUTCOME', 'query'],
  // The WebSocket order service restarts: it took nothing, a new connection will.
  ['10019', 'MAINTENANCE', 'retry'],
  ['110066 170031', 'MAINTENANCE', 'back-off'],
  ['110079', 'TRANSIENT', 'retry'],
  ['110063', 'TRANSIENT', 'settlement-retry'],
  // No such order, ended, cancelled: reconcile before treating it as gone.
  ['110001 110008 110010 110019 170139 170142 170143 170213', 'REJECTED', 'reconcile'],
  ['110003 170132 170133 170193 170194', 'REJECTED', 'price-band'],
  ['110004 110006 110007 110012 110014 110044 110045 110051 110052 110053', 'REJECTED', 'funds'],
  ['170033 170034 170131', 'REJECTED', 'funds'],
  // Risk limit, leverage tier, liquidation at once: margin too, in effect.
  ['110011 110013 110016 110039 110040 110090', 'REJECTED', 'funds'],
  // Reduce-only: the quantity was cut to zero, or the position is another.
  ['110017 110022 110023 110034', 'REJECTED', 'refresh-position'],
  ['110094 170136 170140', 'REJECTED', 'below-minimum'],
  ['170134 170135 170137 170148 170124 110021', 'REJECTED', 'reload-instruments'],
  // Unknown or closed symbol.
  ['110042 110074 170121 10029', 'REJECTED', 'reload-instruments'],
  // The client id is taken: the first order lives, or lived.
  ['110030 110072 170141 10014 20006', 'REJECTED', 'query'],
  ['170218', 'REJECTED', 're-price'],
  ['110024 110028 110029', 'REJECTED', 'fix-position-mode'],
  ['110025 110026 110027 110043', 'REJECTED', 'unchanged'],
  ['10024 10027 10028 100028 10020 110067 110068 110069', 'REJECTED', 'restricted'],
  ['110020 170810', 'REJECTED', 'back-off'],
  ['10001 10017 10404 170105 170115 170116 170117 170130 110032', 'BAD_PAYLOAD', 'report'],
];

const readings: ReadonlyMap<string, Reading> = new Map(
  table.flatMap(([codes, code, reaction]) =>
    codes.split(' ').map((venueCode) => [venueCode, { code, reaction }] as const),
  ),
);

/** Every code that has a reaction of its own. */
export const knownCodes: readonly string[] = [...readings.keys()];

/**
 * What a code means. A code that leaves the outcome open does so only for what changes orders: a
 * read is asked again. One that we do not know refused the request, and a person should look.
 */
export function readCode(
  venueCode: string,
  context: { readonly message: string; readonly changesOrders: boolean },
): Reading {
  // 10001 is every wrong parameter; this one is the account's mode.
  if (venueCode === '10001' && /position (?:idx|mode)/i.test(context.message)) {
    return { code: 'REJECTED', reaction: 'fix-position-mode' };
  }
  const worded = venueCode === '10001' ? byWording(context.message) : null;
  if (worded !== null) return worded;
  const reading = readings.get(venueCode);
  if (reading === undefined) return { code: 'REJECTED', reaction: 'report' };
  if (reading.code === 'UNKNOWN_OUTCOME' && !context.changesOrders) return readAgain;
  return reading;
}

/** 10001 is every wrong parameter: sizes and prices that the filters refuse are told in words. */
function byWording(message: string): Reading | null {
  if (/\bexceeds minimum limit/i.test(message)) {
    return { code: 'REJECTED', reaction: 'below-minimum' };
  }
  const isFilter =
    /\b(?:qty|quantity|price) (?:is )?invalid/i.test(message) ||
    /\bexceeds maximum limit/i.test(message);
  return isFilter ? { code: 'REJECTED', reaction: 'reload-instruments' } : null;
}

const readAgain: Reading = { code: 'TRANSIENT', reaction: 'retry' };

/** A reply that is not Bybit's JSON: judged by the status alone. */
export function readStatus(status: number, changesOrders: boolean): Reading {
  // 403 is the limit per address (600 in 5 s); the ban lasts 10 minutes.
  if (status === 429 || status === 403) return { code: 'RATE_LIMITED', reaction: 'back-off' };
  if (status === 401) return { code: 'AUTH', reaction: 'stop' };
  if (status >= 400 && status < 500) return { code: 'BAD_PAYLOAD', reaction: 'report' };
  // A gateway may have passed the request on before it failed; a 200 that is no JSON says nothing.
  if (changesOrders) return { code: 'UNKNOWN_OUTCOME', reaction: 'query' };
  return status >= 500 ? readAgain : { code: 'BAD_PAYLOAD', reaction: 'report' };
}

export function errorEvent(error: {
  readonly reading: Reading;
  readonly venueCode: string;
  readonly message: string;
  readonly symbol: string | null;
  readonly clientOrderId: string | null;
}): ErrorEvent {
  return {
    kind: 'error',
    ...blankStamp(null),
    symbol: error.symbol,
    code: error.reading.code,
    venueCode: error.venueCode,
    message: error.message,
    reaction: error.reading.reaction,
    clientOrderId: error.clientOrderId,
  };
}
