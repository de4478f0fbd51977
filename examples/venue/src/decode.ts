// Items -> events. One table for streams and replies, as Tidewater says the same in both. It never
// throws: what cannot be read is an `unrecognized` event that says why.
import {
  type Catalog,
  type FrameSource,
  type HttpRequest,
  hourMs,
  type Instrument,
  instrumentIdOf,
  type Level,
  negate,
  type OrderStatus,
  type Side,
  stampOf,
  type VenueEvent,
} from 'funding-rate-arb/plugin';
import { errorOf, errorOfReply, readingOf, venueId } from './errors.ts';
import {
  flagOf,
  type Item,
  itemOf,
  moneyOf,
  numberIn,
  numberOf,
  parsed,
  positive,
  textOf,
  timeOf,
} from './wire.ts';

export const wallet = 'unified';

interface Stamp {
  readonly venue: string;
  readonly symbol: string | null;
  readonly instrument: string | null;
  readonly venueTsMs: number | null;
}
type Read = (item: Item, at: Stamp) => VenueEvent | string;

export function decode(
  bytes: Uint8Array,
  _source: FrameSource,
  catalog: Catalog,
): readonly VenueEvent[] {
  const text = new TextDecoder().decode(bytes);
  const frame = parsed(text);
  if (frame === null) return [unread(nowhere, 'no JSON object')];
  const code = textOf(frame, 'code');
  if (code !== null) {
    const message = textOf(frame, 'message') ?? '';
    const reading = readingOf(code);
    return [errorOf({ reading, venueCode: code, message, clientOrderId: textOf(frame, 'id') })];
  }
  return itemsOf(frame, catalog);
}

export function decodeReply(
  request: HttpRequest,
  reply: { readonly status: number; readonly body: string },
  catalog: Catalog,
): readonly VenueEvent[] {
  const error = errorOfReply(request, reply);
  if (error !== null) return [error];
  const events = itemsOf(parsed(reply.body) ?? {}, catalog);
  if (request.purpose !== 'query-order' || events.length > 0) return events;
  const { clientOrderId } = request;
  const message = 'no such order';
  const venueCode = 'order-not-found';
  return [errorOf({ reading: readingOf(venueCode), venueCode, message, clientOrderId })];
}

const nowhere: Stamp = { venue: venueId, symbol: null, instrument: null, venueTsMs: null };

function itemsOf(frame: Item, catalog: Catalog): readonly VenueEvent[] {
  const items = frame['items'];
  if (!Array.isArray(items)) return [unread(nowhere, 'no items')];
  return items.map((value: unknown): VenueEvent => {
    const item = itemOf(value);
    const type = item === null ? null : textOf(item, 'type');
    if (item === null || type === null) return unread(nowhere, 'an item without a type');
    const at = stampIn(item, catalog);
    const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
    const event = read === undefined ? `type ${type}` : read(item, at);
    return typeof event === 'string' ? unread(at, event) : event;
  });
}

function unread(at: Stamp, reason: string): VenueEvent {
  return { kind: 'unrecognized', ...at, reason };
}

function stampIn(item: Item, catalog: Catalog): Stamp {
  const symbol = textOf(item, 'market');
  const venueTsMs = timeOf(item, 'ts');
  if (symbol === null) return { ...nowhere, venueTsMs };
  const known =
    catalog.bySymbol(venueId, 'linear', symbol) ?? catalog.bySymbol(venueId, 'spot', symbol);
  if (known !== undefined) return stampOf(known, venueTsMs);
  const isName = /^[A-Z0-9]{1,20}-[A-Z0-9]{1,20}-(?:PERP|SPOT)$/.test(symbol);
  return { venue: venueId, symbol, instrument: isName ? `${venueId}:${symbol}` : null, venueTsMs };
}

const statuses: Readonly<Record<string, OrderStatus>> = {
  open: 'open',
  'partially-filled': 'open',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'expired',
};

