// Decodes REST replies: errors first, then by method and path. Never throws: a reply that is not
// what the path promises becomes `unrecognized`, an entry of a list costs only itself.
import type { Catalog } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { classOf, errorOfReply, paramsOf, successCode } from './errors.ts';
import {
  accountStamp,
  type Context,
  control,
  eachOf,
  stamp,
  unitsIn,
  unrecognized,
} from './events.ts';
import { decodeDepthSnapshot, decodeMark, decodeQuote, decodeTrade } from './frames-market.ts';
import { decodeFundingHistory, decodeFundingInfo } from './funding.ts';
import { instrumentEvent } from './instruments.ts';
import { decodeBorrowRate, decodeBrackets } from './margin.ts';
import { marketOfPath } from './market-paths.ts';
import {
  booleanIn,
  isJson,
  type Json,
  listOf,
  numberIn,
  parseJson,
  textIn,
  timeIn,
} from './read.ts';
import {
  decodeBalance,
  decodeFuturesAccount,
  decodeIncome,
  decodeOrder,
  decodePosition,
  decodeSpotAccount,
  decodeUserTrade,
} from './replies-account.ts';
import { walletOfMarket } from './symbols.ts';

export function decodeReply(
  request: HttpRequest,
  reply: { readonly status: number; readonly body: string },
  catalog: Catalog,
): readonly VenueEvent[] {
  const error = errorOfReply(request, reply, catalog);
  if (error !== null) {
    // "No need to change": what was asked for is so already.
    const isSo = request.purpose === 'setup' && error.reaction === 'unchanged';
    return [isSo ? control('unchanged', error.venueCode) : error];
  }
  const path = `${request.method} ${request.path.split('?')[0] as string}`;
  return decodePayload(parseJson(reply.body), { path, query: request.query, catalog });
}

/**
 * A payload of a path ("GET /fapi/v1/premiumIndex"); the query names the symbol where it does not.
 */
export function decodePayload(
  json: unknown,
  from: { readonly path: string; readonly query: string; readonly catalog: Catalog },
): readonly VenueEvent[] {
  const decoder = decoders[from.path];
  if (decoder === undefined) return [unrecognized(`no decoder for ${from.path}`)];
  const context: ReplyContext = {
    market: marketOfPath(from.path.split(' ')[1] ?? ''),
    catalog: from.catalog,
    params: new Map(paramsOf(from.query)),
  };
  return decoder(json, context);
}

interface ReplyContext extends Context {
  readonly params: ReadonlyMap<string, string>;
}
type Decoder = (json: unknown, context: ReplyContext) => readonly VenueEvent[];
type RowDecoder = (row: Json, context: ReplyContext) => VenueEvent | readonly VenueEvent[] | null;

/** The payload is one object. */
function object(decode: RowDecoder): Decoder {
  return (json, context) => {
    const decoded = isJson(json) ? decode(json, context) : null;
    if (decoded === null) return [unrecognized('the reply is not what its path answers')];
    return Array.isArray(decoded) ? decoded : [decoded as VenueEvent]; // not a list: one event
  };
}

/**
 * One object when a symbol was asked for, else a list; a list may hold refusals of single entries.
 */
function oneOrMany(decode: RowDecoder): Decoder {
  const row: RowDecoder = (entry, context) => refusalIn(entry) ?? decode(entry, context);
  return (json, context) =>
    Array.isArray(json)
      ? eachOf(json, 'the reply', (entry) => row(entry, context))
      : object(row)(json, context);
}

/** Batch calls answer 200 with {code, msg} in place of an entry that failed. */
function refusalIn(entry: Json): VenueEvent | null {
  const code = textIn(entry['code']);
  if (code === null) return null;
  const message = textIn(entry['msg']) ?? '';
  if (code === successCode) return control('ack', message);
  const is = classOf(code, message);
  return {
    kind: 'error',
    ...accountStamp(null),
    ...is,
    venueCode: code,
    message,
    clientOrderId: null,
  };
}

const time = object((json) => {
  const serverTime = timeIn(json['serverTime']);
  return serverTime === null ? null : control('server-time', String(serverTime), serverTime);
});

const listing = object((json, context) =>
  eachOf(json['symbols'], 'symbols', (entry) =>
    instrumentEvent(entry, context.market, timeIn(json['serverTime'])),
  ),
);

