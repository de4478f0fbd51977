// Reads bbo-tbt frames as bytes, without strings. It knows one layout, the one that OKX sends, and
// gives up (-1) on any other byte, so that it can only ever agree with `decode`.
//
// {"arg":{"channel":"bbo-tbt","instId":"X"},"data":[{"asks":[["px","sz","0","n"]],
//  "bids":[["px","sz","0","n"]],"ts":"ms","seqId":n}]}
import {
  expectKey,
  type FrameBuffer,
  hasKey,
  keyWords,
  readInteger,
  readScaled,
  SymbolWords,
  skipInteger,
  word,
} from '../../base/frame.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { scaleOf, venue } from './names.ts';

const headText = '{"arg":{"channel":"bbo-tbt","instId":"';
const toAsksText = '"},"data":[{"asks":[["';
const toBidsText = '"]],"bids":[["';
const head = keyWords(headText);
const toAsks = keyWords(toAsksText);
const toBids = keyWords(toBidsText);
const toTimeText = '"]],"ts":"';
const toTime = keyWords(toTimeText);
const [seqFirst, seqMiddle, seqLast] = [word('","s'), word('seqI'), word('Id":')];
const comma = word('","?') & 0xffffff;
const tail = word('}]}?') & 0xffffff;
const quoteChar = 34;
const timeMsMax = 253_402_300_799_999;

export function quoteScanner(catalog: Catalog): QuoteScanner {
  const { symbols, multiply, divide } = scannedListings(catalog);

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    const symbolAt = expectKey(words, from, head, headText.length);
    if (symbolAt < 0) return -1;
    let symbolEnd = symbolAt;
    while (symbolEnd < to && bytes[symbolEnd] !== quoteChar) symbolEnd++;
    const index = symbols.find(words, symbolAt, symbolEnd);
    if (index < 0) return -1;
    let at = expectKey(words, symbolEnd, toAsks, toAsksText.length);
    if (at < 0) return -1;
    at = readLevel(frame, at, out, quoteSlots.ask);
    if (at < 0) return -1;
    at = expectKey(words, at, toBids, toBidsText.length);
    if (at < 0) return -1;
    at = readLevel(frame, at, out, quoteSlots.bid);
    if (at < 0) return -1;
    at = expectKey(words, at, toTime, toTimeText.length);
    if (at < 0) return -1;
    at = readInteger(frame, at, out, quoteSlots.venueTsMs);
    if (at < 0 || !hasKey(words, at, seqFirst, seqMiddle, 3)) return -1;
    if (words.getInt32(at + 6, true) !== seqLast) return -1;
    at = skipInteger(frame, at + 10);
    if (at !== to - 3 || (words.getInt32(at, true) & 0xffffff) !== tail) return -1;
    const ts = out[quoteSlots.venueTsMs] as number;
    if (!(ts > 0 && ts <= timeMsMax)) return -1;
    const up = multiply[index] as number;
    const down = divide[index] as number;
    out[quoteSlots.bidQty] = ((out[quoteSlots.bidQty] as number) * up) / down;
    out[quoteSlots.askQty] = ((out[quoteSlots.askQty] as number) * up) / down;
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
function readLevel(frame: FrameBuffer, at: number, out: Float64Array, slot: number): number {
  const { bytes, words } = frame;
  let cursor = readScaled(bytes, at, out, slot, 0);
  if (cursor < 0 || (words.getInt32(cursor, true) & 0xffffff) !== comma) return -1;
  cursor = readScaled(bytes, cursor + 3, out, slot + 1, 0);
  if (cursor < 0 || (words.getInt32(cursor, true) & 0xffffff) !== comma) return -1;
  cursor = skipInteger(frame, cursor + 3);
  if (cursor < 0 || (words.getInt32(cursor, true) & 0xffffff) !== comma) return -1;
  return (out[slot] as number) > 0 ? skipInteger(frame, cursor + 3) : -1;
}
