// REST replies -> events. The type of the info request says how its answer is read, its purpose
// which part of it is meant. Never throws.
import type { Catalog, Instrument } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import {
  decodeFill,
  decodeFunding,
  decodeOpenOrder,
  decodeOrderState,
  decodePerpBalance,
  decodePositions,
  decodeSpotBalances,
} from './account.ts';
import { errorEvent, readSentence, readStatus } from './errors.ts';
import { control, unrecognized } from './events.ts';
import { infoTypeOf } from './info.ts';
import { decodePerps, decodeSpots } from './instruments.ts';
import { decodeMarginTables } from './margin.ts';
import {
  decodeBook,
  decodeBookQuote,
  decodeContexts,
  decodePredictions,
  decodeSettledRate,
} from './market.ts';
import { venueId } from './names.ts';
import { listOf, numberAt, parseJson, type Row, rowAt, rowOf, textAt, timeAt } from './read.ts';
import { decodeActionReply } from './reply-action.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** As much of a reply that is no JSON as a message repeats. */
const quotedCharsMax = 80;

export function decodeReply(
  request: HttpRequest,
  reply: Reply,
  catalog: Catalog,
): readonly VenueEvent[] {
  const value = parseJson(reply.body);
  const frame = rowOf(value);
  const about = { symbol: symbolOf(request), clientOrderId: request.clientOrderId };
  if (reply.status >= 400 || value === undefined || value === null)
    return [failure(request, reply)];
  if (request.path === '/exchange') {
    return frame === null ? [failure(request, reply)] : decodeActionReply(frame, about);
  }
  if (frame !== null && textAt(frame, 'status') === 'err') {
    const message = textAt(frame, 'response') ?? '';
    return [errorEvent({ reading: readSentence(message), message, ...about })];
  }
  return decodeInfo(request, value, catalog);
}

function decodeInfo(request: HttpRequest, value: unknown, catalog: Catalog): readonly VenueEvent[] {
  const type = infoTypeOf(request);
  const row = rowOf(value) ?? {};
  switch (type) {
    case 'exchangeStatus':
      return [serverTime(row)];
    case 'meta':
      return request.purpose === 'margin-tiers'
        ? decodeMarginTables(row, catalog)
        : decodePerps(value);
    case 'metaAndAssetCtxs':
      return request.purpose === 'funding-rates'
        ? decodeContexts(value, catalog)
        : decodePerps(value);
    case 'spotMeta':
    case 'spotMetaAndAssetCtxs':
      return decodeSpots(value);
    case 'predictedFundings':
      return decodePredictions(value, catalog);
    case 'fundingHistory':
      return eachRow(value, (entry) => [decodeSettledRate(entry, catalog)]);
    case 'l2Book':
      return [
        request.purpose === 'quotes' ? decodeBookQuote(row, catalog) : decodeBook(row, catalog),
      ];
    case 'userFees':
      return feeRates(row, catalog);
    case 'userAbstraction':
      return [accountMode(value)];
    case 'orderStatus':
      return [orderStatus(request, row, catalog)];
    case 'openOrders':
    case 'frontendOpenOrders':
      return eachRow(value, (entry) => [decodeOpenOrder(entry, catalog)]);
    case 'historicalOrders':
      return historicalOrders(value, catalog);
    case 'userFills':
    case 'userFillsByTime':
      return eachRow(value, (entry) => [decodeFill(entry, catalog)]);
    case 'userFunding':
      return eachRow(value, (entry) => [decodeFunding(entry, catalog)]);
    case 'clearinghouseState':
      if (request.purpose === 'balances') return [decodePerpBalance(row)];
      if (request.purpose === 'positions') return decodePositions(row, catalog);
      return [decodePerpBalance(row), ...decodePositions(row, catalog)];
    case 'spotClearinghouseState':
      return decodeSpotBalances(row);
    // Read as such by bars.ts: they hold nothing that an event tells.
    case 'candleSnapshot':
      return [control('ack', null)];
    default:
      return [unrecognized(`info ${type ?? 'without a type'}`)];
  }
}

function eachRow(
  value: unknown,
  decodeRow: (row: Row) => readonly VenueEvent[],
): readonly VenueEvent[] {
  const rows = listOf(value);
  if (rows === null) return [unrecognized('no list')];
  return rows.flatMap((entry) => {
    const row = rowOf(entry);
    return row === null ? [unrecognized('the list holds no object')] : decodeRow(row);
  });
}