const readers: Readonly<Record<string, Read>> = {
  time: (_item, at) =>
    at.venueTsMs === null
      ? 'time: no ts'
      : { kind: 'control', ...at, name: 'server-time', value: String(at.venueTsMs) },
  pong: (_item, at) => ({ kind: 'control', ...at, name: 'pong', value: null }),
  watching: (item, at) => ({
    kind: 'control',
    ...at,
    name: 'subscribed',
    value: textOf(item, 'of'),
  }),
  'logged-in': (_item, at) => ({ kind: 'control', ...at, name: 'login', value: null }),
  done: (item, at) => ({ kind: 'control', ...at, name: 'ack', value: textOf(item, 'id') }),
  market: readMarket,
  quote: (item, at) => {
    if (at.symbol === null) return 'quote: no market';
    const [bid, bidQty] = levelOf(item['bid']) ?? [null, null];
    const [ask, askQty] = levelOf(item['ask']) ?? [null, null];
    return { kind: 'quote', ...at, bid, bidQty, ask, askQty };
  },
  book: (item, at) => {
    const [bids, asks] = [levelsOf(item['bids']), levelsOf(item['asks'])];
    const [snapshot, seq] = [flagOf(item, 'full'), sequenceOf(item, 'seq')];
    if (at.symbol === null || bids === null || asks === null || snapshot === null || seq === null) {
      return 'book: no market, levels, full or seq';
    }
    const prevSeq = sequenceOf(item, 'prev');
    return { kind: 'depth', ...at, snapshot, bids, asks, seq, prevSeq, firstSeq: null };
  },
  mark: (item, at) => {
    const mark = positive(numberOf(item, 'mark'));
    const index = positive(numberOf(item, 'index'));
    if (at.symbol === null || (mark === null && index === null)) return 'mark: no market or price';
    return { kind: 'mark-price', ...at, mark, index };
  },
  funding: (item, at) => readFunding(item, at, false),
  settled: (item, at) => readFunding(item, at, true),
  fee: (item, at) => {
    const [taker, maker] = [numberOf(item, 'taker'), numberOf(item, 'maker')];
    if (at.symbol === null || taker === null || maker === null) return 'fee: no market or rates';
    return { kind: 'fee-rate', ...at, taker, maker };
  },
  order: (item, at) => {
    const [side, state] = [sideOf(item), textOf(item, 'state')];
    const [qty, filledQty] = [moneyOf(item, 'qty'), moneyOf(item, 'filled')];
    if (at.symbol === null || side === null || state === null)
      return 'order: no market, side, state';
    if (qty === null || qty < 0n || filledQty === null || filledQty < 0n) return 'order: no qty';
    return {
      ...{ kind: 'order', ...at, side, qty, filledQty },
      clientOrderId: textOf(item, 'id'),
      venueOrderId: textOf(item, 'order'),
      status: Object.hasOwn(statuses, state) ? (statuses[state] ?? 'unknown') : 'unknown',
      limit: positive(moneyOf(item, 'price')),
      averagePrice: positive(moneyOf(item, 'average')),
      reduceOnly: flagOf(item, 'reduce'),
      reason: textOf(item, 'why'),
    };
  },
  fill: (item, at) => {
    const [side, fillId] = [sideOf(item), textOf(item, 'trade')];
    const [price, qty] = [positive(moneyOf(item, 'price')), positive(moneyOf(item, 'qty'))];
    const fee = moneyOf(item, 'fee');
    if (at.symbol === null || side === null || fillId === null)
      return 'fill: no market, side, trade';
    if (price === null || qty === null || fee === null) return 'fill: no price, qty or fee';
    const role = textOf(item, 'role');
    return {
      ...{ kind: 'fill', ...at, side, fillId, price, qty },
      clientOrderId: textOf(item, 'id'),
      venueOrderId: textOf(item, 'order'),
      // Tidewater tells what was paid, we tell cash.
      fee: negate(fee),
      feeAsset: textOf(item, 'asset'),
      liquidity: role === 'maker' || role === 'taker' ? role : null,
      realizedPnl: moneyOf(item, 'pnl'),
      forced: flagOf(item, 'forced') === true,
    };
  },
  balance: (item, at) => {
    const [asset, total] = [textOf(item, 'asset'), moneyOf(item, 'total')];
    if (asset === null || total === null) return 'balance: no asset or total';
    return { kind: 'balance', ...at, asset, total, available: moneyOf(item, 'free'), wallet };
  },
  position: (item, at) => {
    const qty = moneyOf(item, 'qty');
    if (at.symbol === null || qty === null) return 'position: no market or qty';
    return {
      ...{ kind: 'position', ...at, qty },
      entryPrice: positive(moneyOf(item, 'entry')),
      markPrice: positive(numberOf(item, 'mark')),
      liquidationPrice: positive(numberOf(item, 'liquidation')),
      leverage: positive(numberOf(item, 'leverage')),
    };
  },
  payment: (item, at) => {
    const [id, amount, asset] = [
      textOf(item, 'no'),
      moneyOf(item, 'amount'),
      textOf(item, 'asset'),
    ];
    if (at.symbol === null || id === null || amount === null || asset === null) {
      return 'payment: no market, no, amount or asset';
    }
    return { kind: 'funding-payment', ...at, id, amount, asset, wallet };
  },
};

