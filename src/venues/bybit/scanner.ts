// Reads `orderbook.1` snapshots as bytes, without strings or objects: the hot path. Every byte of
// the frame is accounted for; whatever differs in the least gives -1 and `decode` reads it. Where
// it answers, it answers the same doubles as `decode`.
import {
  hasKey,
  isRepeated,
  keyWords,
  nextQuote,
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
const [updateFirst, updateLast] = [word('"]],'), word('"u":')];
const [seqFirst, seqLast] = [word(',"se'), word('eq":')];
const [engineFirst, engineLast] = [word('},"c'), word('ts":')];
const comma = word('","?') & 0xffffff;
const closingBrace = 125;

// Each key is compared by a function of its own: its words are constants of the machine code then.

const [opening0, opening1, opening2, opening3, opening4, opening5] = keyWords(openingText);
function isOpening(words: DataView, at: number): boolean {
  return (
    words.getInt32(at, true) === opening0 &&
    words.getInt32(at + 4, true) === opening1 &&
    words.getInt32(at + 8, true) === opening2 &&
    words.getInt32(at + 12, true) === opening3 &&
    words.getInt32(at + 16, true) === opening4 &&
    words.getInt32(at + 18, true) === opening5
  );
}

const [type0, type1, type2, type3, type4, type5, type6] = keyWords(typeText);
function isType(words: DataView, at: number): boolean {
  return (
    words.getInt32(at, true) === type0 &&
    words.getInt32(at + 4, true) === type1 &&
    words.getInt32(at + 8, true) === type2 &&
    words.getInt32(at + 12, true) === type3 &&
    words.getInt32(at + 16, true) === type4 &&
    words.getInt32(at + 20, true) === type5 &&
    words.getInt32(at + 21, true) === type6
  );
}

const [data0, data1, data2, data3] = keyWords(dataText);
function isData(words: DataView, at: number): boolean {
  return (
    words.getInt32(at, true) === data0 &&
    words.getInt32(at + 4, true) === data1 &&
    words.getInt32(at + 8, true) === data2 &&
    words.getInt32(at + 10, true) === data3
  );
}

const [bids0, bids1, bids2] = keyWords(bidsText);
function isBids(words: DataView, at: number): boolean {
  return (
    words.getInt32(at, true) === bids0 &&
    words.getInt32(at + 4, true) === bids1 &&
    words.getInt32(at + 5, true) === bids2
  );
}

const [asks0, asks1, asks2] = keyWords(asksText);
function isAsks(words: DataView, at: number): boolean {
  return (
    words.getInt32(at, true) === asks0 &&
    words.getInt32(at + 4, true) === asks1 &&
    words.getInt32(at + 7, true) === asks2
  );
}

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
    if (!isOpening(words, from)) return -1;
    const symbolFrom = from + openingText.length;
    const symbolTo = nextQuote(words, symbolFrom);
    const index = symbols.find(words, symbolFrom, symbolTo);
    if (index < 0 || !isType(words, symbolTo)) return -1;
    let at = readInteger(frame, symbolTo + typeText.length, out, quoteSlots.venueTsMs);
    if (at < 0 || !isData(words, at)) return -1;
    at += dataText.length;
    if (!isRepeated(words, at, symbolFrom, symbolTo - symbolFrom)) return -1;
    at += symbolTo - symbolFrom;
    if (!isBids(words, at)) return -1;
    const shift = unitShifts[index] as number;
    at = readScaled(bytes, at + bidsText.length, out, quoteSlots.bid, -shift);
    if (at < 0 || (words.getInt32(at, true) & 0xffffff) !== comma) return -1;
    at = readScaled(bytes, at + 3, out, quoteSlots.bidQty, shift);
    if (at < 0 || !isAsks(words, at)) return -1;
    at = readScaled(bytes, at + asksText.length, out, quoteSlots.ask, -shift);
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
