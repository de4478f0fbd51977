// Reads bbo-tbt frames as bytes, without strings. It knows one layout, the one that OKX sends, and
// gives up (-1) on any other byte, so that it can only ever agree with `decode`.
//
// {"arg":{"channel":"bbo-tbt","instId":"X"},"data":[{"asks":[["px","sz","0","n"]],
//  "bids":[["px","sz","0","n"]],"ts":"ms","seqId":n}]}
import { ascii, expectBytes, readNumber, SymbolTable, skipPast } from '../../base/bytes.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { scaleOf, venue } from './names.ts';

const head = ascii('{"arg":{"channel":"bbo-tbt","instId":"');
const toAsks = ascii('"},"data":[{"asks":[["');
const comma = ascii('","');
const toBids = ascii('"]],"bids":[["');
const toTime = ascii('"]],"ts":"');
const toSeq = ascii('","seqId":');
const tail = ascii('}]}');
const quoteChar = 34;
const timeMsMax = 253_402_300_799_999;

export function quoteScanner(catalog: Catalog): QuoteScanner {
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
  const symbols = new SymbolTable(entries);

  return (bytes, out) => {
    const symbolAt = expectBytes(bytes, 0, head);
    const symbolEnd = skipPast(bytes, symbolAt, quoteChar) - 1;
    if (symbolEnd < 0) return -1;
    const index = symbols.find(bytes, symbolAt, symbolEnd);
    if (index < 0) return -1;
    let at = readLevel(bytes, expectBytes(bytes, symbolEnd, toAsks), out, quoteSlots.ask);
    at = readLevel(bytes, expectBytes(bytes, at, toBids), out, quoteSlots.bid);
    at = readNumber(bytes, expectBytes(bytes, at, toTime), out, quoteSlots.venueTsMs);
    at = skipInteger(bytes, expectBytes(bytes, at, toSeq));
    if (expectBytes(bytes, at, tail) !== bytes.length) return -1;
    const ts = out[quoteSlots.venueTsMs] as number;
    if (!(ts > 0 && ts <= timeMsMax && Number.isInteger(ts))) return -1;
    const up = multiply[index] as number;
    const down = divide[index] as number;
    out[quoteSlots.bidQty] = ((out[quoteSlots.bidQty] as number) * up) / down;
    out[quoteSlots.askQty] = ((out[quoteSlots.askQty] as number) * up) / down;
    return index;
  };
}

/** `px","sz","0","n` into two slots; the last two fields are integers that nobody reads. */
function readLevel(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  let cursor = readNumber(bytes, at, out, slot);
  cursor = readNumber(bytes, expectBytes(bytes, cursor, comma), out, slot + 1);
  cursor = skipInteger(bytes, expectBytes(bytes, cursor, comma));
  cursor = skipInteger(bytes, expectBytes(bytes, cursor, comma));
  if (!((out[slot] as number) > 0 && (out[slot + 1] as number) >= 0)) return -1;
  return cursor;
}

/** Past the digits of a JSON integer (no sign, no leading zero), or -1. */
function skipInteger(bytes: Uint8Array, at: number): number {
  if (at < 0) return -1;
  let cursor = at;
  while (
    cursor < bytes.length &&
    (bytes[cursor] as number) >= 48 &&
    (bytes[cursor] as number) <= 57
  ) {
    cursor++;
  }
  if (cursor === at || (bytes[at] === 48 && cursor > at + 1)) return -1;
  return cursor;
}
