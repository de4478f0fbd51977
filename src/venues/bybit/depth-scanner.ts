// Reads `orderbook.{50,200,1000}` deltas as bytes, without strings or objects. Whatever differs in
// the least from the layout gives -1 and `decode` reads it.
//
// {"topic":"orderbook.50.X","type":"delta","ts":ms,"data":{"s":"X","b":[["px","qty"],...],
//  "a":[...],"u":n,"seq":n},"cts":ms}
import {
  expectKey,
  hasKey,
  isRepeated,
  keyWords,
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

const keyOf = (text: string) => ({ words: keyWords(text), length: text.length });
const opening = keyOf('{"topic":"orderbook.');
const typeAndTime = keyOf('","type":"delta","ts":');
const dataSymbol = keyOf(',"data":{"s":"');
const bids = keyOf('","b":');
const [asksFirst, asksLast] = [word(',"a"'), word('"a":')];
const [updateFirst, updateLast] = [word(',"u"'), word('"u":')];
const [seqFirst, seqLast] = [word(',"se'), word('eq":')];
const [engineFirst, engineLast] = [word('},"c'), word('ts":')];
const [brace, dot, zeroChar, oneChar] = [125, 46, 48, 49];

export function depthScanner(source: FrameSource, catalog: Catalog): DepthScanner {
  const entries: [string, number][] = [];
  const forms: (LevelForm | null)[] = [];
  for (const [index, { venue, kind, symbol, qtyUnit }] of catalog.all().entries()) {
    const isOurs = venue === venueId && marketOf(kind) === source.market;
    const shift = isOurs ? powerOf10(qtyUnit) : 0;
    forms.push(isOurs ? new LevelForm(-shift, shift, 0) : null);
    if (isOurs) entries.push([symbol, index]);
  }
  const symbols = new SymbolWords(entries);

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    let at = expectKey(words, from, opening.words, opening.length);
    if (at < 0) return -1;
    const depth = at;
    while (at < to && ((bytes[at] as number) - zeroChar) >>> 0 < 10) at++;
    // Level 1 is a quote and sends no deltas.
    if (bytes[at] !== dot || (at - depth === 1 && bytes[depth] === oneChar)) return -1;
    const symbolFrom = at + 1;
    const symbolTo = nextQuote(words, symbolFrom);
    const index = symbols.find(words, symbolFrom, symbolTo);
    if (index < 0) return -1;
    at = expectKey(words, symbolTo, typeAndTime.words, typeAndTime.length);
    if (at < 0) return -1;
    at = readInteger(frame, at, out.head, depthSlots.venueTsMs);
    const ts = out.head[depthSlots.venueTsMs] as number;
    if (at < 0 || !(ts > 0 && ts <= timeMsMax)) return -1;
    at = expectKey(words, at, dataSymbol.words, dataSymbol.length);
    if (at < 0) return -1;
    if (!isRepeated(words, at, symbolFrom, symbolTo - symbolFrom)) return -1;
    at += symbolTo - symbolFrom;
    at = expectKey(words, at, bids.words, bids.length);
    if (at < 0) return -1;
    const form = forms[index] as LevelForm;
    at = readLevels(frame, at, out.bids, form);
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
