// REST replies `{ retCode, retMsg, result, retExtInfo, time }` -> events. `retCode` 0 can still
// hold failed items (batches): every item is read. Never throws.
import type { Catalog } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { type HttpRequest, type RequestPurpose, requestToReadBy } from '../../domain/venue-spec.ts';
import {
  decodeExecution,
  decodeOrder,
  decodePosition,
  decodeTransaction,
  decodeWallet,
} from './account.ts';
import { errorEvent, readCode, readStatus } from './errors.ts';
import { control, stampFor, unrecognized } from './events.ts';
import { decodeInstrument } from './instruments.ts';
import { decodeBorrowRates, decodeRiskLimits } from './margin.ts';
import {
  decodeBookReply,
  decodeSettledRate,
  decodeTickerRow,
  decodeTradeRow,
  isPublicTrade,
  type Source,
} from './market.ts';
import { paramsOf } from './pages.ts';
import {
  listAt,
  numberAt,
  parseJson,
  type Row,
  rowAt,
  rowOf,
  sequenceAt,
  textAt,
  timeAt,
} from './read.ts';
import { factsOf, marketOfCategory } from './symbols.ts';

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
  const frame = rowOf(parseJson(reply.body));
  const code = frame === null ? null : codeOf(frame);
  if (frame === null || code === null || (code === '0' && reply.status >= 400)) {
    return [failure(request, reply)];
  }
  if (code !== '0') return [refusal(request, code, messageOf(frame))];
  const result = rowAt(frame, 'result');
  const category = textAt(result, 'category') ?? paramsOf(request.query).get('category') ?? null;
  const market = marketOfCategory(category) ?? request.market;
  return decodeResult(request, { frame, result, source: { market, catalog } });
}

/** The gateway still answers in the older form at times: `ret_code` and `ret_msg`. */
function codeOf(frame: Row): string | null {
  return textAt(frame, 'retCode') ?? textAt(frame, 'ret_code');
}

function messageOf(frame: Row): string {
  return textAt(frame, 'retMsg') ?? textAt(frame, 'ret_msg') ?? '';
}

interface Answer {
  readonly frame: Row;
  readonly result: Row;
  readonly source: Source;
}

function decodeResult(request: HttpRequest, answer: Answer): readonly VenueEvent[] {
  const { frame, result, source } = answer;
  const sentAtMs = timeAt(frame, 'time');
  switch (request.purpose) {
    case 'server-time':
      return [serverTime(frame, result)];
    case 'instruments':
      return eachRow(result, (row) => [decodeInstrument(row, source.market, sentAtMs)]);
    case 'funding-rates':
    case 'quotes':
      return eachRow(result, (row) =>
        isPublicTrade(row) ? [decodeTradeRow(row, source)] : decodeTickerRow(row, source, sentAtMs),
      );
    case 'funding-history':
      return eachRow(result, (row) => [decodeSettledRate(row, source)]);
    case 'depth':
      return [decodeBookReply(result, source)];
    case 'fee-rates':
      return eachRow(result, (row) => [feeRate(row, source)]);
    case 'margin-tiers':
      return decodeRiskLimits(result, source);
    case 'borrow-rates':
      return decodeBorrowRates(result);
    case 'query-order':
      if (listAt(result, 'list').length === 0) {
        return [refusal(request, '110001', 'no such order in this listing')];
      }
      return eachRow(result, (row) => [decodeOrder(row, source, sentAtMs)]);
    case 'open-orders':
    case 'order-history':
      return eachRow(result, (row) => [decodeOrder(row, source, sentAtMs)]);
    case 'fills':
      return eachRow(result, (row) => [decodeExecution(row, source)]);
    case 'funding-payments':
      return eachRow(result, (row) => fundingPayment(row, source));
    case 'balances':
      return eachRow(result, (row) => decodeWallet(row, sentAtMs));
    case 'positions':
      return eachRow(result, (row) => [decodePosition(row, source, sentAtMs)]);
    case 'account-config':
      return [accountConfig(result)];
    // Historic bars are read as such, by bars.ts; they hold nothing that an event tells.
    case 'bars':
    case 'setup':
    case 'listen-key':
      return [control('ack', null)];
    case 'place':
    case 'cancel':
      return orderAnswers(frame, result, request.clientOrderId);
  }
}

