// Reads bbo-tbt frames as bytes, without strings. It knows one layout, the one that OKX sends, and
// gives up (-1) on any other byte, so that it can only ever agree with `decode`.
//
// {"arg":{"channel":"bbo-tbt","instId":"X"},"data":[{"asks":[["px","sz","0","n"]],
//  "bids":[["px","sz","0","n"]],"ts":"ms","seqId":n}]}
import { QuoteForm, readPrice, readQty } from '../../base/figures.ts';
import {
  type FrameBuffer,
  hasKey,
  keyDoubles,
  nextQuote,
  readInteger,
  SymbolWords,
  skipInteger,
  word,
} from '../../base/frame.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { scaleOf, venue } from './names.ts';

// What another module exports is looked up there at every use: here it is a constant.
const { bid, bidQty, ask, askQty, venueTsMs } = quoteSlots;

const headText = '{"arg":{"channel":"bbo-tbt","instId":"';
const toAsksText = '"},"data":[{"asks":[["';
const toBidsText = '"]],"bids":[["';
const toTimeText = '"]],"ts":"';
const [seqFirst, seqMiddle, seqLast] = [word('","s'), word('seqI'), word('Id":')];
const comma = word('","?') & 0xffffff;
const tail = word('}]}?') & 0xffffff;
const timeMsMax = 253_402_300_799_999;

// Each key is compared by a function of its own: its words are constants of the machine code then.

const [head0, head1, head2, head3, head4] = keyDoubles(headText);
function isHead(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === head0 &&
    words.getFloat64(at + 8, true) === head1 &&
    words.getFloat64(at + 16, true) === head2 &&
    words.getFloat64(at + 24, true) === head3 &&
    words.getFloat64(at + 30, true) === head4
  );
}

const [asks0, asks1, asks2] = keyDoubles(toAsksText);
function isAsks(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === asks0 &&
    words.getFloat64(at + 8, true) === asks1 &&
    words.getFloat64(at + 14, true) === asks2
  );
}

const [bids0, bids1] = keyDoubles(toBidsText);
function isBids(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === bids0 && words.getFloat64(at + 6, true) === bids1;
}

const [time0, time1] = keyDoubles(toTimeText);
function isTime(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === time0 && words.getFloat64(at + 2, true) === time1;
}

export function quoteScanner(catalog: Catalog): QuoteScanner {
  const { symbols, multiply, divide } = scannedListings(catalog);
  const forms = catalog.all().map((each) => (each.venue === venue ? new QuoteForm(0, 0) : null));

  return (frame, from, to, out) => {
    const { words } = frame;
    if (!isHead(words, from)) return -1;
    const symbolAt = from + headText.length;
    const symbolEnd = nextQuote(words, symbolAt);
    const index = symbols.find(words, symbolAt, symbolEnd);
    if (index < 0 || !isAsks(words, symbolEnd)) return -1;
    const form = forms[index] as QuoteForm;
    let at = readLevel(frame, symbolEnd + toAsksText.length, out, ask, form);
    if (at < 0 || !isBids(words, at)) return -1;
    at = readLevel(frame, at + toBidsText.length, out, bid, form);
    if (at < 0 || !isTime(words, at)) return -1;
    at = readInteger(frame, at + toTimeText.length, out, venueTsMs);
    if (at < 0 || !hasKey(words, at, seqFirst, seqMiddle, 3)) return -1;
    if (words.getInt32(at + 6, true) !== seqLast) return -1;
    at = skipInteger(frame, at + 10);
    if (at !== to - 3 || (words.getInt32(at, true) & 0xffffff) !== tail) return -1;
    const ts = out[venueTsMs] as number;
    if (!(ts > 0 && ts <= timeMsMax)) return -1;
    const up = multiply[index] as number;
    const down = divide[index] as number;
    out[bidQty] = ((out[bidQty] as number) * up) / down;
    out[askQty] = ((out[askQty] as number) * up) / down;
    return index;
  };
}

/** By catalog index: what turns contracts and coins of OKX into base units; and its symbols. */
export function scannedListings(catalog: Catalog) {
  const entries: [string, number][] = [];
  const multiply = new Float64Array(catalog.size);
  const divide = new Float64Array(catalog.size);
  for (const [index, instrument] of catalog.all().entries()) {
    if (instrument.venue !== venue) continue;
    const scale = scaleOf(instrument.qtyUnit);
    multiply[index] = scale.multiply;
    divide[index] = scale.divide;
    entries.push([instrument.symbol, index]);
  }
  return { symbols: new SymbolWords(entries), multiply, divide };
}

/** `px","sz","0","n` into two slots; the last two fields are integers that nobody reads. */
function readLevel(
  frame: FrameBuffer,
  at: number,
  out: Float64Array,
  slot: number,
  { price, qty }: QuoteForm,
): number {
  const { words } = frame;
  let cursor = readPrice(frame, at, out, slot, 0, price);
  if (cursor < 0 || (words.getInt32(cursor, true) & 0xffffff) !== comma) return -1;
  cursor = readQty(frame, cursor + 3, out, slot + 1, 0, qty);
  if (cursor < 0 || (words.getInt32(cursor, true) & 0xffffff) !== comma) return -1;
  cursor = skipInteger(frame, cursor + 3);
  if (cursor < 0 || (words.getInt32(cursor, true) & 0xffffff) !== comma) return -1;
  return (out[slot] as number) > 0 ? skipInteger(frame, cursor + 3) : -1;
}
