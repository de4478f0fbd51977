// Reads `orderbook.1` snapshots as bytes, without strings or objects: the hot path. Every byte of
// the frame is accounted for; whatever differs in the least gives -1 and `decode` reads it. Where
// it answers, it answers the same doubles as `decode`.
import { QuoteForm, readPrice, readQty } from '../../base/figures.ts';
import {
  hasKey,
  isRepeated,
  keyDoubles,
  nextQuote,
  readInteger,
  SymbolWords,
  skipInteger,
  word,
} from '../../base/frame.ts';
import { type Catalog, marketOf } from '../../domain/instrument.ts';
import { type FrameSource, type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { timeMsMax } from './read.ts';
import { powerOf10, venueId } from './symbols.ts';

// What another module exports is looked up there at every use: here it is a constant.
const { bid, bidQty, ask, askQty, venueTsMs } = quoteSlots;

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

const [opening0, opening1, opening2] = keyDoubles(openingText);
function isOpening(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === opening0 &&
    words.getFloat64(at + 8, true) === opening1 &&
    words.getFloat64(at + 14, true) === opening2
  );
}

const [type0, type1, type2, type3] = keyDoubles(typeText);
function isType(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === type0 &&
    words.getFloat64(at + 8, true) === type1 &&
    words.getFloat64(at + 16, true) === type2 &&
    words.getFloat64(at + 17, true) === type3
  );
}

const [data0, data1] = keyDoubles(dataText);
function isData(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === data0 && words.getFloat64(at + 6, true) === data1;
}

const [bids0, bids1] = keyDoubles(bidsText);
function isBids(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === bids0 && words.getFloat64(at + 1, true) === bids1;
}

const [asks0, asks1] = keyDoubles(asksText);
function isAsks(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === asks0 && words.getFloat64(at + 3, true) === asks1;
}

/** Built again when the catalog grows: its symbols and units are copied here. */
export function quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner {
  const entries: [string, number][] = [];
  const forms: (QuoteForm | null)[] = [];
  for (const [index, { venue, kind, symbol, qtyUnit }] of catalog.all().entries()) {
    const isOurs = venue === venueId && marketOf(kind) === source.market;
    const shift = isOurs ? powerOf10(qtyUnit) : 0;
    forms.push(isOurs ? new QuoteForm(-shift, shift) : null);
    if (isOurs) entries.push([symbol, index]);
  }
  const symbols = new SymbolWords(entries);

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    if (!isOpening(words, from)) return -1;
    const symbolFrom = from + openingText.length;
    const symbolTo = nextQuote(words, symbolFrom);
    const index = symbols.find(words, symbolFrom, symbolTo);
    if (index < 0 || !isType(words, symbolTo)) return -1;
    let at = readInteger(frame, symbolTo + typeText.length, out, venueTsMs);
    if (at < 0 || !isData(words, at)) return -1;
    at += dataText.length;
    if (!isRepeated(words, at, symbolFrom, symbolTo - symbolFrom)) return -1;
    at += symbolTo - symbolFrom;
    if (!isBids(words, at)) return -1;
    const { price, qty, priceShift, qtyShift } = forms[index] as QuoteForm;
    at = readPrice(frame, at + bidsText.length, out, bid, priceShift, price);
    if (at < 0 || (words.getInt32(at, true) & 0xffffff) !== comma) return -1;
    at = readQty(frame, at + 3, out, bidQty, qtyShift, qty);
    if (at < 0 || !isAsks(words, at)) return -1;
    at = readPrice(frame, at + asksText.length, out, ask, priceShift, price);
    if (at < 0 || (words.getInt32(at, true) & 0xffffff) !== comma) return -1;
    at = readQty(frame, at + 3, out, askQty, qtyShift, qty);
    if (at < 0 || !hasKey(words, at, updateFirst, updateLast, 4)) return -1;
    at = skipInteger(frame, at + updateText.length);
    if (at < 0 || !hasKey(words, at, seqFirst, seqLast, 3)) return -1;
    at = skipInteger(frame, at + 7);
    if (at < 0 || !hasKey(words, at, engineFirst, engineLast, 4)) return -1;
    at = skipInteger(frame, at + 8);
    if (at !== to - 1 || bytes[at] !== closingBrace) return -1;
    const ts = out[venueTsMs] as number;
    return ts > 0 &&
      ts <= timeMsMax &&
      (out[bid] as number) > 0 &&
      (out[bidQty] as number) > 0 &&
      (out[ask] as number) > 0 &&
      (out[askQty] as number) > 0
      ? index
      : -1;
  };
}