function readFunding(item: Item, at: Stamp, settled: boolean): VenueEvent | string {
  const [ratePerInterval, settlesAtMs] = [numberOf(item, 'rate'), timeOf(item, 'at')];
  if (at.symbol === null || (ratePerInterval === null && settlesAtMs === null)) {
    return 'funding: no market, rate or time';
  }
  const intervalMs = intervalOf(item);
  return {
    ...{ kind: 'funding-rate', ...at, ratePerInterval, intervalMs, settlesAtMs },
    // Tidewater does not say how far its rates may go.
    ...{ nextRate: null, settled, cap: null, floor: null },
  };
}

/** Settlements come every so many hours; it is told, never assumed. */
function intervalOf(item: Item): number | null {
  const hours = positive(numberOf(item, 'hours'));
  return hours === null ? null : hours * hourMs;
}

function readMarket(item: Item, at: Stamp): VenueEvent | string {
  const [symbol, base, quote] = [at.symbol, textOf(item, 'base'), textOf(item, 'quote')];
  const [named, state] = [textOf(item, 'kind'), textOf(item, 'state')];
  if (symbol === null || base === null || quote === null) return 'market: no name or assets';
  if (named !== 'perp' && named !== 'spot') return `market: kind ${named}`;
  const kind = named === 'perp' ? 'linear-perp' : 'spot';
  const size = (key: string) => positive(moneyOf(item, key));
  const one = moneyOf({ one: '1' }, 'one');
  if (one === null) return 'market: no unit';
  const spec: Instrument = {
    id: instrumentIdOf({ venue: venueId, kind, base, quote }),
    ...{ venue: venueId, symbol, kind, base, quote, settle: quote, wallet },
    // Tidewater counts in base units: nothing is converted.
    ...{ contractSize: one, qtyUnit: one, priceUnit: one },
    ...{ tickSize: size('tick'), lotSize: size('lot'), qtyMin: size('min'), qtyMax: size('max') },
    notionalMin: size('notional'),
    status: state === 'open' ? 'trading' : state === 'closed' ? 'halted' : 'unknown',
    fundingIntervalMs: kind === 'spot' ? null : intervalOf(item),
    leverageMax: positive(numberOf(item, 'leverage')),
  };
  return { kind: 'instrument', ...stampOf(spec, at.venueTsMs), spec };
}

function sideOf(item: Item): Side | null {
  const side = textOf(item, 'side');
  return side === 'buy' || side === 'sell' ? side : null;
}

function levelOf(value: unknown): Level | null {
  if (!Array.isArray(value)) return null;
  const [price, qty] = [positive(numberIn(value[0])), numberIn(value[1])];
  return price === null || qty === null || qty < 0 ? null : [price, qty];
}

/** One level that cannot be read makes the side unreadable: no book is better than a hole in it. */
function levelsOf(value: unknown): readonly Level[] | null {
  if (!Array.isArray(value)) return null;
  const levels = value.map(levelOf);
  return levels.every((level) => level !== null) ? levels : null;
}

function sequenceOf(item: Item, key: string): string | null {
  const text = textOf(item, key);
  return text !== null && /^\d{1,20}$/.test(text) ? text : null;
}
