// Binance's error codes -> our closed set of codes and what the system does about each. A placement
// whose outcome the answer leaves open is UNKNOWN_OUTCOME: it is queried by client id, never
// resent.
import type { Catalog } from '../../domain/instrument.ts';
import type { ErrorCode, ErrorEvent, Reaction } from '../../domain/venue-event.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { marketOfPath } from './market-paths.ts';
import { isJson, parseJson, textIn } from './read.ts';
import { unitsOf, venueId } from './symbols.ts';

export interface ErrorClass {
  readonly code: ErrorCode;
  readonly reaction: Reaction;
}

const unknownOutcome: ErrorClass = { code: 'UNKNOWN_OUTCOME', reaction: 'query' };
const limited: ErrorClass = { code: 'RATE_LIMITED', reaction: 'back-off' };
const clock: ErrorClass = { code: 'TRANSIENT', reaction: 'resync-clock' };
const auth: ErrorClass = { code: 'AUTH', reaction: 'stop' };
const rejected = (reaction: Reaction): ErrorClass => ({ code: 'REJECTED', reaction });

/** Source: the spot and USD-M error-code pages of the venue's documentation. */
export const errorTable: Readonly<Record<string, ErrorClass>> = {
  '-1000': unknownOutcome,
  '-1001': unknownOutcome,
  '-1002': auth,
  '-1003': limited,
  '-1004': limited,
  '-1006': unknownOutcome,
  '-1007': unknownOutcome,
  '-1008': limited,
  '-1010': rejected('report'),
  '-1013': rejected('reload-instruments'),
  '-1015': limited,
  '-1016': { code: 'MAINTENANCE', reaction: 'back-off' },
  '-1021': clock,
  '-1022': auth,
  '-1034': limited,
  '-1099': auth,
  '-1111': rejected('reload-instruments'),
  '-1121': rejected('reload-instruments'),
  '-1122': rejected('reload-instruments'),
  '-1125': { code: 'TRANSIENT', reaction: 'login' },
  '-2008': auth,
  '-2010': rejected('re-price'),
  '-2011': rejected('reconcile'),
  '-2012': rejected('reconcile'),
  '-2013': rejected('reconcile'),
  '-2014': auth,
  '-2015': auth,
  '-2016': rejected('restricted'),
  '-2017': auth,
  '-2018': rejected('funds'),
  '-2019': rejected('funds'),
  '-2020': rejected('not-filled'),
  '-2022': rejected('refresh-position'),
  '-2023': rejected('restricted'),
  '-2024': rejected('refresh-position'),
  '-2025': rejected('back-off'),
  '-2026': rejected('report'),
  '-2027': rejected('funds'),
  '-2028': rejected('funds'),
  '-4003': rejected('reload-instruments'),
  '-4004': rejected('reload-instruments'),
  '-4005': rejected('reload-instruments'),
  '-4014': rejected('reload-instruments'),
  '-4016': rejected('price-band'),
  '-4023': rejected('reload-instruments'),
  '-4024': rejected('price-band'),
  '-4046': rejected('unchanged'),
  '-4050': rejected('funds'),
  '-4051': rejected('funds'),
  '-4059': rejected('unchanged'),
  '-4061': rejected('fix-position-mode'),
  '-4067': rejected('fix-position-mode'),
  '-4068': rejected('fix-position-mode'),
  '-4109': auth,
  // The order of an earlier send lives: its state is open until it is queried.
  '-4116': unknownOutcome,
  '-4118': rejected('refresh-position'),
  '-4120': rejected('report'),
  '-4131': rejected('price-band'),
  '-4140': rejected('restricted'),
  '-4141': rejected('restricted'),
  '-4164': rejected('below-minimum'),
  '-4192': rejected('restricted'),
  '-4400': rejected('restricted'),
  '-4401': rejected('restricted'),
  '-4402': rejected('restricted'),
  '-5021': rejected('not-filled'),
  '-5022': rejected('re-price'),
  '-5027': rejected('unchanged'),
  '-5028': clock,
};

/**
 * -1010, -1013, -2010, -2011 and the 0 of a restricted place say what happened in their message; a
 * filter failure stays one.
 */
