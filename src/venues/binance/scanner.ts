// Reads `bookTicker` frames of spot, USD-M and COIN-M, raw or in the combined envelope, as bytes
// and without strings. Anything but the exact shape gives -1 and the frame goes through `decode`,
// with which this must agree on every frame that it accepts (a differential test over fuzzed frames
// holds it to that).
import { ascii, expectBytes, SymbolTable } from '../../base/bytes.ts';
import type { Catalog, Market } from '../../domain/instrument.ts';
import { marketOf } from '../../domain/instrument.ts';
import { type FrameSource, type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { powerOf10, venueId } from './symbols.ts';

const streamKey = ascii('{"stream":"');
const dataKey = ascii('","data":');
const linearStart = ascii('{"e":"bookTicker","u":');
const spotStart = ascii('{"u":');
const eventTimeKey = ascii(',"E":');
const tradeTimeKey = ascii(',"T":');
const symbolKey = ascii(',"s":"');
const pairKey = ascii('","ps":"');
const bidKey = ascii('","b":"');
const bidQtyKey = ascii('","B":"');
const askKey = ascii('","a":"');
const askQtyKey = ascii('","A":"');
const end = ascii('"}');
const coinmTradeTimeKey = ascii('","T":');
const coinmEnd = ascii('}');
const envelopeEnd = ascii('}');

const quote = 34;
const dot = 46;
const zeroChar = 48;
const nineChar = 57;
/** Longer integers may pass 2^53 and are left to `decode`. */
const integerDigitsMax = 15;
/** One more digit still fits 2^53, below which mantissa x or / 10^k (k <= 22) is Number(text). */
const mantissaMax = 900_719_925_474_098;
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
/** A slot of `out` past the quote, for numbers that are read over. */
const scratch = 5;

export function quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  return source.market === 'inverse' ? coinmScanner(catalog) : plainScanner(source, catalog);
}

function plainScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  const linear = symbolTable(catalog, 'linear');
  const spot = symbolTable(catalog, 'spot');
  const qtyShifts = new Int32Array(catalog.size);
  const priceShifts = new Int32Array(catalog.size);
  catalog.all().forEach(({ venue, qtyUnit, priceUnit }, index) => {
    if (venue !== venueId) return;
    qtyShifts[index] = powerOf10(qtyUnit);
    priceShifts[index] = -powerOf10(priceUnit);
  });
  const isLinear = source.market !== 'spot';
  const isSpot = source.market !== 'linear';

  return function scan(bytes, out) {
    let at = 0;
    let enveloped = false;
    const inner = expectBytes(bytes, 0, streamKey);
    if (inner >= 0) {
      at = expectBytes(bytes, skipStreamName(bytes, inner), dataKey);
      enveloped = true;
    }
    let table = linear;
    let cursor = isLinear ? expectBytes(bytes, at, linearStart) : -1;
    if (cursor >= 0) {
      cursor = readInteger(bytes, cursor, out, scratch);
      cursor = readInteger(
        bytes,
        expectBytes(bytes, cursor, eventTimeKey),
        out,
        quoteSlots.venueTsMs,
      );
      if (!((out[quoteSlots.venueTsMs] as number) > 0)) return -1;
      cursor = readInteger(bytes, expectBytes(bytes, cursor, tradeTimeKey), out, scratch);
    } else {
      if (!isSpot) return -1;
      table = spot;
      cursor = readInteger(bytes, expectBytes(bytes, at, spotStart), out, scratch);
      out[quoteSlots.venueTsMs] = Number.NaN;
    }
    const symbolFrom = expectBytes(bytes, cursor, symbolKey);
    if (symbolFrom < 0) return -1;
    let symbolTo = symbolFrom;
    while (symbolTo < bytes.length && bytes[symbolTo] !== quote) symbolTo++;
    const index = table.find(bytes, symbolFrom, symbolTo);
    if (index < 0) return -1;
    const price = priceShifts[index] as number;
    const qty = qtyShifts[index] as number;
    cursor = readShifted(bytes, expectBytes(bytes, symbolTo, bidKey), out, quoteSlots.bid, price);
    cursor = readShifted(bytes, expectBytes(bytes, cursor, bidQtyKey), out, quoteSlots.bidQty, qty);
    cursor = readShifted(bytes, expectBytes(bytes, cursor, askKey), out, quoteSlots.ask, price);
    cursor = readShifted(bytes, expectBytes(bytes, cursor, askQtyKey), out, quoteSlots.askQty, qty);
    cursor = expectBytes(bytes, cursor, end);
    if (enveloped) cursor = expectBytes(bytes, cursor, envelopeEnd);
    if (cursor !== bytes.length) return -1;
    return isTwoSided(out) ? index : -1;
  };
}

/**
 * COIN-M names the pair after the symbol and puts the times last: {e, u, s, ps, b, B, a, A, T, E}.
 * Its quantities are contracts and stay so.
 */
