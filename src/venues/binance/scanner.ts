// Reads `bookTicker` frames of spot, USD-M and COIN-M, raw or in the combined envelope, as bytes
// and without strings. Anything but the exact shape gives -1 and the frame goes through `decode`,
// with which this must agree on every frame that it accepts (a differential test over fuzzed frames
// holds it to that).
import { QuoteForm, readPrice, readQty } from '../../base/figures.ts';
import {
  expectKey,
  type FrameBuffer,
  hasKey,
  keyDoubles,
  keyWords,
  nextQuote,
  readInteger,
  SymbolWords,
  skipInteger,
  word,
} from '../../base/frame.ts';
import type { Catalog, Market } from '../../domain/instrument.ts';
import { marketOf } from '../../domain/instrument.ts';
import { type FrameSource, type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { powerOf10, venueId } from './symbols.ts';

// What another module exports is looked up there at every use: here it is a constant.
const { bid, bidQty, ask, askQty, venueTsMs } = quoteSlots;

const streamText = '{"stream":"';
const dataText = '","data":';
const futuresText = '{"e":"bookTicker","u":';
const streamKey = keyWords(streamText);
const dataKey = keyWords(dataText);
const [futures0, futures1, futures2] = keyDoubles(futuresText);
function isFutures(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === futures0 &&
    words.getFloat64(at + 8, true) === futures1 &&
    words.getFloat64(at + 14, true) === futures2
  );
}
// Keys of 5 to 8 bytes: their first and their last four.
const [spotFirst, spotLast] = [word('{"u"'), word('"u":')];
const [eventFirst, eventLast] = [word(',"E"'), word('"E":')];
const [tradeFirst, tradeLast] = [word(',"T"'), word('"T":')];
const [symbolFirst, symbolLast] = [word(',"s"'), word('s":"')];
const [pairFirst, pairLast] = [word('","p'), word('s":"')];
const [bidFirst, bidLast] = [word('","b'), word('b":"')];
const [bidQtyFirst, bidQtyLast] = [word('","B'), word('B":"')];
const [askFirst, askLast] = [word('","a'), word('a":"')];
const [askQtyFirst, askQtyLast] = [word('","A'), word('A":"')];

const quote = 34;
const brace = 125;

export function quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  return source.market === 'inverse' ? coinmScanner(catalog) : plainScanner(source, catalog);
}

function plainScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  const linear = symbolTable(catalog, 'linear');
  const spot = symbolTable(catalog, 'spot');
  const forms = catalog
    .all()
    .map(({ venue, qtyUnit, priceUnit }) =>
      venue === venueId ? new QuoteForm(-powerOf10(priceUnit), powerOf10(qtyUnit)) : null,
    );
  const isLinear = source.market !== 'spot';
  const isSpot = source.market !== 'linear';

  return function scan(frame, from, to, out) {
    const { bytes, words } = frame;
    const at = skipEnvelope(frame, from, to);
    if (at < 0) return -1;
    const end = at === from ? to : to - 1;
    let table = linear;
    let cursor = -1;
    if (isLinear && isFutures(words, at)) {
      cursor = skipInteger(frame, at + futuresText.length);
      if (cursor < 0 || !hasKey(words, cursor, eventFirst, eventLast, 1)) return -1;
      cursor = readInteger(frame, cursor + 5, out, venueTsMs);
      if (cursor < 0 || !((out[venueTsMs] as number) > 0)) return -1;
      if (!hasKey(words, cursor, tradeFirst, tradeLast, 1)) return -1;
      cursor = skipInteger(frame, cursor + 5);
    } else {
      if (!isSpot || !hasKey(words, at, spotFirst, spotLast, 1)) return -1;
      table = spot;
      cursor = skipInteger(frame, at + 5);
      out[venueTsMs] = Number.NaN;
    }
    if (cursor < 0 || !hasKey(words, cursor, symbolFirst, symbolLast, 2)) return -1;
    const symbolFrom = cursor + 6;
    const symbolTo = nextQuote(words, symbolFrom);
    const index = table.find(words, symbolFrom, symbolTo);
    if (index < 0) return -1;
    cursor = readSides(frame, symbolTo, out, forms[index] as QuoteForm);
    if (cursor < 0 || cursor !== end - 2) return -1;
    if (bytes[cursor] !== quote || bytes[cursor + 1] !== brace) return -1;
    return isTwoSided(out) ? index : -1;
  };
}

/**
 * COIN-M names the pair after the symbol and puts the times last: {e, u, s, ps, b, B, a, A, T, E}.
 * Its quantities are contracts and stay so.
 */
