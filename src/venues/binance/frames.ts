// Decodes one WebSocket frame of any of Binance's streams. Never throws: bytes that are not a known
// frame become an `unrecognized` event.
import type { Catalog, Market } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import type { FrameSource } from '../../domain/venue-spec.ts';
import { pathOfPayload } from './detect.ts';
import { classOf } from './errors.ts';
import { accountStamp, brief, type Context, control, unitsIn, unrecognized } from './events.ts';
import {
  decodeAccountUpdate,
  decodeConfigUpdate,
  decodeMarginCall,
  decodeOrderReport,
  decodeSpotBalances,
  decodeTradeLite,
} from './frames-account.ts';
import {
  decodeDepthSnapshot,
  decodeDepthUpdate,
  decodeMark,
  decodeQuote,
  decodeTrade,
} from './frames-market.ts';
import { isJson, type Json, listOf, parseJson, textIn, textOfBytes, timeIn } from './read.ts';
import { decodePayload } from './replies.ts';
import { isCoinMargined } from './symbols.ts';

export function decode(
  bytes: Uint8Array,
  source: FrameSource,
  catalog: Catalog,
): readonly VenueEvent[] {
  const text = textOfBytes(bytes);
  const json = parseJson(text);
  if (json === undefined) return [unrecognized(`not JSON: ${text}`)];
  const frame = unwrap(json);
  const market = frame.isSpotUser ? 'spot' : source.market;
  const events = decodeFrame(frame, market, catalog);
  if (events !== null) return events;
  const path = pathOfPayload(json, source.market);
  if (path !== null) return decodePayload(json, { path, query: '', catalog });
  return [unrecognized(`unknown frame: ${text}`)];
}

interface Frame {
  readonly payload: unknown;
  /** Name in the combined envelope {stream, data}. */
  readonly stream: string | null;
  /** True: from the wrapper {subscriptionId, event} of the WebSocket API's user data. */
  readonly isSpotUser: boolean;
}

function unwrap(json: unknown): Frame {
  if (isJson(json)) {
    if (typeof json['stream'] === 'string' && json['data'] !== undefined) {
      return { payload: json['data'], stream: json['stream'], isSpotUser: false };
    }
    if (isJson(json['event'])) return { payload: json['event'], stream: null, isSpotUser: true };
  }
  return { payload: json, stream: null, isSpotUser: false };
}

/** Null: not a frame of a stream. */
function decodeFrame(
  { payload, stream }: Frame,
  market: Market | null,
  catalog: Catalog,
): readonly VenueEvent[] | null {
  // `!markPrice@arr` and its kind send a list of events.
  if (Array.isArray(payload)) {
    if (!isJson(payload[0]) || typeof payload[0]['e'] !== 'string') return null;
    return payload.flatMap((entry): readonly VenueEvent[] => {
      if (!isJson(entry) || typeof entry['e'] !== 'string') return [unrecognized(brief(entry))];
      return decodeEvent(entry['e'], entry, { market: market ?? marketOfFrame(entry), catalog });
    });
  }
  if (!isJson(payload)) return null;
  const context: Context = { market: market ?? marketOfFrame(payload), catalog };
  if (typeof payload['e'] === 'string') return decodeEvent(payload['e'], payload, context);
  if (payload['b'] !== undefined && payload['a'] !== undefined && payload['B'] !== undefined) {
    return oneOf(decodeQuote(payload, context), 'bookTicker');
  }
  if (stream !== null && payload['lastUpdateId'] !== undefined) {
    const symbol = (stream.split('@')[0] as string).toUpperCase();
    return oneOf(decodeDepthSnapshot(payload, symbol, context), stream);
  }
  return decodeAnswer(payload, market, catalog);
}

/** Frames that differ between the markets; null `market` in the source means that this decides. */
function marketOfFrame(json: Json): Market {
  if (namesCoinMargined(json)) return 'inverse';
  switch (json['e']) {
    case 'bookTicker':
    case 'markPriceUpdate':
    case 'forceOrder':
    case 'contractInfo':
      return 'linear';
    case '24hrTicker':
      return json['b'] === undefined ? 'linear' : 'spot';
    case 'depthUpdate':
      return json['pu'] === undefined ? 'spot' : 'linear';
    case 'trade':
      return json['X'] === undefined ? 'spot' : 'linear';
    case 'aggTrade':
      return json['M'] === undefined ? 'linear' : 'spot';
    default:
      return 'spot';
  }
}

/** By the symbol of the frame, of its order, or of the first position that it lists. */
function namesCoinMargined(json: Json): boolean {
  const report = isJson(json['o']) ? json['o'] : json;
  const update = isJson(json['a']) ? listOf(json['a']['P']) : listOf(json['p']);
  const first = isJson(update[0]) ? update[0] : report;
  const symbol = textIn(report['s']) ?? textIn(first['s']);
  return symbol !== null && isCoinMargined(symbol);
}

