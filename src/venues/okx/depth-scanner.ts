// Reads the updates of the `books` channel as bytes, without strings. It knows one layout, the one
// that OKX sends, and gives up (-1) on any other byte.
//
// {"arg":{"channel":"books","instId":"X"},"action":"update","data":[{"asks":[["px","sz","0","n"],
//  ...],"bids":[...],"ts":"ms","checksum":n,"prevSeqId":n,"seqId":n}]}
import { expectKey, keyWords, nextQuote, readInteger, skipInteger } from '../../base/frame.ts';
import { type DepthScanner, depthSlots, type LevelList } from '../../domain/depth-frame.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { LevelForm, readLevels } from '../../domain/level-reader.ts';
import { venue } from './names.ts';
import { scannedListings } from './scanner.ts';

const keyOf = (text: string) => ({ words: keyWords(text), length: text.length });
const head = keyOf('{"arg":{"channel":"books","instId":"');
const toAsks = keyOf('"},"action":"update","data":[{"asks":');
const toBids = keyOf(',"bids":');
const toTime = keyOf(',"ts":"');
const toChecksum = keyOf('","checksum":');
const toPrevious = keyOf(',"prevSeqId":');
const toSeq = keyOf(',"seqId":');
/** `}]}` */
const tailLength = 3;
const [brace, bracket, minus] = [125, 93, 45];
const timeMsMax = 253_402_300_799_999;

export function depthScanner(catalog: Catalog): DepthScanner {
  const { symbols, multiply, divide } = scannedListings(catalog);
  // Contracts and coins are counted in `scaleOf`, not in powers of ten.
  const forms = catalog.all().map((each) => (each.venue === venue ? new LevelForm(0, 0, 2) : null));

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    const symbolAt = expectKey(words, from, head.words, head.length);
    if (symbolAt < 0) return -1;
    const symbolEnd = nextQuote(words, symbolAt);
    const index = symbols.find(words, symbolAt, symbolEnd);
    if (index < 0) return -1;
    const form = forms[index] as LevelForm;
    let at = expectKey(words, symbolEnd, toAsks.words, toAsks.length);
    if (at < 0) return -1;
    at = readLevels(frame, at, out.asks, form);
    if (at < 0) return -1;
    at = expectKey(words, at, toBids.words, toBids.length);
    if (at < 0) return -1;
    at = readLevels(frame, at, out.bids, form);
    if (at < 0) return -1;
    at = expectKey(words, at, toTime.words, toTime.length);
    if (at < 0) return -1;
    at = readInteger(frame, at, out.head, depthSlots.venueTsMs);
    const ts = out.head[depthSlots.venueTsMs] as number;
    if (at < 0 || !(ts > 0 && ts <= timeMsMax)) return -1;
    at = expectKey(words, at, toChecksum.words, toChecksum.length);
    if (at < 0) return -1;
    at = skipInteger(frame, bytes[at] === minus ? at + 1 : at);
    if (at < 0) return -1;
    at = expectKey(words, at, toPrevious.words, toPrevious.length);
    if (at < 0) return -1;
    at = readInteger(frame, at, out.head, depthSlots.prevSeq);
    if (at < 0) return -1;
    at = expectKey(words, at, toSeq.words, toSeq.length);
    if (at < 0) return -1;
    at = readInteger(frame, at, out.head, depthSlots.seq);
    if (at < 0 || at !== to - tailLength) return -1;
    if (bytes[at] !== brace || bytes[at + 1] !== bracket || bytes[at + 2] !== brace) return -1;
    out.head[depthSlots.firstSeq] = Number.NaN;
    toBase(out.bids, multiply[index] as number, divide[index] as number);
    toBase(out.asks, multiply[index] as number, divide[index] as number);
    return index;
  };
}

/** As `decode` computes it: two roundings where both differ from 1. */
function toBase({ values, count }: LevelList, multiply: number, divide: number): void {
  for (let i = 0; i < count; i++) {
    values[2 * i + 1] = ((values[2 * i + 1] as number) * multiply) / divide;
  }
}