const byMessage: readonly (readonly [needle: string, is: ErrorClass])[] = [
  ['duplicate order', unknownOutcome],
  ['insufficient balance', rejected('funds')],
  ['immediately match and take', rejected('re-price')],
  ['market is closed', rejected('restricted')],
  ['not permitted', rejected('restricted')],
  ['restricted', rejected('restricted')],
  ['disabled on this account', rejected('restricted')],
  ['unknown order', rejected('reconcile')],
];
const spokenCodes = new Set(['-1010', '-1013', '-2010', '-2011', '0']);
/** `{code: 200, msg: "success"}` is the one code that is no refusal. */
export const successCode = '200';

/** Requests that change something: without an answer their outcome is open. */
function changes(request: HttpRequest): boolean {
  return request.purpose === 'place' || request.purpose === 'cancel';
}

export function classOf(venueCode: string, message: string): ErrorClass {
  if (spokenCodes.has(venueCode)) {
    const lower = message.toLowerCase();
    const spoken = byMessage.find(([needle]) => lower.includes(needle));
    if (spoken !== undefined) return spoken[1];
  }
  return entryOf(venueCode) ?? rejected('report');
}

/** Own entries only: a code may be any text. */
function entryOf(venueCode: string): ErrorClass | undefined {
  return Object.hasOwn(errorTable, venueCode) ? errorTable[venueCode] : undefined;
}

/** A reply of which only the status says something (no JSON with a code): `http-503`, `timeout`. */
function classOfStatus(status: number): ErrorClass {
  if (status === 429 || status === 418 || status === 403) return limited;
  if (status === 401) return auth;
  if (status === 451) return rejected('restricted');
  if (status === 0 || status === 408 || status >= 500 || status < 300) return unknownOutcome;
  return rejected('report');
}

/** The error that a reply carries, or null when it is a success. */
export function errorOfReply(
  request: HttpRequest,
  reply: { readonly status: number; readonly body: string },
  catalog: Catalog,
): ErrorEvent | null {
  const json = parseJson(reply.body);
  const venueCode = isJson(json) ? textIn(json['code']) : null;
  if (isJson(json) && venueCode !== null && isRefusal(venueCode, reply.status)) {
    const message = textIn(json['msg']) ?? '';
    const known = reply.status < 500 || entryOf(venueCode) !== undefined;
    const is = known ? classOf(venueCode, message) : unknownOutcome;
    return errorEvent(request, venueCode, message, is, catalog);
  }
  const ok = reply.status >= 200 && reply.status < 300;
  if (ok && json !== undefined) return null;
  const name = reply.status === 0 ? 'timeout' : `http-${reply.status}`;
  const is: ErrorClass =
    ok && !changes(request)
      ? { code: 'BAD_PAYLOAD', reaction: 'retry' }
      : classOfStatus(reply.status);
  return errorEvent(request, name, messageOfBody(reply.body), is, catalog);
}

/** Codes of errors are negative; a gateway in front may say its own, which its status tells. */
function isRefusal(venueCode: string, status: number): boolean {
  return venueCode.startsWith('-') || (venueCode !== successCode && status < 400);
}

function errorEvent(
  request: HttpRequest,
  venueCode: string,
  message: string,
  is: ErrorClass,
  catalog: Catalog,
): ErrorEvent {
  const symbol = new Map(paramsOf(request.query)).get('symbol') ?? null;
  const market = request.market ?? marketOfPath(request.path);
  // A read has no outcome to be unknown: it is read again.
  const readAgain = is.code === 'UNKNOWN_OUTCOME' && !changes(request);
  return {
    kind: 'error',
    venue: venueId,
    symbol,
    instrument: symbol === null ? null : unitsOf(symbol, market, catalog).instrument,
    venueTsMs: null,
    code: readAgain ? 'TRANSIENT' : is.code,
    venueCode,
    message,
    reaction: readAgain ? 'retry' : is.reaction,
    clientOrderId: request.clientOrderId,
  };
}

const messageMax = 200;

function messageOfBody(body: string): string {
  return body.slice(0, messageMax);
}

/** Name and decoded value of every parameter of a query. */
export function paramsOf(query: string): readonly (readonly [name: string, value: string])[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0
        ? [decoded(part), '']
        : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
