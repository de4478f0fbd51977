// Reads `depthUpdate` frames of spot and USD-M, raw, as bytes and without strings. Anything but the
// exact shape gives -1 and the frame goes through `decode`, with which this must agree on every
// frame that it accepts.
//
// {"e":"depthUpdate","E":ms,["T":ms,]"s":"X","U":n,"u":n,["pu":n,]"b":[["px","qty"],...],"a":[...]}
import {
  hasKey,
  keyDoubles,
  nextQuote,
  readInteger,
  type SymbolWords,
  skipInteger,
  word,
} from '../../base/frame.ts';
import { type DepthScanner, depthSlots } from '../../domain/depth-frame.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { LevelForm, readLevels } from '../../domain/level-reader.ts';
import type { FrameSource } from '../../domain/venue-spec.ts';
import { symbolTable } from './scanner.ts';
import { powerOf10, venueId } from './symbols.ts';

const openingText = '{"e":"depthUpdate","E":';
const [opening0, opening1, opening2] = keyDoubles(openingText);
function isOpening(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === opening0 &&
    words.getFloat64(at + 8, true) === opening1 &&
    words.getFloat64(at + 15, true) === opening2
  );
}
const [tradeFirst, tradeLast] = [word(',"T"'), word('"T":')];
const [symbolFirst, symbolLast] = [word(',"s"'), word('s":"')];
const [firstFirst, firstLast] = [word('","U'), word('"U":')];
const [finalFirst, finalLast] = [word(',"u"'), word('"u":')];
const [previousFirst, previousLast] = [word(',"pu'), word('pu":')];
const [bidsFirst, bidsLast] = [word(',"b"'), word('"b":')];
const [asksFirst, asksLast] = [word(',"a"'), word('"a":')];
const brace = 125;

export function depthScanner(source: FrameSource, catalog: Catalog): DepthScanner {
  const isSpot = source.market === 'spot';
  const symbols: SymbolWords = symbolTable(catalog, isSpot ? 'spot' : 'linear');
  const forms = catalog
    .all()
    .map(({ venue, qtyUnit, priceUnit }): LevelForm | null =>
      venue === venueId ? new LevelForm(-powerOf10(priceUnit), powerOf10(qtyUnit), null) : null,
    );

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    const { head } = out;
    if (source.market === 'inverse') return -1;
    if (!isOpening(words, from)) return -1;
    let at = readInteger(frame, from + openingText.length, head, depthSlots.venueTsMs);
    if (at < 0 || !((head[depthSlots.venueTsMs] as number) > 0)) return -1;
    if (!isSpot) {
      if (!hasKey(words, at, tradeFirst, tradeLast, 1)) return -1;
      at = skipInteger(frame, at + 5);
      if (at < 0) return -1;
    }
    if (!hasKey(words, at, symbolFirst, symbolLast, 2)) return -1;
    const symbolTo = nextQuote(words, at + 6);
    const index = symbols.find(words, at + 6, symbolTo);
    if (index < 0 || !hasKey(words, symbolTo, firstFirst, firstLast, 2)) return -1;
    at = readInteger(frame, symbolTo + 6, head, depthSlots.firstSeq);
    if (at < 0 || !hasKey(words, at, finalFirst, finalLast, 1)) return -1;
    at = readInteger(frame, at + 5, head, depthSlots.seq);
    if (at < 0) return -1;
    head[depthSlots.prevSeq] = Number.NaN;
    if (!isSpot) {
      if (!hasKey(words, at, previousFirst, previousLast, 2)) return -1;
      at = readInteger(frame, at + 6, head, depthSlots.prevSeq);
      if (at < 0) return -1;
    }
    const form = forms[index] as LevelForm;
    if (!hasKey(words, at, bidsFirst, bidsLast, 1)) return -1;
    at = readLevels(frame, at + 5, out.bids, form);
    if (at < 0 || !hasKey(words, at, asksFirst, asksLast, 1)) return -1;
    at = readLevels(frame, at + 5, out.asks, form);
    return at === to - 1 && bytes[at] === brace ? index : -1;
  };
}