function serverTime(row: Row): VenueEvent {
  const ms = timeAt(row, 'time');
  if (ms === null) return unrecognized('exchangeStatus: no time');
  return { ...control('server-time', String(ms)), venueTsMs: ms };
}

/**
 * `{ status: "order", order: { order, status, statusTimestamp } }` or `{ status: "unknownOid" }`.
 */
function orderStatus(request: HttpRequest, row: Row, catalog: Catalog): VenueEvent {
  const status = textAt(row, 'status') ?? 'no status';
  if (status === 'order') return decodeOrderState(rowAt(row, 'order'), catalog);
  if (status !== 'unknownOid') return unrecognized(`orderStatus: ${status}`);
  const { clientOrderId } = request;
  const message = 'no such order';
  return errorEvent({ reading: readSentence(status), message, symbol: null, clientOrderId });
}

/** Each state of an order is a row, newest first: the last state of each counts, oldest first. */
function historicalOrders(value: unknown, catalog: Catalog): readonly VenueEvent[] {
  const rows = listOf(value);
  if (rows === null) return [unrecognized('historicalOrders: no list')];
  const latest = new Map<string, Row>();
  const odd: VenueEvent[] = [];
  for (const entry of rows) {
    const row = rowOf(entry) ?? {};
    const oid = textAt(rowAt(row, 'order'), 'oid');
    if (oid === null) odd.push(unrecognized('historicalOrders: a row without oid'));
    else if (isLater(row, latest.get(oid))) latest.set(oid, row);
  }
  const orders = [...latest.values()].map((row) => decodeOrderState(row, catalog));
  return [...odd, ...orders.sort((a, b) => (a.venueTsMs ?? 0) - (b.venueTsMs ?? 0))];
}

/** Of states at the same millisecond the one that is not "open". */
function isLater(row: Row, than: Row | undefined): boolean {
  if (than === undefined) return true;
  const ms = timeAt(row, 'statusTimestamp') ?? 0;
  const thanMs = timeAt(than, 'statusTimestamp') ?? 0;
  return ms > thanMs || (ms === thanMs && textAt(than, 'status') === 'open');
}

/** Rates are the account's, per market; discounts are in them already. */
function feeRates(row: Row, catalog: Catalog): readonly VenueEvent[] {
  const perp = { taker: numberAt(row, 'userCrossRate'), maker: numberAt(row, 'userAddRate') };
  const spot = {
    taker: numberAt(row, 'userSpotCrossRate') ?? perp.taker,
    maker: numberAt(row, 'userSpotAddRate') ?? perp.maker,
  };
  if (perp.taker === null || perp.maker === null) return [unrecognized('userFees: no rates')];
  const ours = catalog.all().filter(({ venue }) => venue === venueId);
  return ours.flatMap((instrument: Instrument): readonly VenueEvent[] => {
    const { taker, maker } = instrument.kind === 'spot' ? spot : perp;
    if (taker === null || maker === null) return [];
    const { id, symbol, venue } = instrument;
    return [{ kind: 'fee-rate', venue, symbol, instrument: id, venueTsMs: null, taker, maker }];
  });
}

/**
 * A unified account keeps its dollars in the spot wallet alone: margin figures of the perpetuals
 * would be read wrong, so such an account is refused rather than misjudged.
 */
function accountMode(value: unknown): VenueEvent {
  const mode = typeof value === 'string' ? value : null;
  if (mode === null) return unrecognized('userAbstraction: no text');
  if (mode !== 'unifiedAccount' && mode !== 'portfolioMargin') return control('ack', mode);
  return errorEvent({
    reading: { name: mode, code: 'REJECTED', reaction: 'restricted' },
    message: `the account is "${mode}": this adapter trades accounts with separate wallets only`,
    symbol: null,
    clientOrderId: null,
  });
}

function failure(request: HttpRequest, reply: Reply): VenueEvent {
  return errorEvent({
    reading: readStatus(reply.status, request.path === '/exchange'),
    message: `no Hyperliquid reply: ${reply.body.slice(0, quotedCharsMax)}`,
    symbol: symbolOf(request),
    clientOrderId: request.clientOrderId,
  });
}

function symbolOf(request: HttpRequest): string | null {
  const body = request.body === null ? null : rowOf(parseJson(request.body));
  const coin = body === null ? null : textAt(body, 'coin');
  return coin;
}