const quote = oneOrMany(decodeQuote);
const mark = oneOrMany(decodeMark);
const order = oneOrMany(decodeOrder);
const trade = oneOrMany(decodeUserTrade);
const position = oneOrMany(decodePosition);
const balance = oneOrMany((row, { market }) => decodeBalance(row, walletOfMarket[market]));
const brackets = oneOrMany(decodeBrackets);
const futuresAccount = object(decodeFuturesAccount);

const depth = object((json, context) =>
  decodeDepthSnapshot(json, context.params.get('symbol') ?? textIn(json['symbol']), context),
);

const commissionRate = object((json, context) => {
  const units = unitsIn(json, 'symbol', context);
  const maker = numberIn(json['makerCommissionRate']);
  const taker = numberIn(json['takerCommissionRate']);
  if (units === null || maker === null || taker === null) return null;
  return { kind: 'fee-rate', ...stamp(units, null), maker, taker };
});

/**
 * Spot: standard, special and tax commissions add up; the discount for paying in BNB is not
 * assumed.
 */
const spotCommission = object((json, context) => {
  const units = unitsIn(json, 'symbol', context);
  const standard = json['standardCommission'];
  if (units === null || !isJson(standard)) return null;
  let maker = numberIn(standard['maker']);
  let taker = numberIn(standard['taker']);
  if (maker === null || taker === null) return null;
  for (const key of ['specialCommission', 'taxCommission']) {
    const extra = json[key];
    if (!isJson(extra)) continue;
    maker += numberIn(extra['maker']) ?? 0;
    taker += numberIn(extra['taker']) ?? 0;
  }
  return { kind: 'fee-rate', ...stamp(units, null), maker, taker };
});

const setup = object((json) => {
  const refusal = refusalIn(json);
  if (refusal !== null) return refusal;
  const leverage = numberIn(json['leverage']);
  const symbol = textIn(json['symbol']);
  const text = leverage === null ? null : `leverage ${symbol} ${leverage}`;
  return control('ack', text ?? symbol);
});

/** A countdown, a cancel-all or a key that was prolonged: acknowledged, nothing more to say. */
const acknowledged = object((json) => refusalIn(json) ?? control('ack', null));

const listenKey = object((json) => {
  const key = textIn(json['listenKey']);
  return key === null ? control('ack', null) : control('listen-key', key);
});

/** `dualSidePosition` true is hedge mode, in which our orders are refused with -4061. */
const futuresConfig = object((json) => {
  const dual = booleanIn(json['dualSidePosition']);
  if (dual !== true) return control('ack', `dualSidePosition=${dual}`);
  return {
    kind: 'error',
    ...accountStamp(null),
    code: 'REJECTED',
    venueCode: '-4061',
    message: 'the account is in hedge mode, one-way mode is needed',
    reaction: 'fix-position-mode',
    clientOrderId: null,
  };
});

const apiRestrictions = object((json) => {
  if (json['enableWithdrawals'] !== true) return control('ack', 'enableWithdrawals=false');
  return {
    kind: 'error',
    ...accountStamp(null),
    code: 'AUTH',
    venueCode: 'withdrawals-enabled',
    message: 'the API key may withdraw: make one that may only read and trade',
    reaction: 'report',
    clientOrderId: null,
  };
});

/** A listing of which nothing is used here: acknowledged by its name. */
const listed =
  (name: string): Decoder =>
  (json) =>
    listOf(json).length === 0 ? [] : [control('ack', name)];

/** The public trades of one symbol, which `trades` names in the query alone. */
const publicTrades: Decoder = (json, context) => {
  const symbol = context.params.get('symbol');
  return eachOf(json, 'trades', (row) => decodeTrade({ s: symbol, ...row }, context));
};

