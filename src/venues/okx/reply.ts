// REST replies `{ code, msg, data }` -> events. The top code may say success while an item failed,
// and 1 or 2 while another did not: every item's `sCode` is read. Never throws.

import { type Decimal, negate, toNumber } from '../../base/decimal.ts';
import { type Catalog, type Instrument, marketOf } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { stampOf } from '../../domain/venue-event.ts';
import type { HttpRequest, RequestPurpose } from '../../domain/venue-spec.ts';
import { decodeAccount, decodeBill, decodeFill, decodeOrder, decodePosition } from './account.ts';
import { control, unrecognized } from './control.ts';
import { errorEvent, type Reading, readCode, readReplyCode, readStatus } from './errors.ts';
import { decodeInstrument } from './instruments.ts';
import { decodeBorrowRate, decodeTiers } from './margin.ts';
import {
  decodeDepth,
  decodeFundingRate,
  decodeIndex,
  decodeMark,
  decodeSettledRate,
  decodeTicker,
  decodeTrade,
} from './market.ts';
import { venue } from './names.ts';
import { cursorOfPath } from './paths.ts';
import { listOf, moneyField, parseJson, type Row, rowOf, textField, timeField } from './wire.ts';

/** Also the code of an order query that finds nothing and does not say so. */
const orderMissing = '51603';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export function decodeReply(
  request: HttpRequest,
  reply: Reply,
  catalog: Catalog,
): readonly VenueEvent[] {
  const changesOrders = request.purpose === 'place' || request.purpose === 'cancel';
  const frame = rowOf(parseJson(reply.body));
  const said = frame === null ? null : textField(frame, 'code');
  // A gateway's own page may be JSON too: success is believed only under a status of success.
  const code = said === '0' && reply.status >= 400 ? null : said;
  const fail = (venueCode: string, message: string, reading: Reading): readonly VenueEvent[] => {
    const { clientOrderId } = request;
    const symbol = paramOf(request, 'instId');
    return [errorEvent({ reading, venueCode, message, symbol, clientOrderId })];
  };
  if (frame === null || code === null) {
    const reading = readStatus(reply.status, changesOrders);
    return fail(`http-${reply.status}`, `no OKX reply: ${reply.body.slice(0, 80)}`, reading);
  }
  const data = listOf(frame['data']) ?? [];
  if (changesOrders && data.length > 0) return decodeItems(frame, request);
  if (code !== '0') {
    const reading = readReplyCode(code, { status: reply.status, changesOrders });
    return fail(code, textField(frame, 'msg') ?? '', reading);
  }
  if (changesOrders) {
    return fail(code, 'success without an item', { code: 'UNKNOWN_OUTCOME', reaction: 'query' });
  }
  if (request.purpose === 'query-order' && data.length === 0) {
    return fail(orderMissing, 'Order does not exist', readCode(orderMissing));
  }
  // Historic bars are read as such, by bars.ts; they hold nothing that an event tells.
  if (request.purpose === 'bars') return [control('ack', null)];
  if (request.purpose === 'margin-tiers') {
    return decodeTiers(
      data.map((entry) => rowOf(entry) ?? {}),
      catalog,
    );
  }
  return data.flatMap((entry) => {
    const row = rowOf(entry);
    if (row === null) return [unrecognized(`${request.purpose}: data holds no object`)];
    return decodeRow(row, {
      purpose: request.purpose,
      catalog,
      instId: paramOf(request, 'instId'),
    });
  });
}

interface RowContext {
  readonly purpose: RequestPurpose;
  readonly catalog: Catalog;
  readonly instId: string | null;
}

