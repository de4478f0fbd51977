// User-data frames of spot (WebSocket API), USD-M and COIN-M (listenKey). One report of a trade
// becomes two events, the fill first and the order's state second: whoever sees an order end has
// booked its fills.
import { type Decimal, negate, over, plus, zero } from '../../base/decimal.ts';
import type { FillEvent, OrderEvent, VenueEvent } from '../../domain/venue-event.ts';
import {
  accountStamp,
  type Context,
  control,
  eachOf,
  isForcedId,
  orderStatusOf,
  sideIn,
  stamp,
  unitsIn,
} from './events.ts';
import {
  booleanIn,
  decimalIn,
  isJson,
  type Json,
  numberIn,
  positiveDecimalIn,
  shiftedIn,
  textIn,
  timeIn,
} from './read.ts';
import { ourPrice, ourQty, type SymbolUnits, venueId, walletOfMarket } from './symbols.ts';

/**
 * The futures' ORDER_TRADE_UPDATE `o` and spot's executionReport share their letters: s symbol, c
 * client id (C the original one when a cancel renames it), i id, S side, o type, p price, q qty, x
 * what happened, X status, z filled, l/L last qty/price, n/N fee (positive = paid), t trade id, m
 * maker, T trade time. The futures add ap average price, R reduce-only, rp realized profit; spot Z
 * filled quote, r reject reason.
 */
export function decodeOrderReport(
  report: Json,
  eventTsMs: number | null,
  context: Context,
): readonly VenueEvent[] | null {
  const units = unitsIn(report, 's', context);
  if (units === null) return null;
  const order = orderOf(report, units, eventTsMs);
  if (order === null) return null;
  const isTrade = report['x'] === 'TRADE' || report['x'] === 'CALCULATED';
  if (!isTrade) return [order];
  const fill = fillOf(report, order, units);
  return fill === null ? null : [fill, order];
}

function orderOf(report: Json, units: SymbolUnits, eventTsMs: number | null): OrderEvent | null {
  const side = sideIn(report['S']);
  const qty = decimalIn(report['q']);
  const filledQty = decimalIn(report['z']);
  const status = textIn(report['X']);
  if (side === null || qty === null || filledQty === null || status === null) return null;
  if (qty < 0n || filledQty < 0n) return null;
  const limit = report['o'] === 'MARKET' ? null : positiveDecimalIn(report['p']);
  return {
    kind: 'order',
    ...stamp(units, eventTsMs ?? timeIn(report['T'])),
    clientOrderId: textIn(report['C']) ?? textIn(report['c']),
    venueOrderId: textIn(report['i']),
    status: orderStatusOf(status),
    side,
    qty: ourQty(units, qty),
    filledQty: ourQty(units, filledQty),
    limit: limit === null ? null : ourPrice(units, limit),
    averagePrice: averageOf(report, filledQty, units),
    reduceOnly: booleanIn(report['R']),
    reason: reasonOf(report, status),
  };
}

function averageOf(report: Json, filledQty: Decimal, units: SymbolUnits): Decimal | null {
  const average = positiveDecimalIn(report['ap']);
  if (average !== null) return ourPrice(units, average);
  const filledQuote = positiveDecimalIn(report['Z']);
  if (filledQuote === null || filledQty <= 0n) return null;
  return ourPrice(units, over(filledQuote, filledQty));
}

function reasonOf(report: Json, status: string): string | null {
  const reject = textIn(report['r']);
  if (reject !== null && reject !== 'NONE') return reject;
  const ended = status === 'CANCELED' || status.startsWith('EXPIRED') || status === 'REJECTED';
  return ended ? status : null;
}

function fillOf(report: Json, order: OrderEvent, units: SymbolUnits): FillEvent | null {
  const fillId = textIn(report['t']);
  const qty = positiveDecimalIn(report['l']);
  const price = positiveDecimalIn(report['L']);
  // No `n` means that no fee was taken; an unreadable one makes the fill unreadable.
  const fee = report['n'] === undefined || report['n'] === null ? zero : decimalIn(report['n']);
  if (fillId === null || qty === null || price === null || fee === null) return null;
  return {
    kind: 'fill',
    ...stamp(units, timeIn(report['T']) ?? order.venueTsMs),
    fillId,
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
    side: order.side,
    price: ourPrice(units, price),
    qty: ourQty(units, qty),
    fee: negate(fee),
    feeAsset: textIn(report['N']),
    liquidity: report['m'] === true ? 'maker' : report['m'] === false ? 'taker' : null,
    realizedPnl: decimalIn(report['rp']),
    forced: report['x'] === 'CALCULATED' || isForcedId(order.clientOrderId),
  };
}

