// What a thrown ccxt error means for us, by the names of its classes. Only a clear refusal may be
// read as one: whatever may have been carried out stays UNKNOWN_OUTCOME and is queried.
import { messageOf } from '../../base/errors.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { ErrorEvent } from '../../domain/venue-event.ts';
import { localError } from '../driver-types.ts';

export type Meaning = Pick<ErrorEvent, 'code' | 'reaction'>;

const meaning = (code: Meaning['code'], reaction: Meaning['reaction']): Meaning => ({
  code,
  reaction,
});

/**
 * By class; the first class of the error's chain (most special first) that is listed counts. A
 * plain ExchangeError is a code that ccxt does not know: it may be a refusal or a failure after
 * the order was taken.
 */
export const meanings: Readonly<Record<string, Meaning>> = {
  // Refused.
  InsufficientFunds: meaning('REJECTED', 'funds'),
  OrderImmediatelyFillable: meaning('REJECTED', 're-price'),
  OrderNotFillable: meaning('REJECTED', 'not-filled'),
  ContractUnavailable: meaning('REJECTED', 'restricted'),
  OrderNotFound: meaning('REJECTED', 'reconcile'),
  OrderNotCached: meaning('REJECTED', 'reconcile'),
  InvalidOrder: meaning('REJECTED', 'reload-instruments'),
  NoChange: meaning('REJECTED', 'unchanged'),
  MarketClosed: meaning('REJECTED', 'restricted'),
  RestrictedLocation: meaning('REJECTED', 'stop'),
  ManualInteractionNeeded: meaning('REJECTED', 'stop'),
  OperationRejected: meaning('REJECTED', 'report'),
  ArgumentsRequired: meaning('REJECTED', 'report'),
  BadSymbol: meaning('REJECTED', 'reload-instruments'),
  BadRequest: meaning('REJECTED', 'report'),
  NotSupported: meaning('REJECTED', 'report'),
  AuthenticationError: meaning('AUTH', 'stop'),
  RateLimitExceeded: meaning('RATE_LIMITED', 'back-off'),
  // A checksum is of market data; its class stands under the refused timestamp.
  ChecksumError: meaning('TRANSIENT', 'retry'),
  InvalidNonce: meaning('REJECTED', 'resync-clock'),
  // Perhaps carried out.
  DuplicateOrderId: meaning('UNKNOWN_OUTCOME', 'query'),
  CancelPending: meaning('UNKNOWN_OUTCOME', 'query'),
  OnMaintenance: meaning('UNKNOWN_OUTCOME', 'query'),
  NetworkError: meaning('UNKNOWN_OUTCOME', 'query'),
  OperationFailed: meaning('UNKNOWN_OUTCOME', 'query'),
  ExchangeError: meaning('UNKNOWN_OUTCOME', 'query'),
};
const unforeseen = meaning('UNKNOWN_OUTCOME', 'query');

/**
 * Class names from the most special on: ['OrderNotFound', 'InvalidOrder', 'ExchangeError', ...].
 */
export function classNamesOf(thrown: unknown): readonly string[] {
  const names: string[] = [];
  let prototype: unknown = typeof thrown === 'object' ? thrown : null;
  while (prototype !== null && prototype !== undefined) {
    prototype = Object.getPrototypeOf(prototype);
    const name = (prototype as { constructor?: { name?: unknown } } | null)?.constructor?.name;
    if (typeof name === 'string' && name !== 'Object') names.push(name);
  }
  return names;
}

export function isA(thrown: unknown, className: string): boolean {
  return classNamesOf(thrown).includes(className);
}

type Refusals = readonly (readonly [text: RegExp, meaning: Meaning])[];

/** `refusals`: what the venue's own texts say where ccxt has only its plain ExchangeError. */
export function meaningOf(thrown: unknown, refusals: Refusals = []): Meaning {
  if (classNamesOf(thrown)[0] === 'ExchangeError') {
    const text = messageOf(thrown);
    const known = refusals.find(([pattern]) => pattern.test(text));
    if (known !== undefined) return known[1];
  }
  for (const name of classNamesOf(thrown)) {
    const known = meanings[name];
    if (known === undefined) continue;
    return known.code === 'REJECTED' && leavesOpen.test(messageOf(thrown)) ? unforeseen : known;
  }
  return unforeseen;
}

/**
 * ccxt files some open outcomes under InvalidOrder: Bybit 170146 "Order creation timeout", OKX
 * 51016 and Bybit 110072 of a repeated client id (the first one may live).
 */
const leavesOpen =
  /time[d ]*[- ]?out|duplicat|status unknown|unknown status|\b51016\b|\b17014[67]\b/i;

const messageCharsMax = 300;

/** What was said, short, and without the queries of URLs: they hold signatures and listen keys. */
export function textOf(thrown: unknown): string {
  return messageOf(thrown)
    .replaceAll(/\b((?:https?|wss?):\/\/[^\s?]+)\?\S*/g, '$1?...')
    .slice(0, messageCharsMax);
}

export function errorEventOf(
  venue: string,
  thrown: unknown,
  about: {
    readonly clientOrderId?: string | null;
    readonly instrument?: Instrument | null;
    readonly refusals?: Refusals;
  } = {},
): ErrorEvent {
  const { refusals = [], ...rest } = about;
  return localError(venue, {
    ...meaningOf(thrown, refusals),
    venueCode: classNamesOf(thrown)[0] ?? 'unknown',
    message: textOf(thrown),
    ...rest,
  });
}

/** Our own deadline passed; the call may still come to an end. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}