function decodeRow(row: Row, context: RowContext): readonly VenueEvent[] {
  const { catalog, instId } = context;
  const source = { catalog, instId };
  switch (context.purpose) {
    case 'server-time': {
      const ts = timeField(row, 'ts');
      if (ts === null) return [unrecognized('server-time: no ts')];
      return [{ ...control('server-time', String(ts)), venueTsMs: ts }];
    }
    case 'instruments':
      return [decodeInstrument(row, catalog)];
    case 'funding-rates':
      return [decodeFundingRate(row, source)];
    case 'funding-history':
      return [decodeSettledRate(row, source)];
    case 'quotes':
      if (Object.hasOwn(row, 'markPx')) return [decodeMark(row, source)];
      if (Object.hasOwn(row, 'idxPx')) return [decodeIndex(row, source)];
      return [decodeTicker(row, source)];
    case 'depth':
      return [decodeDepth(row, source, null)];
    case 'fee-rates':
      return decodeFeeRates(row, catalog);
    case 'borrow-rates':
      return [decodeBorrowRate(row)];
    case 'query-order':
    case 'open-orders':
    case 'order-history':
      return [decodeOrder(row, catalog)];
    case 'fills':
      return [decodeFill(row, catalog)];
    case 'balances':
      return decodeAccount(row);
    case 'positions':
      return [decodePosition(row, catalog)];
    case 'funding-payments': {
      const payment = decodeBill(row, catalog);
      return payment === null ? [] : [payment];
    }
    case 'account-config':
      return [decodeConfig(row)];
    case 'setup':
      return [control('ack', textField(row, 'instId') ?? textField(row, 'posMode'))];
    case 'place':
    case 'cancel':
    case 'listen-key':
    case 'bars':
    case 'margin-tiers':
      return [unrecognized(`${context.purpose}: unexpected row`)];
  }
}

/** Items of an order operation, over REST or WebSocket: an ack or an error each. */
export function decodeItems(frame: Row, request: HttpRequest | null): readonly VenueEvent[] {
  const items = listOf(frame['data']) ?? [];
  const symbol = request === null ? null : paramOf(request, 'instId');
  if (items.length === 0) {
    const venueCode = textField(frame, 'code') ?? '?';
    const message = textField(frame, 'msg') ?? '';
    const reading = readCode(venueCode);
    if (venueCode === '0') return [control('ack', textField(frame, 'id'))];
    return [errorEvent({ reading, venueCode, message, symbol, clientOrderId: null })];
  }
  return items.map((entry) => {
    const item = rowOf(entry);
    if (item === null) return unrecognized('an order reply holds no object');
    const venueCode = textField(item, 'sCode') ?? textField(frame, 'code') ?? '?';
    if (venueCode === '0') {
      return { ...control('ack', textField(item, 'ordId')), venueTsMs: timeField(item, 'ts') };
    }
    return errorEvent({
      reading: readCode(venueCode),
      venueCode,
      message: textField(item, 'sMsg') ?? textField(frame, 'msg') ?? '',
      symbol: textField(item, 'instId') ?? symbol,
      clientOrderId: textField(item, 'clOrdId') ?? request?.clientOrderId ?? null,
    });
  });
}

/** Net position mode is what every quantity here assumes; spot mode (1) cannot trade swaps. */
function decodeConfig(row: Row): VenueEvent {
  const mode = textField(row, 'posMode');
  const level = textField(row, 'acctLv');
  const wrong = (venueCode: string, message: string): VenueEvent =>
    errorEvent({
      reading: { code: 'REJECTED', reaction: 'fix-position-mode' },
      venueCode,
      message,
      symbol: null,
      clientOrderId: null,
    });
  if (level === '1') {
    return wrong('acctLv-1', 'the account is in spot mode: switch it to futures or multi-currency');
  }
  if (mode === 'long_short_mode') {
    return wrong('posMode-long_short_mode', 'the account is in long/short mode: set net_mode');
  }
  const permissions = textField(row, 'perm') ?? '?';
  return control('ack', `acctLv=${level ?? '?'} posMode=${mode ?? '?'} perm=${permissions}`);
}

/**
 * OKX prints a fee as a negative rate; ours is a cost. One reply covers every listed instrument.
 */
function decodeFeeRates(row: Row, catalog: Catalog): readonly VenueEvent[] {
  const type = textField(row, 'instType');
  const events: VenueEvent[] = [];
  for (const instrument of catalog.all()) {
    if (instrument.venue !== venue || typeOf(instrument) !== type) continue;
    const rates = feeRatesOf(row, instrument);
    if (rates !== null) events.push({ kind: 'fee-rate', ...stampOf(instrument, null), ...rates });
  }
  return events.length > 0 ? events : [control('ack', `fee rates of ${type ?? '?'}`)];
}

function typeOf(instrument: Instrument): string {
  if (instrument.kind === 'spot') return 'SPOT';
  return instrument.kind === 'linear-perp' || instrument.kind === 'inverse-perp'
    ? 'SWAP'
    : 'FUTURES';
}