/** Fields that only rows of one listing have, and what that listing is read as. */
const marks: readonly (readonly [field: string, purpose: RequestPurpose])[] = [
  ['execType', 'fills'],
  ['orderStatus', 'open-orders'],
  ['bid1Price', 'quotes'],
  ['isBlockTrade', 'quotes'],
  ['fundingRateTimestamp', 'funding-history'],
  ['lotSizeFilter', 'instruments'],
  ['takerFeeRate', 'fee-rates'],
  ['riskLimitValue', 'margin-tiers'],
  ['vipCoinList', 'borrow-rates'],
  ['transactionTime', 'funding-payments'],
  ['positionIdx', 'positions'],
  ['accountType', 'balances'],
  ['unifiedMarginStatus', 'account-config'],
  ['permissions', 'account-config'],
  ['timeNano', 'server-time'],
  ['orderLinkId', 'place'],
];

/** A REST reply whose request is not known: its rows, or its result, are told by their fields. */
export function decodeLooseReply(frame: Row, catalog: Catalog): readonly VenueEvent[] {
  const code = codeOf(frame);
  if (code === null) return [unrecognized('retCode is none')];
  if (code !== '0') {
    const message = messageOf(frame);
    const reading = readCode(code, { message, changesOrders: true });
    const about = { symbol: null, clientOrderId: null };
    return [errorEvent({ reading, venueCode: code, message, ...about })];
  }
  const result = rowAt(frame, 'result');
  const isBook = textAt(result, 's') !== null && Array.isArray(result['b']);
  const sample = rowOf(listAt(result, 'list')[0]) ?? result;
  const mark = marks.find(([field]) => Object.hasOwn(sample, field));
  const purpose = isBook ? 'depth' : (mark?.[1] ?? null);
  if (purpose === null) {
    const isEmpty = Object.keys(result).length === 0;
    return [isEmpty ? control('ack', null) : unrecognized('a REST reply of an unknown path')];
  }
  const market = marketOfCategory(textAt(result, 'category'));
  return decodeResult(looseRequest(purpose), { frame, result, source: { market, catalog } });
}

function looseRequest(purpose: RequestPurpose): HttpRequest {
  return requestToReadBy({ purpose, host: '', method: 'GET', path: '', query: '', market: null });
}

/** Both executions of type Funding and the transaction log are read; see account.ts. */
function fundingPayment(row: Row, source: Source): readonly VenueEvent[] {
  if (Object.hasOwn(row, 'execType')) return [decodeExecution(row, source)];
  const payment = decodeTransaction(row, source);
  return payment === null ? [] : [payment];
}

/** Batches answer with two parallel lists: ids in `result`, each item's code in `retExtInfo`. */
export function orderAnswers(
  frame: Row,
  result: Row,
  clientOrderId: string | null,
): readonly VenueEvent[] {
  const codes = listAt(rowAt(frame, 'retExtInfo'), 'list');
  if (!Array.isArray(result['list']) && codes.length === 0) {
    return [control('ack', textAt(result, 'orderId'))];
  }
  const items = listAt(result, 'list');
  const count = Math.max(items.length, codes.length);
  return Array.from({ length: count }, (_, i) => {
    const item = rowOf(items[i]) ?? {};
    const verdict = rowOf(codes[i]) ?? {};
    const code = textAt(verdict, 'code');
    // cancel-all has no codes: what it lists, it cancelled.
    if (code === '0' || (code === null && codes.length === 0)) {
      return control('ack', textAt(item, 'orderId'));
    }
    const message = textAt(verdict, 'msg') ?? '';
    return errorEvent({
      reading:
        code === null
          ? { code: 'UNKNOWN_OUTCOME', reaction: 'query' }
          : readCode(code, { message, changesOrders: true }),
      venueCode: code ?? 'no-item-code',
      message,
      symbol: textAt(item, 'symbol'),
      clientOrderId: textAt(item, 'orderLinkId') ?? clientOrderId,
    });
  });
}