function coinmScanner(catalog: Catalog): QuoteScanner {
  const table = symbolTable(catalog, 'inverse');

  return function scan(bytes, out) {
    let at = 0;
    let enveloped = false;
    const inner = expectBytes(bytes, 0, streamKey);
    if (inner >= 0) {
      at = expectBytes(bytes, skipStreamName(bytes, inner), dataKey);
      enveloped = true;
    }
    let cursor = readInteger(bytes, expectBytes(bytes, at, linearStart), out, scratch);
    const symbolFrom = expectBytes(bytes, cursor, symbolKey);
    if (symbolFrom < 0) return -1;
    let symbolTo = symbolFrom;
    while (symbolTo < bytes.length && bytes[symbolTo] !== quote) symbolTo++;
    const index = table.find(bytes, symbolFrom, symbolTo);
    if (index < 0) return -1;
    cursor = expectBytes(bytes, symbolTo, pairKey);
    if (cursor < 0) return -1;
    while (cursor < bytes.length && isPairChar(bytes[cursor] as number)) cursor++;
    cursor = readShifted(bytes, expectBytes(bytes, cursor, bidKey), out, quoteSlots.bid, 0);
    cursor = readShifted(bytes, expectBytes(bytes, cursor, bidQtyKey), out, quoteSlots.bidQty, 0);
    cursor = readShifted(bytes, expectBytes(bytes, cursor, askKey), out, quoteSlots.ask, 0);
    cursor = readShifted(bytes, expectBytes(bytes, cursor, askQtyKey), out, quoteSlots.askQty, 0);
    cursor = readInteger(bytes, expectBytes(bytes, cursor, coinmTradeTimeKey), out, scratch);
    const eventTime = quoteSlots.venueTsMs;
    cursor = readInteger(bytes, expectBytes(bytes, cursor, eventTimeKey), out, eventTime);
    cursor = expectBytes(bytes, cursor, coinmEnd);
    if (enveloped) cursor = expectBytes(bytes, cursor, envelopeEnd);
    if (cursor !== bytes.length || !((out[eventTime] as number) > 0)) return -1;
    return isTwoSided(out) ? index : -1;
  };
}

/** An empty side is written as 0 and means null, which only `decode` can say. */
function isTwoSided(out: Float64Array): boolean {
  for (let slot = quoteSlots.bid; slot <= quoteSlots.askQty; slot++) {
    if (!((out[slot] as number) > 0)) return false;
  }
  return true;
}

function isPairChar(char: number): boolean {
  return (char >= zeroChar && char <= nineChar) || (char >= 65 && char <= 90);
}

function symbolTable(catalog: Catalog, market: Market): SymbolTable {
  const entries = catalog
    .all()
    .map((instrument, index) => [instrument, index] as const)
    .filter(([{ venue, kind }]) => venue === venueId && marketOf(kind) === market)
    .map(([{ symbol }, index]) => [symbol, index] as const);
  return new SymbolTable(entries);
}

/** Past the letters, digits, `@`, `_` and `!` of a stream name; a name with others is not ours. */
function skipStreamName(bytes: Uint8Array, at: number): number {
  let cursor = at;
  for (; cursor < bytes.length; cursor++) {
    const char = bytes[cursor] as number;
    const isLetter = (char | 32) >= 97 && (char | 32) <= 122;
    const isDigit = char >= zeroChar && char <= nineChar;
    if (!isLetter && !isDigit && char !== 64 && char !== 95 && char !== 33) break;
  }
  return cursor;
}

/**
 * An unsigned JSON integer (no leading zero) of at most 15 digits into `out[slot]`; cursor or -1.
 */
function readInteger(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  if (at < 0) return -1;
  let value = 0;
  let cursor = at;
  for (; cursor < bytes.length; cursor++) {
    const char = bytes[cursor] as number;
    if (char < zeroChar || char > nineChar) break;
    value = value * 10 + (char - zeroChar);
  }
  const digits = cursor - at;
  if (digits === 0 || digits > integerDigitsMax) return -1;
  if (digits > 1 && bytes[at] === zeroChar) return -1;
  out[slot] = value;
  return cursor;
}

/**
 * A plain decimal x 10^shift into `out[slot]`, rounded once, as `shiftedIn` reads it; cursor or -1.
 * The mantissa is exact and scaled by one exact power of ten.
 */
function readShifted(
  bytes: Uint8Array,
  at: number,
  out: Float64Array,
  slot: number,
  shift: number,
): number {
  if (at < 0) return -1;
  let mantissa = 0;
  let decimals = -1;
  let digits = 0;
  let cursor = at;
  for (; cursor < bytes.length; cursor++) {
    const char = bytes[cursor] as number;
    if (char >= zeroChar && char <= nineChar) {
      if (mantissa > mantissaMax) return -1;
      mantissa = mantissa * 10 + (char - zeroChar);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (char === dot && decimals < 0) {
      decimals = 0;
    } else {
      break;
    }
  }
  const scale = shift - Math.max(decimals, 0);
  if (digits === 0 || scale < -22 || scale > 22) return -1;
  out[slot] =
    scale < 0
      ? mantissa / (powersOf10[-scale] as number)
      : mantissa * (powersOf10[scale] as number);
  return cursor;
}
