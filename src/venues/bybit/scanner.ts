// Reads `orderbook.1` snapshots as bytes, without strings or objects: the hot path. Every byte of
// the frame is accounted for; whatever differs in the least gives -1 and `decode` reads it. Where
// it answers, it answers the same doubles as `decode`.
import { ascii, expectBytes, readNumber, SymbolTable } from '../../base/bytes.ts';
import { type Catalog, marketOf } from '../../domain/instrument.ts';
import { type FrameSource, type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { timeMsMax } from './read.ts';
import { powerOf10, shifted, venueId } from './symbols.ts';

const quoteMark = 34;
const zeroChar = 48;
const nineChar = 57;
const minusChar = 45;
/** Digits of an unquoted integer that is exact as a double. */
const integerDigitsMax = 15;
const slotsRead = 8;
/** Longer figures are no prices. */
const figureCharsMax = 32;

const opening = ascii('{"topic":"orderbook.1.');
const typeAndTime = ascii('","type":"snapshot","ts":');
const dataSymbol = ascii(',"data":{"s":"');
const bidsStart = ascii('","b":[["');
const priceToQty = ascii('","');
const bidsToAsks = ascii('"]],"a":[["');
const asksToUpdate = ascii('"]],"u":');
const sequence = ascii(',"seq":');
const engineTime = ascii('},"cts":');

/** Built again when the catalog grows: its symbols and units are copied here. */
export function quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  const listed = catalog
    .all()
    .map((instrument, index) => ({ instrument, index }))
    .filter(
      ({ instrument }) =>
        instrument.venue === venueId && marketOf(instrument.kind) === source.market,
    );
  const symbols = new SymbolTable(
    listed.map(({ instrument, index }) => [instrument.symbol, index] as const),
  );
  const unitShifts = new Int32Array(catalog.size);
  for (const { instrument, index } of listed) {
    unitShifts[index] = powerOf10(instrument.qtyUnit);
  }
  const read = new Float64Array(slotsRead);

  return (bytes, out) => {
    let at = expectBytes(bytes, 0, opening);
    if (at < 0) return -1;
    const from = at;
    while (at < bytes.length && bytes[at] !== quoteMark) at++;
    const to = at;
    const index = symbols.find(bytes, from, to);
    if (index < 0) return -1;
    at = expectBytes(bytes, at, typeAndTime);
    at = readTime(bytes, at, read, quoteSlots.venueTsMs);
    at = expectBytes(bytes, at, dataSymbol);
    if (at < 0 || !sameBytes(bytes, at, from, to)) return -1;
    at = expectBytes(bytes, at + to - from, bidsStart);
    at = readPositive(bytes, at, read, quoteSlots.bid);
    at = expectBytes(bytes, at, priceToQty);
    at = readPositive(bytes, at, read, quoteSlots.bidQty);
    at = expectBytes(bytes, at, bidsToAsks);
    at = readPositive(bytes, at, read, quoteSlots.ask);
    at = expectBytes(bytes, at, priceToQty);
    at = readPositive(bytes, at, read, quoteSlots.askQty);
    at = expectBytes(bytes, at, asksToUpdate);
    at = skipInteger(bytes, at);
    at = expectBytes(bytes, at, sequence);
    at = skipInteger(bytes, at);
    at = expectBytes(bytes, at, engineTime);
    at = skipInteger(bytes, at);
    if (at !== bytes.length - 1 || bytes[at] !== closingBrace) return -1;
    // Texts are made only for the few contracts of 1000 and more coins.
    const shift = unitShifts[index] as number;
    out[quoteSlots.bid] = shifted(read[quoteSlots.bid] as number, -shift);
    out[quoteSlots.bidQty] = shifted(read[quoteSlots.bidQty] as number, shift);
    out[quoteSlots.ask] = shifted(read[quoteSlots.ask] as number, -shift);
    out[quoteSlots.askQty] = shifted(read[quoteSlots.askQty] as number, shift);
    out[quoteSlots.venueTsMs] = read[quoteSlots.venueTsMs] as number;
    return index;
  };
}

const closingBrace = 125;

function sameBytes(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  if (at + to - from > bytes.length) return false;
  for (let i = from; i < to; i++) if (bytes[at + i - from] !== bytes[i]) return false;
  return true;
}

/** A quoted figure above zero; signs and zero go the long way. */
function readPositive(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  if (at < 0 || bytes[at] === minusChar) return -1;
  const end = readNumber(bytes, at, out, slot);
  if (end < 0 || end - at > figureCharsMax) return -1;
  return (out[slot] as number) > 0 ? end : -1;
}

/** A time as JSON writes an integer: no sign, no leading zero. */
function readTime(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  const end = skipInteger(bytes, at);
  if (end < 0) return -1;
  readNumber(bytes, at, out, slot);
  const value = out[slot] as number;
  return value > 0 && value <= timeMsMax ? end : -1;
}

function skipInteger(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  let end = at;
  while (end < bytes.length) {
    const char = bytes[end] as number;
    if (char < zeroChar || char > nineChar) break;
    end++;
  }
  const digits = end - at;
  if (digits === 0 || digits > integerDigitsMax) return -1;
  return digits > 1 && bytes[at] === zeroChar ? -1 : end;
}
