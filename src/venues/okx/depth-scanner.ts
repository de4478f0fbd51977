// Reads the updates of the `books` channel as bytes, without strings. It knows one layout, the one
// that OKX sends, and gives up (-1) on any other byte.
//
// {"arg":{"channel":"books","instId":"X"},"action":"update","data":[{"asks":[["px","sz","0","n"],
//  ...],"bids":[...],"ts":"ms","checksum":n,"prevSeqId":n,"seqId":n}]}
import { hasKey, keyDoubles, nextQuote, readInteger, skipInteger, word } from '../../base/frame.ts';
import { type DepthScanner, depthSlots } from '../../domain/depth-frame.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { LevelForm, readLevels } from '../../domain/level-reader.ts';
import { venue } from './names.ts';
import { scannedListings } from './scanner.ts';

const headText = '{"arg":{"channel":"books","instId":"';
const toAsksText = '"},"action":"update","data":[{"asks":';
const toBidsText = ',"bids":';
const [timeFirst, timeLast] = [word(',"ts'), word('s":"')];
const toChecksumText = '","checksum":';
const toPreviousText = ',"prevSeqId":';
const toSeqText = ',"seqId":';
/** `}]}` */
const tailLength = 3;
const [brace, bracket, minus] = [125, 93, 45];
const timeMsMax = 253_402_300_799_999;

// Each key is compared by a function of its own: its words are constants of the machine code then.

const [head0, head1, head2, head3, head4] = keyDoubles(headText);
function isHead(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === head0 &&
    words.getFloat64(at + 8, true) === head1 &&
    words.getFloat64(at + 16, true) === head2 &&
    words.getFloat64(at + 24, true) === head3 &&
    words.getFloat64(at + 28, true) === head4
  );
}

const [asks0, asks1, asks2, asks3, asks4] = keyDoubles(toAsksText);
function isAsks(words: DataView, at: number): boolean {
  return (
    words.getFloat64(at, true) === asks0 &&
    words.getFloat64(at + 8, true) === asks1 &&
    words.getFloat64(at + 16, true) === asks2 &&
    words.getFloat64(at + 24, true) === asks3 &&
    words.getFloat64(at + 29, true) === asks4
  );
}

const [bids0] = keyDoubles(toBidsText);
const [checksum0, checksum1] = keyDoubles(toChecksumText);
function isChecksum(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === checksum0 && words.getFloat64(at + 5, true) === checksum1;
}

const [previous0, previous1] = keyDoubles(toPreviousText);
function isPrevious(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === previous0 && words.getFloat64(at + 5, true) === previous1;
}

const [seq0, seq1] = keyDoubles(toSeqText);
function isSeq(words: DataView, at: number): boolean {
  return words.getFloat64(at, true) === seq0 && words.getFloat64(at + 1, true) === seq1;
}

export function depthScanner(catalog: Catalog): DepthScanner {
  const { symbols, multiply, divide } = scannedListings(catalog);
  const forms = catalog.all().map((each, index) => {
    const scale = { multiply: multiply[index] as number, divide: divide[index] as number };
    return each.venue === venue ? new LevelForm(0, 0, scale) : null;
  });

  return (frame, from, to, out) => {
    const { bytes, words } = frame;
    if (!isHead(words, from)) return -1;
    const symbolAt = from + headText.length;
    const symbolEnd = nextQuote(words, symbolAt);
    const index = symbols.find(words, symbolAt, symbolEnd);
    if (index < 0 || !isAsks(words, symbolEnd)) return -1;
    const form = forms[index] as LevelForm;
    let at = readLevels(frame, symbolEnd + toAsksText.length, out.asks, form);
    if (at < 0 || words.getFloat64(at, true) !== bids0) return -1;
    at = readLevels(frame, at + toBidsText.length, out.bids, form);
    if (at < 0 || !hasKey(words, at, timeFirst, timeLast, 3)) return -1;
    at = readInteger(frame, at + 7, out.head, depthSlots.venueTsMs);
    const ts = out.head[depthSlots.venueTsMs] as number;
    if (at < 0 || !(ts > 0 && ts <= timeMsMax) || !isChecksum(words, at)) return -1;
    at += toChecksumText.length;
    at = skipInteger(frame, bytes[at] === minus ? at + 1 : at);
    if (at < 0 || !isPrevious(words, at)) return -1;
    at = readInteger(frame, at + toPreviousText.length, out.head, depthSlots.prevSeq);
    if (at < 0 || !isSeq(words, at)) return -1;
    at = readInteger(frame, at + toSeqText.length, out.head, depthSlots.seq);
    if (at !== to - tailLength) return -1;
    if (bytes[at] !== brace || bytes[at + 1] !== bracket || bytes[at + 2] !== brace) return -1;
    out.head[depthSlots.firstSeq] = Number.NaN;
    return index;
  };
}
