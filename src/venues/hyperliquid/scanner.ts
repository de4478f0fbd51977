// Reads `bbo` frames as bytes, without strings or objects: the hot path. Every byte of the frame is
// accounted for; whatever differs in the least gives -1 and `decode` reads it. Where it answers, it
// answers the same doubles as `decode`.

import { toNumber } from '../../base/decimal.ts';
import {
  expectKey,
  type FrameBuffer,
  keyWords,
  nextQuote,
  readInteger,
  readScaled,
  SymbolWords,
  skipInteger,
} from '../../base/frame.ts';
import type { Catalog } from '../../domain/instrument.ts';
import { type QuoteScanner, quoteSlots } from '../../domain/venue-spec.ts';
import { venueId } from './names.ts';
import { timeMsMax } from './read.ts';

/** A key with its words. */
const keyOf = (text: string) => ({ words: keyWords(text), length: text.length });
const opening = keyOf('{"channel":"bbo","data":{"coin":"');
const time = keyOf('","time":');
const bidPrice = keyOf(',"bbo":[{"px":"');
const size = keyOf('","sz":"');
const count = keyOf('","n":');
const askPrice = keyOf('},{"px":"');
const closing = keyOf('}]}}');

/** Built again when the catalog grows: its coins and units are copied here. */
export function quoteScanner(catalog: Catalog): QuoteScanner {
  const listed = catalog
    .all()
    .map((instrument, index) => ({ instrument, index }))
    .filter(({ instrument }) => instrument.venue === venueId);
  const coins = new SymbolWords(
    listed.map(({ instrument, index }) => [instrument.symbol, index] as const),
  );
  const priceDivisors = new Float64Array(catalog.size);
  const qtyFactors = new Float64Array(catalog.size);
  for (const { instrument, index } of listed) {
    priceDivisors[index] = toNumber(instrument.priceUnit);
    qtyFactors[index] = toNumber(instrument.qtyUnit);
  }

  return (frame, from, to, out) => {
    const { words } = frame;
    const coinAt = expect(frame, from, opening);
    if (coinAt < 0) return -1;
    const coinEnd = nextQuote(words, coinAt);
    const index = coins.find(words, coinAt, coinEnd);
    if (index < 0) return -1;
    let at = expect(frame, coinEnd, time);
    if (at >= 0) at = readInteger(frame, at, out, quoteSlots.venueTsMs);
    at = readPrice(frame, expect(frame, at, bidPrice), out, quoteSlots.bid);
    at = readPrice(frame, expect(frame, at, size), out, quoteSlots.bidQty);
    at = skip(frame, expect(frame, at, count));
    at = readPrice(frame, expect(frame, at, askPrice), out, quoteSlots.ask);
    at = readPrice(frame, expect(frame, at, size), out, quoteSlots.askQty);
    at = skip(frame, expect(frame, at, count));
    if (expect(frame, at, closing) !== to) return -1;
    const ms = out[quoteSlots.venueTsMs] as number;
    if (!(ms > 0 && ms <= timeMsMax)) return -1;
    const divisor = priceDivisors[index] as number; // filled for every listed index
    const factor = qtyFactors[index] as number;
    out[quoteSlots.bid] = (out[quoteSlots.bid] as number) / divisor;
    out[quoteSlots.bidQty] = (out[quoteSlots.bidQty] as number) * factor;
    out[quoteSlots.ask] = (out[quoteSlots.ask] as number) / divisor;
    out[quoteSlots.askQty] = (out[quoteSlots.askQty] as number) * factor;
    return index;
  };
}

function expect(
  { words }: FrameBuffer,
  at: number,
  key: { readonly words: Int32Array; readonly length: number },
): number {
  return at < 0 ? -1 : expectKey(words, at, key.words, key.length);
}

function skip(frame: FrameBuffer, at: number): number {
  return at < 0 ? -1 : skipInteger(frame, at);
}

/** A figure above zero between the quotes that the caller expects. */
function readPrice(frame: FrameBuffer, at: number, out: Float64Array, slot: number): number {
  if (at < 0) return -1;
  const end = readScaled(frame.bytes, at, out, slot, 0);
  return (out[slot] as number) > 0 ? end : -1;
}