function feeRatesOf(
  row: Row,
  instrument: Instrument,
): { readonly taker: number; readonly maker: number } | null {
  const suffix =
    marketOf(instrument.kind) !== 'linear' ? '' : instrument.settle === 'USDC' ? 'USDC' : 'U';
  const taker = moneyField(row, `taker${suffix}`) ?? worstOfGroups(row, 'taker');
  const maker = moneyField(row, `maker${suffix}`) ?? worstOfGroups(row, 'maker');
  if (taker === null || maker === null) return null;
  return { taker: toNumber(negate(taker)), maker: toNumber(negate(maker)) };
}

/** The listing does not carry the fee group: the costliest group is the safe reading. */
function worstOfGroups(row: Row, key: 'taker' | 'maker'): Decimal | null {
  let worst: Decimal | null = null;
  for (const entry of listOf(row['feeGroup']) ?? []) {
    const group = rowOf(entry);
    const rate = group === null ? null : moneyField(group, key);
    if (rate !== null && (worst === null || rate < worst)) worst = rate;
  }
  return worst;
}

/** A REST reply whose request is not known: each row is recognised by its fields. */
export function decodeLooseRows(frame: Row, catalog: Catalog): readonly VenueEvent[] {
  const code = textField(frame, 'code') ?? '?';
  const data = listOf(frame['data']) ?? [];
  if (data.some((entry) => Object.hasOwn(rowOf(entry) ?? {}, 'sCode'))) {
    return decodeItems(frame, null);
  }
  if (code !== '0') {
    const message = textField(frame, 'msg') ?? '';
    const about = { symbol: null, clientOrderId: null };
    return [errorEvent({ reading: readCode(code), venueCode: code, message, ...about })];
  }
  if (data.length === 0) return [control('ack', null)];
  return data.flatMap((entry) => {
    const row = rowOf(entry);
    if (row !== null && isTrade(row)) return [decodeTrade(row, { catalog, instId: null })];
    const purpose = row === null ? null : purposeOfRow(row);
    if (row === null || purpose === null) return [unrecognized('a row of an unknown listing')];
    return decodeRow(row, { purpose, catalog, instId: null });
  });
}

/** A row of /market/trades. */
function isTrade(row: Row): boolean {
  return ['tradeId', 'px', 'sz', 'side'].every((key) => Object.hasOwn(row, key)) && !row['ordId'];
}

const marks: readonly (readonly [field: string, purpose: RequestPurpose])[] = [
  ['billId', 'funding-payments'],
  ['ctVal', 'instruments'],
  ['realizedRate', 'funding-history'],
  ['fundingRate', 'funding-rates'],
  ['markPx', 'quotes'],
  ['idxPx', 'quotes'],
  ['bidPx', 'quotes'],
  ['bids', 'depth'],
  ['details', 'balances'],
  ['posMode', 'account-config'],
  ['takerU', 'fee-rates'],
  // Position tiers: acknowledged.
  ['maxLever', 'setup'],
];

function purposeOfRow(row: Row): RequestPurpose | null {
  const has = (key: string): boolean => Object.hasOwn(row, key);
  if (has('ordId') && has('state')) return 'query-order';
  if (has('tradeId') && has('fillPx') && has('billId')) return 'fills';
  if (has('pos') && has('instId')) return 'positions';
  const mark = marks.find(([field]) => has(field));
  if (mark !== undefined) return mark[1];
  return has('ts') && Object.keys(row).length === 1 ? 'server-time' : null;
}

/** A page shorter than this is the last one; OKX caps most listings at 100 rows. */
const pageRows = 100;

export function nextPage(request: HttpRequest, body: string): HttpRequest | null {
  const cursor = cursorOfPath.get(request.path);
  if (cursor === undefined) return null;
  const frame = rowOf(parseJson(body));
  const data = frame === null ? null : listOf(frame['data']);
  if (data === null || data.length < pageRows) return null;
  const last = rowOf(data[data.length - 1]);
  const after = last === null ? null : textField(last, cursor);
  if (after === null || !/^\d+$/.test(after)) return null;
  const kept = request.query.split('&').filter((part) => part !== '' && !part.startsWith('after='));
  const query = [...kept, `after=${after}`].join('&');
  return query === request.query ? null : { ...request, query };
}

/** A parameter of the query, or of the body of an order request. */
function paramOf(request: HttpRequest, key: string): string | null {
  for (const part of request.query.split('&')) {
    const [name, value] = part.split('=');
    if (name === key && value !== undefined && value !== '' && value !== 'ANY') return value;
  }
  const body = request.body === null ? null : rowOf(parseJson(request.body));
  return body === null ? null : textField(body, key);
}
