// Frames as the three venues send them, made here: best bid/ask, and deltas of a book around a
// price. Ids follow one on the other, so that a book can be kept from them.
import { Prng } from '../src/base/prng.ts';

export const feedVenues = ['binance', 'okx', 'bybit'] as const;
export type FeedVenue = (typeof feedVenues)[number];

export const symbolOf: Readonly<Record<FeedVenue, string>> = {
  binance: 'BTCUSDT',
  okx: 'BTC-USDT-SWAP',
  bybit: 'BTCUSDT',
};

export const framesPerFeed = 256;
const startTsMs = 1_709_136_000_105;
/** Levels are drawn from so many times as many prices: most updates meet one that is there. */
const priceRange = 2;
const bestBidTicks = 650_000;

type Rows = readonly (readonly [price: string, qty: string])[];

/** Best bid/ask, every frame another price. */
export function quoteFrames(venue: FeedVenue): readonly Buffer[] {
  const prng = new Prng(1);
  return Array.from({ length: framesPerFeed }, (_, i) => {
    const ticks = bestBidTicks + prng.below(40);
    const ts = startTsMs + i * 10;
    const [bid, ask] = [priceOf(ticks), priceOf(ticks + 1)];
    const [bidQty, askQty] = [qtyOf(prng), qtyOf(prng)];
    const id = 4_101_432_109_876 + i * 97;
    const texts = {
      binance:
        `{"e":"bookTicker","u":${id},"E":${ts},"T":${ts - 4},"s":"BTCUSDT",` +
        `"b":"${bid}","B":"${bidQty}","a":"${ask}","A":"${askQty}"}`,
      okx:
        `{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},"data":[{"asks":[["${ask}",` +
        `"${askQty}","0","12"]],"bids":[["${bid}","${bidQty}","0","4"]],"ts":"${ts}",` +
        `"seqId":${363_996_337 + i}}]}`,
      bybit:
        `{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":${ts},"data":{"s":"BTCUSDT",` +
        `"b":[["${bid}","${bidQty}"]],"a":[["${ask}","${askQty}"]],"u":${18_521_288 + i},` +
        `"seq":${7_961_638_724 + i * 3}},"cts":${ts - 3}}`,
    };
    return Buffer.from(texts[venue]);
  });
}

/** Deltas of `levels` levels each, half on each side, best first; a fifth of them deletes. */
export function depthFrames(venue: FeedVenue, levels: number): readonly Buffer[] {
  const prng = new Prng(2);
  return Array.from({ length: framesPerFeed }, (_, i) => {
    const bids = rowsOf(prng, levels / 2, (k) => bestBidTicks - k);
    const asks = rowsOf(prng, levels / 2, (k) => bestBidTicks + 1 + k);
    return Buffer.from(depthText(venue, { bids, asks, i }));
  });
}

function depthText(venue: FeedVenue, at: { bids: Rows; asks: Rows; i: number }): string {
  const { bids, asks, i } = at;
  const ts = startTsMs + i * 100;
  const list = (rows: Rows, more = '') =>
    `[${rows.map(([price, qty]) => `["${price}","${qty}"${more}]`).join(',')}]`;
  switch (venue) {
    case 'binance':
      return (
        `{"e":"depthUpdate","E":${ts},"T":${ts - 4},"s":"BTCUSDT","U":${firstSeq + i},` +
        `"u":${firstSeq + i},"pu":${firstSeq + i - 1},"b":${list(bids)},"a":${list(asks)}}`
      );
    case 'okx':
      return (
        `{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"update","data":[{"asks":` +
        `${list(asks, ',"0","3"')},"bids":${list(bids, ',"0","5"')},"ts":"${ts}","checksum":0,` +
        `"prevSeqId":${firstSeq + i - 1},"seqId":${firstSeq + i}}]}`
      );
    case 'bybit':
      return (
        `{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":${ts},"data":{"s":"BTCUSDT",` +
        `"b":${list(bids)},"a":${list(asks)},"u":${firstSeq + i},"seq":${firstSeq + i}},` +
        `"cts":${ts - 2}}`
      );
  }
}

/** The id of the first delta; the book before it stands at one less. */
export const firstSeq = 390_497_878;

function rowsOf(prng: Prng, count: number, ticksOf: (k: number) => number): Rows {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(prng.below(count * priceRange));
  return [...picked]
    .sort((a, b) => a - b)
    .map((k) => [priceOf(ticksOf(k)), prng.float() < 0.2 ? '0' : qtyOf(prng)]);
}

function priceOf(ticks: number): string {
  return (ticks / 10).toFixed(1);
}

function qtyOf(prng: Prng): string {
  return ((prng.below(20_000) + 1) / 1_000).toFixed(3);
}
