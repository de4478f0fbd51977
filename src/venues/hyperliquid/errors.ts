// Hyperliquid has no codes: errors are sentences, some with figures at their end. One table reads
// them, for items of an order reply, whole replies and frames of `error`. The names are those of
// the documentation's page "Error responses"; sentences that it does not list are marked.
import type { ErrorCode, ErrorEvent, Reaction } from '../../domain/venue-event.ts';
import { blankStamp } from './events.ts';

export interface Reading {
  readonly name: string;
  readonly code: ErrorCode;
  readonly reaction: Reaction;
}

const table: readonly (readonly [RegExp, name: string, code: ErrorCode, reaction: Reaction])[] = [
  [/divisible by tick size/i, 'Tick', 'REJECTED', 'reload-instruments'],
  [/minimum value of/i, 'MinTradeNtl', 'REJECTED', 'below-minimum'],
  [/insufficient margin/i, 'PerpMargin', 'REJECTED', 'funds'],
  [/reduce only order would increase/i, 'ReduceOnly', 'REJECTED', 'refresh-position'],
  [/post only order would have/i, 'BadAloPx', 'REJECTED', 're-price'],
  [/could not immediately match/i, 'IocCancel', 'REJECTED', 'not-filled'],
  [/no liquidity available/i, 'MarketOrderNoLiquidity', 'REJECTED', 'not-filled'],
  [/invalid tp\/sl price/i, 'BadTriggerPx', 'REJECTED', 'report'],
  [/too aggressive/i, 'TooAggressiveAtOpenInterestCap', 'REJECTED', 'price-band'],
  [/open interest/i, 'OpenInterestCap', 'REJECTED', 'restricted'],
  [/insufficient spot balance/i, 'InsufficientSpotBalance', 'REJECTED', 'funds'],
  [/away from the reference price/i, 'Oracle', 'REJECTED', 'price-band'],
  [/exceed margin tier limit/i, 'PerpMaxPosition', 'REJECTED', 'funds'],
  [/never placed, already canceled, or filled/i, 'MissingOrder', 'REJECTED', 'reconcile'],
  // Not on that page; from the maintained SDKs and their issues.
  [/unknownOid/, 'unknownOid', 'REJECTED', 'reconcile'],
  [/invalid size|zero size/i, 'Size', 'REJECTED', 'reload-instruments'],
  [/does not exist|signature|must deposit/i, 'Signer', 'AUTH', 'stop'],
  // A taken nonce: the same action is signed once more, with a new one.
  [/nonce/i, 'Nonce', 'TRANSIENT', 'resync-clock'],
  [/expire/i, 'Expired', 'TRANSIENT', 'resync-clock'],
  [/too many (?:cumulative )?requests/i, 'RateLimited', 'RATE_LIMITED', 'back-off'],
  [/cloid/i, 'Cloid', 'REJECTED', 'query'],
  [/cross margin|leverage|isolated/i, 'Leverage', 'REJECTED', 'restricted'],
  [/network upgrade|halted|maintenance/i, 'Halted', 'MAINTENANCE', 'back-off'],
  [/deserialize|invalid subscription|error parsing/i, 'Malformed', 'BAD_PAYLOAD', 'report'],
];

/** Every name that has a reaction of its own. */
export const knownErrors: readonly string[] = [...new Set(table.map(([, name]) => name))];

/** A sentence that is not known refused the request, and a person should look. */
export function readSentence(text: string): Reading {
  for (const [pattern, name, code, reaction] of table) {
    if (pattern.test(text)) return { name, code, reaction };
  }
  return { name: 'Other', code: 'REJECTED', reaction: 'report' };
}

/** A reply that is none of Hyperliquid's: judged by the status alone. */
export function readStatus(status: number, changesOrders: boolean): Reading {
  const name = `http-${status}`;
  if (status === 429) return { name, code: 'RATE_LIMITED', reaction: 'back-off' };
  if (status === 401 || status === 403) return { name, code: 'AUTH', reaction: 'stop' };
  if (status >= 400 && status < 500) return { name, code: 'BAD_PAYLOAD', reaction: 'report' };
  if (changesOrders) return { name, code: 'UNKNOWN_OUTCOME', reaction: 'query' };
  if (status >= 500) return { name, code: 'TRANSIENT', reaction: 'retry' };
  return { name, code: 'BAD_PAYLOAD', reaction: 'report' };
}

export function errorEvent(error: {
  readonly reading: Reading;
  readonly message: string;
  readonly symbol: string | null;
  readonly clientOrderId: string | null;
}): ErrorEvent {
  return {
    kind: 'error',
    ...blankStamp(null),
    symbol: error.symbol,
    code: error.reading.code,
    venueCode: error.reading.name,
    message: error.message,
    reaction: error.reading.reaction,
    clientOrderId: error.clientOrderId,
  };
}