/** Unchanged settings are what was asked for. */
function refusal(request: HttpRequest, venueCode: string, message: string): VenueEvent {
  const reading = readCode(venueCode, { message, changesOrders: changesOrders(request) });
  if (request.purpose === 'setup' && reading.reaction === 'unchanged') {
    return control('unchanged', venueCode);
  }
  const { clientOrderId } = request;
  return errorEvent({ reading, venueCode, message, symbol: symbolOf(request), clientOrderId });
}

function failure(request: HttpRequest, reply: Reply): VenueEvent {
  return errorEvent({
    reading: readStatus(reply.status, changesOrders(request)),
    venueCode: `http-${reply.status}`,
    message: `no Bybit reply: ${reply.body.slice(0, quotedCharsMax)}`,
    symbol: symbolOf(request),
    clientOrderId: request.clientOrderId,
  });
}

function changesOrders({ purpose }: HttpRequest): boolean {
  return purpose === 'place' || purpose === 'cancel';
}

function symbolOf(request: HttpRequest): string | null {
  const inQuery = paramsOf(request.query).get('symbol');
  if (inQuery !== undefined) return inQuery;
  const body = request.body === null ? null : rowOf(parseJson(request.body));
  return body === null ? null : textAt(body, 'symbol');
}

/** `timeNano` is text of nanoseconds; `time` the same in ms. */
function serverTime(frame: Row, result: Row): VenueEvent {
  const nanos = sequenceAt(result, 'timeNano');
  const fromNanos = nanos === null ? null : timeAt({ ms: nanos.slice(0, -6) }, 'ms');
  const seconds = timeAt(result, 'timeSecond');
  const ms = fromNanos ?? timeAt(frame, 'time') ?? (seconds === null ? null : seconds * 1_000);
  if (ms === null) return unrecognized('server time: none');
  return { ...control('server-time', String(ms)), venueTsMs: ms };
}

function feeRate(row: Row, source: Source): VenueEvent {
  const symbol = textAt(row, 'symbol');
  const taker = numberAt(row, 'takerFeeRate');
  const maker = numberAt(row, 'makerFeeRate');
  if (symbol === null || taker === null || maker === null) {
    return unrecognized('fee rate: no symbol or rates', symbol);
  }
  const facts = factsOf(symbol, source.market, source.catalog);
  return { kind: 'fee-rate', ...stampFor(facts, null), taker, maker };
}

/** account/info says the account's kind, user/query-api what the key may do. */
function accountConfig(result: Row): VenueEvent {
  const status = textAt(result, 'unifiedMarginStatus');
  if (status === '1') {
    return errorEvent({
      reading: { code: 'REJECTED', reaction: 'restricted' },
      venueCode: 'unifiedMarginStatus-1',
      message: 'a classic account: this adapter trades unified accounts only',
      symbol: null,
      clientOrderId: null,
    });
  }
  if (status !== null) {
    const mode = textAt(result, 'marginMode') ?? '?';
    return control('ack', `unifiedMarginStatus=${status} marginMode=${mode}`);
  }
  const permissions = Object.values(rowAt(result, 'permissions')).flatMap((names) =>
    Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
  );
  const readOnly = textAt(result, 'readOnly') ?? '?';
  return control('ack', `readOnly=${readOnly} perm=${permissions.join(',')}`);
}

function eachRow(
  result: Row,
  decodeRow: (row: Row) => readonly VenueEvent[],
): readonly VenueEvent[] {
  return listAt(result, 'list').flatMap((entry) => {
    const row = rowOf(entry);
    return row === null ? [unrecognized('the list holds no object')] : decodeRow(row);
  });
}
