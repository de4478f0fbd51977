// Reads `bookTicker` frames of spot and USD-M, raw or in the combined envelope, as bytes and
// without strings. Anything but the exact shape gives -1 and the frame goes through `decode`, with
// which this must agree on every frame that it accepts (a differential test over fuzzed frames
// holds it to that).
import { ascii, expectBytes, readNumber, SymbolTable } from '../../base/bytes.ts';
import { toNumber } from '../../base/decimal.ts';
import type { Catalog, Market } from '../../domain/instrument.ts';
import { marketOf } from '../../domain/instrument.ts';
import { type FrameSource, type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { venueId } from './symbols.ts';

const streamKey = ascii('{"stream":"');
const dataKey = ascii('","data":');
const linearStart = ascii('{"e":"bookTicker","u":');
const spotStart = ascii('{"u":');
const eventTimeKey = ascii(',"E":');
const tradeTimeKey = ascii(',"T":');
const symbolKey = ascii(',"s":"');
const bidKey = ascii('","b":"');
const bidQtyKey = ascii('","B":"');
const askKey = ascii('","a":"');
const askQtyKey = ascii('","A":"');
const end = ascii('"}');
const envelopeEnd = ascii('}');

const quote = 34;
const zeroChar = 48;
const nineChar = 57;
/** Longer integers may pass 2^53 and are left to `decode`. */
const integerDigitsMax = 15;
/** A slot of `out` past the quote, for numbers that are read over. */
const scratch = 5;

export function quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  const linear = symbolTable(catalog, 'linear');
  const spot = symbolTable(catalog, 'spot');
  const qtyFactors = new Float64Array(catalog.size);
  const priceDivisors = new Float64Array(catalog.size);
  catalog.all().forEach((instrument, index) => {
    qtyFactors[index] = toNumber(instrument.qtyUnit);
    priceDivisors[index] = toNumber(instrument.priceUnit);
  });
  const isLinear = source.market !== 'spot' && source.market !== 'inverse';
  const isSpot = source.market !== 'linear' && source.market !== 'inverse';

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
    cursor = readNumber(bytes, expectBytes(bytes, symbolTo, bidKey), out, quoteSlots.bid);
    cursor = readNumber(bytes, expectBytes(bytes, cursor, bidQtyKey), out, quoteSlots.bidQty);
    cursor = readNumber(bytes, expectBytes(bytes, cursor, askKey), out, quoteSlots.ask);
    cursor = readNumber(bytes, expectBytes(bytes, cursor, askQtyKey), out, quoteSlots.askQty);
    cursor = expectBytes(bytes, cursor, end);
    if (enveloped) cursor = expectBytes(bytes, cursor, envelopeEnd);
    if (cursor !== bytes.length) return -1;
    // An empty side is written as 0 and means null, which only `decode` can say.
    for (let slot = quoteSlots.bid; slot <= quoteSlots.askQty; slot++) {
      if (!((out[slot] as number) > 0)) return -1;
    }
    const qtyFactor = qtyFactors[index] as number;
    const priceDivisor = priceDivisors[index] as number;
    out[quoteSlots.bid] = (out[quoteSlots.bid] as number) / priceDivisor;
    out[quoteSlots.bidQty] = (out[quoteSlots.bidQty] as number) * qtyFactor;
    out[quoteSlots.ask] = (out[quoteSlots.ask] as number) / priceDivisor;
    out[quoteSlots.askQty] = (out[quoteSlots.askQty] as number) * qtyFactor;
    return index;
  };
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
