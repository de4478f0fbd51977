// Reads `bbo` frames as bytes, without strings or objects: the hot path. Every byte of the frame is
// accounted for; whatever differs in the least gives -1 and `decode` reads it. Where it answers, it
// answers the same doubles as `decode`.
import { ascii, expectBytes, readNumber, SymbolTable } from '../../base/bytes.ts';
import { toNumber } from '../../base/decimal.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { venueId } from './names.ts';
import { timeMsMax } from './read.ts';

const quoteMark = 34;
const zeroChar = 48;
const nineChar = 57;
/** Digits of an unquoted integer that is exact as a double. */
const integerDigitsMax = 15;
/** Longer figures are no prices. */
const figureCharsMax = 32;

const opening = ascii('{"channel":"bbo","data":{"coin":"');
const time = ascii('","time":');
const bidPrice = ascii(',"bbo":[{"px":"');
const size = ascii('","sz":"');
const count = ascii('","n":');
const askPrice = ascii('},{"px":"');
const closing = ascii('}]}}');

/** Built again when the catalog grows: its coins and units are copied here. */
export function quoteScanner(catalog: Catalog): QuoteScanner {
  const listed = catalog
    .all()
    .map((instrument, index) => ({ instrument, index }))
    .filter(({ instrument }) => instrument.venue === venueId);
  const coins = new SymbolTable(
    listed.map(({ instrument, index }) => [instrument.symbol, index] as const),
  );
  const priceDivisors = new Float64Array(catalog.size);
  const qtyFactors = new Float64Array(catalog.size);
  for (const { instrument, index } of listed) {
    priceDivisors[index] = toNumber(instrument.priceUnit);
    qtyFactors[index] = toNumber(instrument.qtyUnit);
  }
  const read = new Float64Array(quoteSlots.size);

  return (bytes, out) => {
    let at = expectBytes(bytes, 0, opening);
    if (at < 0) return -1;
    const from = at;
    while (at < bytes.length && bytes[at] !== quoteMark) at++;
    const index = coins.find(bytes, from, at);
    if (index < 0) return -1;
    at = readTime(bytes, expectBytes(bytes, at, time), read);
    at = readPositive(bytes, expectBytes(bytes, at, bidPrice), read, quoteSlots.bid);
    at = readPositive(bytes, expectBytes(bytes, at, size), read, quoteSlots.bidQty);
    at = skipInteger(bytes, expectBytes(bytes, at, count));
    at = readPositive(bytes, expectBytes(bytes, at, askPrice), read, quoteSlots.ask);
    at = readPositive(bytes, expectBytes(bytes, at, size), read, quoteSlots.askQty);
    at = skipInteger(bytes, expectBytes(bytes, at, count));
    if (expectBytes(bytes, at, closing) !== bytes.length) return -1;
    const divisor = priceDivisors[index] as number; // filled for every listed index
    const factor = qtyFactors[index] as number;
    out[quoteSlots.bid] = (read[quoteSlots.bid] as number) / divisor;
    out[quoteSlots.bidQty] = (read[quoteSlots.bidQty] as number) * factor;
    out[quoteSlots.ask] = (read[quoteSlots.ask] as number) / divisor;
    out[quoteSlots.askQty] = (read[quoteSlots.askQty] as number) * factor;
    out[quoteSlots.venueTsMs] = read[quoteSlots.venueTsMs] as number;
    return index;
  };
}

/** A figure above zero between the quotes that the caller expects. */
function readPositive(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  const first = bytes[at];
  if (at < 0 || first === undefined || first < zeroChar || first > nineChar) return -1;
  const end = readNumber(bytes, at, out, slot);
  if (end < 0 || end - at > figureCharsMax) return -1;
  return (out[slot] as number) > 0 ? end : -1;
}

function readTime(bytes: Uint8Array, at: number, out: Float64Array): number {
  const end = skipInteger(bytes, at);
  if (end < 0) return -1;
  readNumber(bytes, at, out, quoteSlots.venueTsMs);
  const ms = out[quoteSlots.venueTsMs] as number;
  return ms > 0 && ms <= timeMsMax ? end : -1;
}

/** JSON has no leading zeros. */
function skipInteger(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  let cursor = at;
  while (cursor < bytes.length && isDigit(bytes[cursor] as number)) cursor++;
  const digits = cursor - at;
  if (digits === 0 || digits > integerDigitsMax) return -1;
  return digits > 1 && bytes[at] === zeroChar ? -1 : cursor;
}

function isDigit(char: number): boolean {
  return char >= zeroChar && char <= nineChar;
}