const decoders: Readonly<Record<string, Decoder>> = {
  'GET /api/v3/time': time,
  'GET /fapi/v1/time': time,
  'GET /dapi/v1/time': time,
  'GET /api/v3/exchangeInfo': listing,
  'GET /fapi/v1/exchangeInfo': listing,
  'GET /dapi/v1/exchangeInfo': listing,
  'GET /fapi/v1/premiumIndex': mark,
  'GET /dapi/v1/premiumIndex': mark,
  'GET /fapi/v1/fundingInfo': decodeFundingInfo,
  'GET /dapi/v1/fundingInfo': decodeFundingInfo,
  'GET /fapi/v1/fundingRate': decodeFundingHistory,
  'GET /dapi/v1/fundingRate': decodeFundingHistory,
  'GET /api/v3/ticker/bookTicker': quote,
  'GET /fapi/v1/ticker/bookTicker': quote,
  'GET /fapi/v2/ticker/bookTicker': quote,
  'GET /dapi/v1/ticker/bookTicker': quote,
  'GET /api/v3/depth': depth,
  'GET /fapi/v1/depth': depth,
  'GET /dapi/v1/depth': depth,
  'GET /api/v3/account/commission': spotCommission,
  'GET /fapi/v1/commissionRate': commissionRate,
  'GET /dapi/v1/commissionRate': commissionRate,
  'POST /fapi/v1/positionSide/dual': setup,
  'POST /fapi/v1/marginType': setup,
  'POST /fapi/v1/leverage': setup,
  'POST /dapi/v1/positionSide/dual': setup,
  'POST /dapi/v1/marginType': setup,
  'POST /dapi/v1/leverage': setup,
  'POST /fapi/v1/countdownCancelAll': acknowledged,
  'POST /dapi/v1/countdownCancelAll': acknowledged,
  'POST /api/v3/order': order,
  'POST /fapi/v1/order': order,
  'PUT /fapi/v1/order': order,
  'PUT /dapi/v1/order': order,
  'POST /fapi/v1/batchOrders': order,
  'POST /dapi/v1/order': order,
  'POST /dapi/v1/batchOrders': order,
  'DELETE /api/v3/order': order,
  'DELETE /fapi/v1/order': order,
  'DELETE /api/v3/openOrders': order,
  'DELETE /fapi/v1/allOpenOrders': acknowledged,
  'DELETE /fapi/v1/batchOrders': order,
  'DELETE /dapi/v1/order': order,
  'DELETE /dapi/v1/allOpenOrders': acknowledged,
  'DELETE /dapi/v1/batchOrders': order,
  'GET /api/v3/order': order,
  'GET /fapi/v1/order': order,
  'GET /fapi/v1/openOrder': order,
  'GET /dapi/v1/order': order,
  'GET /dapi/v1/openOrder': order,
  'GET /api/v3/openOrders': order,
  'GET /fapi/v1/openOrders': order,
  'GET /dapi/v1/openOrders': order,
  'GET /api/v3/allOrders': order,
  'GET /fapi/v1/allOrders': order,
  'GET /dapi/v1/allOrders': order,
  'GET /api/v3/myTrades': trade,
  'GET /fapi/v1/userTrades': trade,
  'GET /dapi/v1/userTrades': trade,
  'GET /api/v3/account': object(decodeSpotAccount),
  'GET /fapi/v2/balance': balance,
  'GET /fapi/v3/balance': balance,
  'GET /dapi/v1/balance': balance,
  'GET /fapi/v2/account': futuresAccount,
  'GET /fapi/v3/account': futuresAccount,
  'GET /dapi/v1/account': futuresAccount,
  'GET /fapi/v2/positionRisk': position,
  'GET /fapi/v3/positionRisk': position,
  'GET /dapi/v1/positionRisk': position,
  'GET /fapi/v1/income': oneOrMany(decodeIncome),
  'GET /dapi/v1/income': oneOrMany(decodeIncome),
  'POST /fapi/v1/listenKey': listenKey,
  'PUT /fapi/v1/listenKey': listenKey,
  'DELETE /fapi/v1/listenKey': listenKey,
  'POST /dapi/v1/listenKey': listenKey,
  'PUT /dapi/v1/listenKey': listenKey,
  'DELETE /dapi/v1/listenKey': listenKey,
  'GET /fapi/v1/accountConfig': futuresConfig,
  'GET /fapi/v1/positionSide/dual': futuresConfig,
  'GET /dapi/v1/positionSide/dual': futuresConfig,
  'GET /fapi/v1/symbolConfig': listed('symbolConfig'),
  'GET /fapi/v1/leverageBracket': brackets,
  'GET /dapi/v2/leverageBracket': brackets,
  'GET /sapi/v1/margin/next-hourly-interest-rate': oneOrMany(decodeBorrowRate),
  'GET /api/v3/trades': publicTrades,
  'GET /fapi/v1/trades': publicTrades,
  'GET /api/v3/aggTrades': publicTrades,
  'GET /fapi/v1/aggTrades': publicTrades,
  'GET /dapi/v1/trades': publicTrades,
  'GET /dapi/v1/aggTrades': publicTrades,
  'GET /dapi/v1/leverageBracket': listed('leverageBracket'),
  'GET /sapi/v1/account/apiRestrictions': apiRestrictions,
};