function decodeEvent(event: string, json: Json, context: Context): readonly VenueEvent[] {
  const futures: Context = {
    ...context,
    market: context.market === 'inverse' ? 'inverse' : 'linear',
  };
  switch (event) {
    case 'bookTicker':
      return oneOf(decodeQuote(json, context), event);
    case 'depthUpdate':
      return oneOf(decodeDepthUpdate(json, context), event);
    case 'markPriceUpdate':
      return decodeMark(json, futures) ?? [unrecognized(`unreadable ${event}`)];
    case 'aggTrade':
    case 'trade':
      return oneOf(decodeTrade(json, context), event);
    case 'ORDER_TRADE_UPDATE': {
      const report = isJson(json['o'])
        ? decodeOrderReport(json['o'], timeIn(json['E']), futures)
        : null;
      return report ?? [unrecognized(`unreadable ${event}: ${brief(json)}`)];
    }
    case 'executionReport': {
      const spot: Context = { ...context, market: 'spot' };
      const report = decodeOrderReport(json, timeIn(json['E']), spot);
      return report ?? [unrecognized(`unreadable ${event}: ${brief(json)}`)];
    }
    case 'ACCOUNT_UPDATE':
      return decodeAccountUpdate(json, futures) ?? [unrecognized(`unreadable ${event}`)];
    case 'outboundAccountPosition':
      return decodeSpotBalances(json);
    case 'MARGIN_CALL':
      return decodeMarginCall(json, futures);
    case 'TRADE_LITE':
      return oneOf(decodeTradeLite(json, futures), event);
    case 'ACCOUNT_CONFIG_UPDATE':
      return [decodeConfigUpdate(json)];
    case 'listenKeyExpired':
      return [control('listen-key-expired', textIn(json['listenKey']), timeIn(json['E']))];
    case 'eventStreamTerminated':
    case 'serverShutdown':
      return [control('reconnect-now', event, timeIn(json['E']))];
    // Deltas whose totals follow in outboundAccountPosition, and orders of types that we never
    // send.
    case 'balanceUpdate':
    case 'externalLockUpdate':
    case 'listStatus':
    case 'ALGO_UPDATE':
    case 'CONDITIONAL_ORDER_TRIGGER_REJECT':
    case 'STRATEGY_UPDATE':
    case 'GRID_UPDATE':
      return [control('ack', event, timeIn(json['E']))];
    // Spot's 24 h ticker repeats the best bid and ask, USD-M's does not.
    case '24hrTicker':
      return json['b'] === undefined
        ? [acknowledged(event, json, context)]
        : oneOf(decodeQuote(json, context), event);
    case '24hrMiniTicker':
    case 'kline':
    case 'continuous_kline':
    case 'avgPrice':
    case 'forceOrder':
    case 'contractInfo':
    case 'compositeIndex':
    case 'assetIndexUpdate':
      return [acknowledged(event, json, context)];
    default:
      return [unrecognized(`unknown event ${event}`)];
  }
}

/** Market data that nothing here uses: known, named, and left. */
function acknowledged(event: string, json: Json, context: Context): VenueEvent {
  const about = isJson(json['o']) ? json['o'] : json;
  const units = unitsIn(about, 's', context);
  const names = units === null ? {} : { symbol: units.symbol, instrument: units.instrument };
  return { ...control('ack', event, timeIn(json['E'])), ...names };
}

/** Id that our login message carries, to tell its answer from others. */
export const loginId = 'login';
/** Id of the WebSocket API's `ping` and its answer. */
export const pingId = 'ping';

/**
 * Answers to what was sent: {result: null, id} to SUBSCRIBE, {id, status, result} of the WebSocket
 * API, whose result is what REST answers, {error: {code, msg}, id} or {code, msg, id} when refused.
 */
function decodeAnswer(
  json: Json,
  market: Market | null,
  catalog: Catalog,
): readonly VenueEvent[] | null {
  if (!('id' in json)) return null;
  const id = textIn(json['id']);
  const error = isJson(json['error']) ? json['error'] : json;
  const code = textIn(error['code']);
  if (code !== null) {
    const message = textIn(error['msg']) ?? '';
    return [
      {
        kind: 'error',
        ...accountStamp(null),
        ...classOf(code, message),
        venueCode: code,
        message,
        clientOrderId: null,
      },
    ];
  }
  if (id === pingId) return [control('pong', id)];
  if (json['status'] !== undefined) {
    const result = isJson(json['result']) ? json['result'] : {};
    const subscription = textIn(result['subscriptionId']);
    const isLogin = subscription !== null || id === loginId || 'authorizedSince' in result;
    if (isLogin) return [control('login', subscription)];
    const path = pathOfPayload(json['result'], market);
    return path === null
      ? [control('ack', id)]
      : decodePayload(json['result'], { path, query: '', catalog });
  }
  if (!('result' in json)) return null;
  // SUBSCRIBE answers null, LIST_SUBSCRIPTIONS a list.
  return [control(json['result'] === null ? 'subscribed' : 'ack', id)];
}

function oneOf(event: VenueEvent | null, what: string): readonly VenueEvent[] {
  return [event ?? unrecognized(`unreadable ${what}`)];
}
