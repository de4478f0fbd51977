// Reads `orderbook.1` snapshots as bytes, without strings or objects: the hot path. Every byte of
// the frame is accounted for; whatever differs in the least gives -1 and `decode` reads it. Where
// it answers, it answers the same doubles as `decode`.
import {
  expectKey,
  hasKey,
  keyWords,
  readInteger,
  readScaled,
  SymbolWords,
  skipInteger,
  word,
} from '../../base/frame.ts';
import { type Catalog, marketOf } from '../../domain/instrument.ts';
import { type FrameSource, type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { timeMsMax } from './read.ts';
import { powerOf10, venueId } from './symbols.ts';

const openingText = '{"topic":"orderbook.1.';
const typeText = '","type":"snapshot","ts":';
const dataText = ',"data":{"s":"';
const bidsText = '","b":[["';
const asksText = '"]],"a":[["';
const updateText = '"]],"u":';
const opening = keyWords(openingText);
const typeAndTime = keyWords(typeText);
const dataSymbol = keyWords(dataText);
const bidsStart = keyWords(bidsText);
const bidsToAsks = keyWords(asksText);
const [updateFirst, updateLast] = [word('"]],'), word('"u":')];
const [seqFirst, seqLast] = [word(',"se'), word('eq":')];
const [engineFirst, engineLast] = [word('},"c'), word('ts":')];
const comma = word('","?') & 0xffffff;
const quoteMark = 34;
const closingBrace = 125;

/** Built again when the catalog grows: its symbols and units are copied here. */
export function quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  const listed = catalog
    .all()
    .map((instrument, index) => ({ instrument, index }))
    .filter(
      ({ instrument }) =>
        instrument.venue === venueId && marketOf(instrument.kind) === source.market,
    );
  const symbols = new SymbolWords(
    listed.map(({ instrument, index }) => [instrument.symbol, index] as const),
  );
  const unitShifts = new Int32Array(catalog.size);
  for (const { instrument, index } of listed) {
    unitShifts[index] = powerOf10(instrument.qtyUnit);
  }

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    const symbolFrom = expectKey(words, from, opening, openingText.length);
    if (symbolFrom < 0) return -1;
    let symbolTo = symbolFrom;
    while (symbolTo < to && bytes[symbolTo] !== quoteMark) symbolTo++;
    const index = symbols.find(words, symbolFrom, symbolTo);
    if (index < 0) return -1;
    let at = expectKey(words, symbolTo, typeAndTime, typeText.length);
    if (at < 0) return -1;
    at = readInteger(frame, at, out, quoteSlots.venueTsMs);
    if (at < 0) return -1;
    at = expectKey(words, at, dataSymbol, dataText.length);
    if (at < 0) return -1;
    for (let i = symbolFrom; i < symbolTo; i++) if (bytes[at++] !== bytes[i]) return -1;
    at = expectKey(words, at, bidsStart, bidsText.length);
    if (at < 0) return -1;
    const shift = unitShifts[index] as number;
    at = readScaled(bytes, at, out, quoteSlots.bid, -shift);
    if (at < 0 || (words.getInt32(at, true) & 0xffffff) !== comma) return -1;
    at = readScaled(bytes, at + 3, out, quoteSlots.bidQty, shift);
    if (at < 0) return -1;
    at = expectKey(words, at, bidsToAsks, asksText.length);
    if (at < 0) return -1;
    at = readScaled(bytes, at, out, quoteSlots.ask, -shift);
    if (at < 0 || (words.getInt32(at, true) & 0xffffff) !== comma) return -1;
    at = readScaled(bytes, at + 3, out, quoteSlots.askQty, shift);
    if (at < 0 || !hasKey(words, at, updateFirst, updateLast, 4)) return -1;
    at = skipInteger(frame, at + updateText.length);
    if (at < 0 || !hasKey(words, at, seqFirst, seqLast, 3)) return -1;
    at = skipInteger(frame, at + 7);
    if (at < 0 || !hasKey(words, at, engineFirst, engineLast, 4)) return -1;
    at = skipInteger(frame, at + 8);
    if (at !== to - 1 || bytes[at] !== closingBrace) return -1;
    const ts = out[quoteSlots.venueTsMs] as number;
    return ts > 0 &&
      ts <= timeMsMax &&
      (out[quoteSlots.bid] as number) > 0 &&
      (out[quoteSlots.bidQty] as number) > 0 &&
      (out[quoteSlots.ask] as number) > 0 &&
      (out[quoteSlots.askQty] as number) > 0
      ? index
      : -1;
  };
}
