// One WebSocket frame -> events: topics of the public and private streams, answers to subscribe,
// auth and ping in the form of each kind of connection, and order replies of the trade connection.
// Never throws.
import type { Catalog } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import type { FrameSource } from '../../domain/venue-spec.ts';
import { decodeExecution, decodeOrder, decodePosition, decodeWallet } from './account.ts';
import { errorEvent, readCode } from './errors.ts';
import { control, stampFor, unrecognized } from './events.ts';
import { decodeOrderBook, decodeTickerFrame, decodeTrades, type Source } from './market.ts';
import { listAt, parseJson, type Row, rowAt, rowOf, textAt, textOfBytes, timeAt } from './read.ts';
import { decodeLooseReply, orderAnswers } from './reply.ts';
import { factsOf, marketOfCategory } from './symbols.ts';

export function decode(
  bytes: Uint8Array,
  frameSource: FrameSource,
  catalog: Catalog,
): readonly VenueEvent[] {
  const frame = rowOf(parseJson(textOfBytes(bytes)));
  if (frame === null) return [unrecognized('no JSON object')];
  const source: Source = { market: frameSource.market, catalog };
  const topic = textAt(frame, 'topic');
  if (topic !== null) return decodeTopic(frame, topic, source);
  const op = textAt(frame, 'op');
  if (op?.startsWith('order.')) return decodeOrderAnswer(frame, op);
  if (op !== null) return [decodeAnswer(frame, op)];
  if (textAt(frame, 'type') === 'COMMAND_RESP') return [decodeTopicsAnswer(frame)];
  if (frame['success'] === false) return [refusal(frame, 'request', null)];
  if (Object.hasOwn(frame, 'retCode') || Object.hasOwn(frame, 'ret_code')) {
    return decodeLooseReply(frame, catalog);
  }
  return [unrecognized('neither topic nor op')];
}

/** Topics of which nothing here is used: known, named, and left. `execution.fast` says no fee. */
const unused = new RegExp(
  '^(?:kline|allLiquidation|liquidation|priceLimit|insurance|adlAlert|dcp|greeks|lt|spread' +
    '|kline_lt|tickers_lt|orderbook\\.rpi|execution\\.fast|rfq|system)(?:\\.|$)',
);

function acknowledged(frame: Row, topic: string, source: Source): VenueEvent {
  const first = rowOf(frame['data']) ?? rowOf(listAt(frame, 'data')[0]) ?? {};
  const named = /\.([A-Z0-9-]{5,})$/.exec(topic)?.[1];
  const symbol = textAt(first, 'symbol') ?? named ?? null;
  if (symbol === null) return control('ack', topic);
  const market = marketOfCategory(textAt(first, 'category')) ?? source.market;
  const facts = factsOf(symbol, market, source.catalog);
  return { ...control('ack', topic), ...stampFor(facts, timeAt(frame, 'ts')) };
}

function decodeTopic(frame: Row, topic: string, source: Source): readonly VenueEvent[] {
  if (unused.test(topic)) return [acknowledged(frame, topic, source)];
  if (topic.startsWith('orderbook.')) return [decodeOrderBook(frame, topic, source)];
  if (topic.startsWith('tickers.')) return decodeTickerFrame(frame, source);
  if (topic.startsWith('publicTrade.')) return decodeTrades(frame, source);
  const sentAtMs = timeAt(frame, 'creationTime');
  // `order.linear` and the like are the same topics for one category.
  switch (topic.replace(/\.(?:linear|inverse|spot|option)$/, '')) {
    case 'order':
      return eachRow(frame, (row) => [decodeOrder(row, source, sentAtMs)]);
    case 'execution':
      return eachRow(frame, (row) => [decodeExecution(row, source)]);
    case 'position':
      return eachRow(frame, (row) => [decodePosition(row, source, sentAtMs)]);
    case 'wallet':
      return eachRow(frame, (row) => decodeWallet(row, sentAtMs));
    default:
      return [unrecognized(`topic ${topic}`)];
  }
}

function eachRow(
  frame: Row,
  decodeRow: (row: Row) => readonly VenueEvent[],
): readonly VenueEvent[] {
  return listAt(frame, 'data').flatMap((entry) => {
    const row = rowOf(entry);
    return row === null ? [unrecognized('data holds no object')] : decodeRow(row);
  });
}

/**
 * Pongs: public `{ success, ret_msg: "pong", op: "ping" }`, private and option `{ op: "pong", args
 * }`, trade `{ op: "pong", retCode, data }`.
 */
function decodeAnswer(frame: Row, op: string): VenueEvent {
  const requestId = textAt(frame, 'req_id') ?? textAt(frame, 'reqId');
  const code = textAt(frame, 'retCode') ?? textAt(frame, 'ret_code');
  const failed = frame['success'] === false || (code !== null && code !== '0');
  if (failed) return refusal(frame, op, code);
  switch (op) {
    case 'ping':
    case 'pong':
      return control('pong', requestId);
    case 'subscribe':
      return control('subscribed', requestId);
    case 'unsubscribe':
      return control('unsubscribed', requestId);
    case 'auth':
      return control('login', requestId);
    default:
      return unrecognized(`op ${op}`);
  }
}

/** Answers of the trade connection: `data` is what REST calls `result`, of batches too. */
function decodeOrderAnswer(frame: Row, op: string): readonly VenueEvent[] {
  const code = textAt(frame, 'retCode');
  if (code !== '0') return [refusal(frame, op, code)];
  const result = rowAt(frame, 'data');
  if (Array.isArray(result['list'])) return orderAnswers(frame, result, null);
  return [control('ack', textAt(result, 'orderId') ?? textAt(frame, 'reqId'))];
}

/** Options, and spot of old: which topics were taken and which were not. */
function decodeTopicsAnswer(frame: Row): VenueEvent {
  const failed = listAt(rowAt(frame, 'data'), 'failTopics');
  if (frame['success'] !== false && failed.length === 0) {
    return control('subscribed', textAt(frame, 'req_id'));
  }
  const message = textAt(frame, 'ret_msg') ?? `not subscribed: ${failed.join(', ')}`;
  return refusal({ ret_msg: message }, 'subscribe', null);
}

function refusal(frame: Row, op: string, code: string | null): VenueEvent {
  const message = textAt(frame, 'retMsg') ?? textAt(frame, 'ret_msg') ?? '';
  const clientOrderId = textAt(rowAt(frame, 'data'), 'orderLinkId');
  const base = { message, symbol: null, clientOrderId };
  // The public and private connections say no code of their own.
  if (code === null || code === '0') {
    const reading =
      op === 'auth'
        ? ({ code: 'AUTH', reaction: 'stop' } as const)
        : ({ code: 'BAD_PAYLOAD', reaction: 'report' } as const);
    return errorEvent({ reading, venueCode: `ws-${op}`, ...base });
  }
  const changesOrders = op.startsWith('order.');
  return errorEvent({
    reading: readCode(code, { message, changesOrders }),
    venueCode: code,
    ...base,
  });
}
