// One WebSocket frame `{ channel, data }` -> events. Never throws. First frames of userFills and
// userFundings are marked `isSnapshot` and repeat history: what is in them has ids, so whoever
// books them drops what he has.
import type { Catalog } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import {
  decodeFill,
  decodeFunding,
  decodeOrderState,
  decodePerpBalance,
  decodePositions,
  decodeSpotBalances,
} from './account.ts';
import { errorEvent, readSentence } from './errors.ts';
import { control, unrecognized } from './events.ts';
import { decodeBbo, decodeBook, decodeContext, decodeTrade } from './market.ts';
import { listAt, listOf, parseJson, type Row, rowAt, rowOf, textAt, textOfBytes } from './read.ts';
import { decodeActionReply } from './reply-action.ts';

export function decode(bytes: Uint8Array, catalog: Catalog): readonly VenueEvent[] {
  const frame = rowOf(parseJson(textOfBytes(bytes)));
  if (frame === null) return [unrecognized('no JSON object')];
  const channel = textAt(frame, 'channel');
  if (channel === null) return [unrecognized('no channel')];
  if (channel === 'pong') return [control('pong', null)];
  if (channel === 'error') return [answerToBadMessage(textAt(frame, 'data') ?? '')];
  if (channel === 'trades' || channel === 'orderUpdates') {
    const rows = listOf(frame['data']);
    if (rows === null) return [unrecognized(`${channel}: no list`)];
    const read = channel === 'trades' ? decodeTrade : decodeOrderState;
    return rows.map((row) => read(rowOf(row) ?? {}, catalog));
  }
  const data = rowOf(frame['data']);
  if (data === null) return [unrecognized(`${channel}: no data`)];
  return decodeChannel(channel, data, catalog);
}

function decodeChannel(channel: string, data: Row, catalog: Catalog): readonly VenueEvent[] {
  switch (channel) {
    case 'subscriptionResponse':
      return [subscription(data)];
    case 'bbo':
      return [decodeBbo(data, catalog)];
    case 'l2Book':
      return [decodeBook(data, catalog)];
    case 'activeAssetCtx':
    case 'activeSpotAssetCtx': {
      const coin = textAt(data, 'coin');
      const context = rowOf(data['ctx']);
      if (coin === null || context === null) return [unrecognized(`${channel}: no coin or ctx`)];
      return decodeContext(coin, context, catalog);
    }
    case 'user':
    case 'userEvents':
      return decodeUser(data, catalog);
    case 'userFills':
      return listAt(data, 'fills').map((row) => decodeFill(rowOf(row) ?? {}, catalog));
    case 'userFundings':
      return listAt(data, 'fundings').map((row) => decodeFunding(rowOf(row) ?? {}, catalog));
    case 'clearinghouseState':
    case 'webData2': {
      const state = rowOf(data['clearinghouseState']) ?? data;
      return [decodePerpBalance(state), ...decodePositions(state, catalog)];
    }
    case 'spotState':
      return decodeSpotBalances(rowAt(data, 'spotState'));
    case 'post':
      return decodePost(data, catalog);
    default:
      return [unrecognized(`channel ${channel}`)];
  }
}

/** One kind of news per frame. Cancels by the venue come again as orderUpdates: nothing is said. */
function decodeUser(data: Row, catalog: Catalog): readonly VenueEvent[] {
  if (Array.isArray(data['fills'])) {
    return listAt(data, 'fills').map((row) => decodeFill(rowOf(row) ?? {}, catalog));
  }
  const funding = rowOf(data['funding']);
  if (funding !== null) return [decodeFunding(funding, catalog)];
  if (Object.hasOwn(data, 'liquidation')) {
    return [control('ack', 'liquidation: its fills and orders follow')];
  }
  if (Array.isArray(data['nonUserCancel'])) return [control('ack', 'nonUserCancel')];
  return [unrecognized('user: neither fills nor funding')];
}

function subscription(data: Row): VenueEvent {
  const type = textAt(rowAt(data, 'subscription'), 'type');
  return control(textAt(data, 'method') === 'unsubscribe' ? 'unsubscribed' : 'subscribed', type);
}

/** What was subscribed before the answer came is subscribed. */
function answerToBadMessage(message: string): VenueEvent {
  if (/^already subscribed/i.test(message)) return control('subscribed', message);
  if (/^already unsubscribed/i.test(message)) return control('unsubscribed', message);
  const base = { message, symbol: null, clientOrderId: null };
  return errorEvent({ reading: readSentence(message), ...base });
}

/** `{ id, response: { type: action | info | error, payload } }`. */
function decodePost(data: Row, catalog: Catalog): readonly VenueEvent[] {
  const response = rowAt(data, 'response');
  const type = textAt(response, 'type');
  if (type === 'action') {
    return decodeActionReply(rowAt(response, 'payload'), { symbol: null, clientOrderId: null });
  }
  if (type === 'info') {
    const payload = rowAt(response, 'payload');
    return textAt(payload, 'type') === 'l2Book'
      ? [decodeBook(rowAt(payload, 'data'), catalog)]
      : [unrecognized(`post: info ${textAt(payload, 'type') ?? '?'}`)];
  }
  const message = textAt(response, 'payload') ?? '';
  if (type !== 'error') return [unrecognized('post: no type')];
  const reading = readSentence(message);
  return [errorEvent({ reading, message, symbol: null, clientOrderId: null })];
}
