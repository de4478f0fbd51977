// Reads `orderbook.{50,200,1000}` deltas as bytes, without strings or objects. Whatever differs in
// the least from the layout gives -1 and `decode` reads it.
//
// {"topic":"orderbook.50.X","type":"delta","ts":ms,"data":{"s":"X","b":[["px","qty"],...],
//  "a":[...],"u":n,"seq":n},"cts":ms}
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
import { type DepthScanner, depthSlots } from '../../domain/depth-frame.ts';
import { type Catalog, marketOf } from '../../domain/instrument.ts';
import { LevelForm, readLevels } from '../../domain/level-reader.ts';
import type { FrameSource } from '../../domain/venue-spec.ts';
import { timeMsMax } from './read.ts';
import { powerOf10, venueId } from './symbols.ts';

const openingText = '{"topic":"orderbook.';
const typeText = '","type":"delta","ts":';
const dataText = ',"data":{"s":"';
const [bidsFirst, bidsLast] = [word('","b'), word('"b":')];
const [asksFirst, asksLast] = [word(',"a"'), word('"a":')];
const [updateFirst, updateLast] = [word(',"u"'), word('"u":')];
const [seqFirst, seqLast] = [word(',"se'), word('eq":')];
const [engineFirst, engineLast] = [word('},"c'), word('ts":')];
const [brace, dot, zeroChar, oneChar] = [125, 46, 48, 49];

// Each key is compared by a function of its own: its words are constants of the machine code then.

const [opening0, opening1, opening2] = keyDoubles(openingText);
function isOpening(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === opening0 &&
    words.getFloat64(at + 8, true) === opening1 &&
    words.getFloat64(at + 12, true) === opening2
  );
}

const [type0, type1, type2] = keyDoubles(typeText);
function isType(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === type0 &&
    words.getFloat64(at + 8, true) === type1 &&
    words.getFloat64(at + 14, true) === type2
  );
}

const [data0, data1] = keyDoubles(dataText);
function isData(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === data0 && words.getFloat64(at + 6, true) === data1;
}

export function depthScanner(source: FrameSource, catalog: Catalog): DepthScanner {
  const entries: [string, number][] = [];
  const forms: (LevelForm | null)[] = [];
  for (const [index, { venue, kind, symbol, qtyUnit }] of catalog.all().entries()) {
    const isOurs = venue === venueId && marketOf(kind) === source.market;
    const shift = isOurs ? powerOf10(qtyUnit) : 0;
    forms.push(isOurs ? new LevelForm(-shift, shift, null) : null);
    if (isOurs) entries.push([symbol, index]);
  }
  const symbols = new SymbolWords(entries);

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    if (!isOpening(words, from)) return -1;
    const depth = from + openingText.length;
    let at = depth;
    while (at < to && ((bytes[at] as number) - zeroChar) >>> 0 < 10) at++;
    // Level 1 is a quote and sends no deltas.
    if (bytes[at] !== dot || (at - depth === 1 && bytes[depth] === oneChar)) return -1;
    const symbolFrom = at + 1;
    const symbolTo = nextQuote(words, symbolFrom);
    const index = symbols.find(words, symbolFrom, symbolTo);
    if (index < 0 || !isType(words, symbolTo)) return -1;
    at = readInteger(frame, symbolTo + typeText.length, out.head, depthSlots.venueTsMs);
    const ts = out.head[depthSlots.venueTsMs] as number;
    if (at < 0 || !(ts > 0 && ts <= timeMsMax)) return -1;
    if (!isData(words, at)) return -1;
    at += dataText.length;
    if (!isRepeated(words, at, symbolFrom, symbolTo - symbolFrom)) return -1;
    at += symbolTo - symbolFrom;
    if (!hasKey(words, at, bidsFirst, bidsLast, 2)) return -1;
    const form = forms[index] as LevelForm;
    at = readLevels(frame, at + 6, out.bids, form);
    if (at < 0 || !hasKey(words, at, asksFirst, asksLast, 1)) return -1;
    at = readLevels(frame, at + 5, out.asks, form);
    if (at < 0 || !hasKey(words, at, updateFirst, updateLast, 1)) return -1;
    at = readInteger(frame, at + 5, out.head, depthSlots.seq);
    if (at < 0 || !hasKey(words, at, seqFirst, seqLast, 3)) return -1;
    at = skipInteger(frame, at + 7);
    if (at < 0 || !hasKey(words, at, engineFirst, engineLast, 4)) return -1;
    at = skipInteger(frame, at + 8);
    out.head[depthSlots.prevSeq] = Number.NaN;
    out.head[depthSlots.firstSeq] = Number.NaN;
    return at === to - 1 && bytes[at] === brace ? index : -1;
  };
}