function coinmScanner(catalog: Catalog): QuoteScanner {
  const table = symbolTable(catalog, 'inverse');
  const forms = catalog.all().map(({ venue }) => (venue === venueId ? new QuoteForm(0, 0) : null));

  return function scan(frame, from, to, out) {
    const { bytes, words } = frame;
    const at = skipEnvelope(frame, from, to);
    if (at < 0) return -1;
    const end = at === from ? to : to - 1;
    if (!isFutures(words, at)) return -1;
    let cursor = skipInteger(frame, at + futuresText.length);
    if (cursor < 0 || !hasKey(words, cursor, symbolFirst, symbolLast, 2)) return -1;
    const symbolFrom = cursor + 6;
    const symbolTo = nextQuote(words, symbolFrom);
    const index = table.find(words, symbolFrom, symbolTo);
    if (index < 0 || !hasKey(words, symbolTo, pairFirst, pairLast, 4)) return -1;
    cursor = symbolTo + 8;
    while (cursor < to && isPairChar(bytes[cursor] as number)) cursor++;
    cursor = readSides(frame, cursor, out, forms[index] as QuoteForm);
    if (cursor < 0 || bytes[cursor] !== quote) return -1;
    if (!hasKey(words, cursor + 1, tradeFirst, tradeLast, 1)) return -1;
    cursor = skipInteger(frame, cursor + 6);
    if (cursor < 0 || !hasKey(words, cursor, eventFirst, eventLast, 1)) return -1;
    cursor = readInteger(frame, cursor + 5, out, venueTsMs);
    if (cursor !== end - 1 || bytes[cursor] !== brace) return -1;
    return (out[venueTsMs] as number) > 0 && isTwoSided(out) ? index : -1;
  };
}

/** Where the payload begins: `from` without an envelope, -1 when the envelope is not whole. */
function skipEnvelope({ bytes, words }: FrameBuffer, from: number, to: number): number {
  const name = expectKey(words, from, streamKey, streamText.length);
  if (name < 0) return from;
  if (bytes[to - 1] !== brace) return -1;
  return expectKey(words, skipStreamName(bytes, name, to), dataKey, dataText.length);
}

/** `","b":"px","B":"qty","a":"px","A":"qty`; the cursor behind the last figure or -1. */
function readSides(
  frame: FrameBuffer,
  at: number,
  out: Float64Array,
  { price, qty, priceShift, qtyShift }: QuoteForm,
): number {
  const { words } = frame;
  if (!hasKey(words, at, bidFirst, bidLast, 3)) return -1;
  let cursor = readPrice(frame, at + 7, out, bid, priceShift, price);
  if (cursor < 0 || !hasKey(words, cursor, bidQtyFirst, bidQtyLast, 3)) return -1;
  cursor = readQty(frame, cursor + 7, out, bidQty, qtyShift, qty);
  if (cursor < 0 || !hasKey(words, cursor, askFirst, askLast, 3)) return -1;
  cursor = readPrice(frame, cursor + 7, out, ask, priceShift, price);
  if (cursor < 0 || !hasKey(words, cursor, askQtyFirst, askQtyLast, 3)) return -1;
  return readQty(frame, cursor + 7, out, askQty, qtyShift, qty);
}

/** An empty side is written as 0 and means null, which only `decode` can say. */
function isTwoSided(out: Float64Array): boolean {
  return (
    (out[bid] as number) > 0 &&
    (out[bidQty] as number) > 0 &&
    (out[ask] as number) > 0 &&
    (out[askQty] as number) > 0
  );
}

function isPairChar(char: number): boolean {
  return (char >= 48 && char <= 57) || (char >= 65 && char <= 90);
}

export function symbolTable(catalog: Catalog, market: Market): SymbolWords {
  const entries = catalog
    .all()
    .map((instrument, index) => [instrument, index] as const)
    .filter(([{ venue, kind }]) => venue === venueId && marketOf(kind) === market)
    .map(([{ symbol }, index]) => [symbol, index] as const);
  return new SymbolWords(entries);
}

/** Past the letters, digits, `@`, `_` and `!` of a stream name; a name with others is not ours. */
function skipStreamName(bytes: Uint8Array, at: number, to: number): number {
  let cursor = at;
  for (; cursor < to; cursor++) {
    const char = bytes[cursor] as number;
    const isLetter = (char | 32) >= 97 && (char | 32) <= 122;
    const isDigit = char >= 48 && char <= 57;
    if (!isLetter && !isDigit && char !== 64 && char !== 95 && char !== 33) break;
  }
  return cursor;
}