/**
 * ACCOUNT_UPDATE of the futures {E, T, a: {m, B: [{a, wb, cw, bc}], P: [{s, pa, ep, ...}]}}: only
 * what changed. For m = FUNDING_FEE it is the balance alone; the payment itself is booked from the
 * income ledger, which has the id that keeps it from being booked twice.
 */
export function decodeAccountUpdate(json: Json, context: Context): readonly VenueEvent[] | null {
  const update = json['a'];
  if (!isJson(update)) return null;
  const venueTsMs = timeIn(json['E']) ?? timeIn(json['T']);
  const balances = eachOf(update['B'] ?? [], 'a.B', (entry) => {
    const asset = textIn(entry['a']);
    const total = decimalIn(entry['wb']);
    if (asset === null || total === null) return null;
    return {
      kind: 'balance',
      ...accountStamp(venueTsMs),
      asset,
      total,
      available: null,
      wallet: walletOfMarket[context.market],
    };
  });
  const positions = eachOf(update['P'] ?? [], 'a.P', (entry) => {
    const units = unitsIn(entry, 's', context);
    const qty = decimalIn(entry['pa']);
    if (units === null || qty === null) return null;
    const entryPrice = positiveDecimalIn(entry['ep']);
    return {
      kind: 'position',
      ...stamp(units, venueTsMs),
      qty: ourQty(units, qty),
      entryPrice: entryPrice === null ? null : ourPrice(units, entryPrice),
      markPrice: null,
      liquidationPrice: null,
      leverage: null,
    };
  });
  return [...balances, ...positions];
}

/** Spot outboundAccountPosition {E, u, B: [{a, f, l}]}: free and locked make the total. */
export function decodeSpotBalances(json: Json): readonly VenueEvent[] {
  const venueTsMs = timeIn(json['E']) ?? timeIn(json['u']);
  return eachOf(json['B'], 'B', (entry) => {
    const asset = textIn(entry['a']);
    const free = decimalIn(entry['f']);
    const locked = decimalIn(entry['l']);
    if (asset === null || free === null || locked === null) return null;
    return {
      kind: 'balance',
      ...accountStamp(venueTsMs),
      asset,
      total: plus(free, locked),
      available: free,
      wallet: 'spot',
    };
  });
}

/** USD-M MARGIN_CALL {p: [{s, pa, mp, ...}]}: an alarm, and the positions that it names. */
export function decodeMarginCall(json: Json, context: Context): readonly VenueEvent[] {
  const venueTsMs = timeIn(json['E']);
  return eachOf(json['p'], 'p', (entry) => {
    const units = unitsIn(entry, 's', context);
    const qty = decimalIn(entry['pa']);
    if (units === null || qty === null) return null;
    return [
      {
        kind: 'error',
        ...stamp(units, venueTsMs),
        code: 'REJECTED',
        venueCode: 'MARGIN_CALL',
        message: `margin call on ${units.symbol}, maintenance margin ${textIn(entry['mm'])}`,
        reaction: 'refresh-position',
        clientOrderId: null,
      },
      {
        kind: 'position',
        ...stamp(units, venueTsMs),
        qty: ourQty(units, qty),
        entryPrice: null,
        markPrice: shiftedIn(entry['mp'], units.priceShift),
        liquidationPrice: null,
        leverage: null,
      },
    ];
  });
}

/**
 * TRADE_LITE is an early copy of the fill that ORDER_TRADE_UPDATE brings, without its fee and
 * profit. Booked first it would win the dedupe by trade id and lose the fee, so it is only
 * acknowledged.
 */
export function decodeTradeLite(json: Json, context: Context): VenueEvent | null {
  const units = unitsIn(json, 's', context);
  const tradeId = textIn(json['t']);
  if (units === null || tradeId === null) return null;
  return { ...control('ack', `TRADE_LITE ${tradeId}`, timeIn(json['E'])), ...stampNames(units) };
}

/** ACCOUNT_CONFIG_UPDATE {ac: {s, l}} or {ai: {j}}: leverage or multi-assets mode changed. */
export function decodeConfigUpdate(json: Json): VenueEvent {
  const leverage = json['ac'];
  const text = isJson(leverage)
    ? `leverage ${textIn(leverage['s'])} ${numberIn(leverage['l'])}`
    : 'account configuration';
  return control('ack', text, timeIn(json['E']));
}

function stampNames(units: SymbolUnits) {
  return { venue: venueId, symbol: units.symbol, instrument: units.instrument };
}
