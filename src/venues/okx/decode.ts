// One WebSocket frame of OKX -> events. A frame is `pong`, an `event` (acks, errors, notices), the
// reply to an order operation (`op`), or `{ arg, data }` of a channel. It never throws: what it
// cannot read becomes an `unrecognized` event that says why.
import type { Catalog } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { decodeAccount, decodeCash, decodeOrderPush, decodePosition } from './account.ts';
import { control, unrecognized } from './control.ts';
import { errorEvent, readCode } from './errors.ts';
import { decodeInstrument } from './instruments.ts';
import {
  decodeDepth,
  decodeFundingRate,
  decodeIndex,
  decodeMark,
  decodeTicker,
  decodeTop,
  decodeTrade,
} from './market.ts';
import { stampOfName } from './names.ts';
import { decodeItems, decodeLooseRows } from './reply.ts';
import { listOf, parseJson, type Row, rowOf, textField, textOfBytes, timeField } from './wire.ts';

export function decode(bytes: Uint8Array, catalog: Catalog): readonly VenueEvent[] {
  const text = textOfBytes(bytes);
  if (text === 'pong') return [control('pong', null)];
  const frame = rowOf(parseJson(text));
  if (frame === null) return [unrecognized('not a JSON object')];
  if (textField(frame, 'event') !== null) return [decodeEvent(frame)];
  const data = listOf(frame['data']);
  if (textField(frame, 'op') !== null) return decodeItems(frame, null);
  const arg = rowOf(frame['arg']);
  if (arg === null) {
    // A REST reply without its request, as `farb decode` may be given.
    return textField(frame, 'code') === null
      ? [unrecognized('neither event, op, arg nor code')]
      : decodeLooseRows(frame, catalog);
  }
  const channel = textField(arg, 'channel') ?? '?';
  if (unused.test(channel)) return [acknowledged(channel, { arg, first: data?.[0], catalog })];
  if (data === null) return [unrecognized(`channel ${channel}: data is not a list`)];
  return data.flatMap((entry) => {
    const row = rowOf(entry);
    if (row === null) return [unrecognized(`channel ${channel}: data holds no object`)];
    return decodeChannelRow(row, { channel, arg, action: textField(frame, 'action'), catalog });
  });
}

/** Channels of which nothing here is used: known, named, and left. */
const unused = new RegExp(
  '^(?:(?:mark-price-|index-)?candle\\w+|open-interest|price-limit|estimated-price|status|fills' +
    '|opt-summary|liquidation-orders|adl-warning|account-greeks|option-trades|block-tickers' +
    '|orders-algo|algo-advance|deposit-info|withdrawal-info|economic-calendar)$',
);

function acknowledged(
  channel: string,
  from: { readonly arg: Row; readonly first: unknown; readonly catalog: Catalog },
): VenueEvent {
  const row = rowOf(from.first) ?? {};
  const instId = textField(row, 'instId') ?? textField(from.arg, 'instId');
  return { ...control('ack', channel), ...stampOfName(from.catalog, instId, timeField(row, 'ts')) };
}

interface Channel {
  readonly channel: string;
  readonly arg: Row;
  readonly action: string | null;
  readonly catalog: Catalog;
}

function decodeChannelRow(row: Row, from: Channel): readonly VenueEvent[] {
  const { catalog, action } = from;
  const source = { catalog, instId: textField(from.arg, 'instId') };
  switch (from.channel) {
    case 'bbo-tbt':
      return [decodeTop(row, source)];
    case 'books':
    case 'books-l2-tbt':
    case 'books50-l2-tbt':
    case 'books-elp':
    case 'books5':
      return [decodeDepth(row, source, action)];
    case 'tickers':
      return [decodeTicker(row, source)];
    case 'mark-price':
      return [decodeMark(row, source)];
    case 'index-tickers':
      return [decodeIndex(row, source)];
    case 'funding-rate':
      return [decodeFundingRate(row, source)];
    case 'trades':
    case 'trades-all':
      return [decodeTrade(row, source)];
    case 'instruments':
      return [decodeInstrument(row, catalog)];
    case 'orders':
      return decodeOrderPush(row, catalog);
    case 'account':
      return decodeAccount(row);
    case 'positions':
      return [decodePosition(row, catalog)];
    case 'balance_and_position':
      return decodeBalanceAndPosition(row, catalog);
    case 'liquidation-warning':
      return [decodeLiquidationWarning(row)];
    default:
      return [unrecognized(`unknown channel ${from.channel}`)];
  }
}

/** The margin ratio of a position is near its maintenance: an alarm. */
function decodeLiquidationWarning(row: Row): VenueEvent {
  const symbol = textField(row, 'instId');
  return errorEvent({
    reading: { code: 'REJECTED', reaction: 'refresh-position' },
    venueCode: 'liquidation-warning',
    message: `${symbol ?? 'a position'} is near liquidation, ratio ${textField(row, 'mgnRatio')}`,
    symbol,
    clientOrderId: null,
  });
}

function decodeBalanceAndPosition(row: Row, catalog: Catalog): readonly VenueEvent[] {
  const members = (key: string, read: (member: Row) => VenueEvent): readonly VenueEvent[] =>
    (listOf(row[key]) ?? []).map((entry) => {
      const member = rowOf(entry);
      return member === null ? unrecognized(`${key} holds no object`) : read(member);
    });
  const events = [
    ...members('balData', (member) => decodeCash(member, timeField(member, 'uTime'))),
    ...members('posData', (member) => decodePosition(member, catalog)),
  ];
  return events.length > 0 ? events : [control('ack', textField(row, 'eventType'))];
}

/** Service upgrade: the connection closes within a minute. */
const upgradeNotice = '64008';

function decodeEvent(frame: Row): VenueEvent {
  const event = textField(frame, 'event');
  const code = textField(frame, 'code');
  const arg = rowOf(frame['arg']);
  switch (event) {
    case 'subscribe':
      return control('subscribed', channelName(arg));
    case 'unsubscribe':
      return control('unsubscribed', channelName(arg));
    case 'login':
      if (code === null || code === '0') return control('login', textField(frame, 'connId'));
      return decodeErrorFrame(frame, code);
    case 'error':
      return decodeErrorFrame(frame, code ?? '?');
    case 'notice':
      if (code === upgradeNotice) return control('reconnect-now', textField(frame, 'msg'));
      return control('ack', textField(frame, 'msg'));
    case 'channel-conn-count':
      return control('ack', textField(frame, 'connCount'));
    case 'channel-conn-count-error':
      return decodeErrorFrame(frame, code ?? 'channel-conn-count-error');
    default:
      return unrecognized(`unknown event ${event ?? '?'}`);
  }
}

function decodeErrorFrame(frame: Row, venueCode: string): VenueEvent {
  const arg = rowOf(frame['arg']);
  return errorEvent({
    reading: readCode(venueCode),
    venueCode,
    message: textField(frame, 'msg') ?? '',
    symbol: arg === null ? null : textField(arg, 'instId'),
    clientOrderId: null,
  });
}

function channelName(arg: Row | null): string | null {
  if (arg === null) return null;
  const channel = textField(arg, 'channel');
  const target = textField(arg, 'instId') ?? textField(arg, 'instType');
  return target === null ? channel : `${channel ?? '?'}:${target}`;
}
