// From the bytes of a best bid/ask frame to the decision that no pair of its instrument passes:
// scanner, market table, scan. Against JSON.parse of the same frame alone, which decides nothing
// yet.
import { FrameBuffer } from '../src/base/frame.ts';
import { slot } from '../src/domain/market-table.ts';
import { quoteSlots, type VenueSpec } from '../src/domain/venue-spec.ts';
import { binance } from '../src/venues/binance/index.ts';
import { bybit } from '../src/venues/bybit/index.ts';
import { okx } from '../src/venues/okx/index.ts';
import { benchMarket, perpOf } from './market.ts';
import { type Bench, heapBytesPer, mediansNs, type Row } from './measure.ts';

interface Feed {
  readonly venue: VenueSpec;
  readonly symbol: string;
  readonly stream: string;
  /** Two frames whose prices differ, so that nothing can be remembered from the last. */
  readonly frames: readonly [string, string];
}

const feeds: readonly Feed[] = [
  {
    venue: binance,
    symbol: 'BTCUSDT',
    stream: 'bookTicker',
    frames: [
      '{"e":"bookTicker","u":4101432109876,"E":1709136000105,"T":1709136000101,"s":"BTCUSDT","b' +
        '":"65000.10","B":"12.337","a":"65000.20","A":"8.250"}',
      '{"e":"bookTicker","u":4101432109991,"E":1709136000209,"T":1709136000203,"s":"BTCUSDT","b' +
        '":"65000.30","B":"3.107","a":"65000.40","A":"9.125"}',
    ],
  },
  {
    venue: okx,
    symbol: 'BTC-USDT-SWAP',
    stream: 'bbo-tbt',
    frames: [
      '{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},"data":[{"asks":[["65000.2","1250.' +
        '5","0","12"]],"bids":[["65000.1","337","0","4"]],"ts":"1709136000105","seqId":363996337}' +
        ']}',
      '{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},"data":[{"asks":[["65000.4","950.5' +
        '","0","11"]],"bids":[["65000.3","107","0","3"]],"ts":"1709136000209","seqId":363996391}]' +
        '}',
    ],
  },
  {
    venue: bybit,
    symbol: 'BTCUSDT',
    stream: 'orderbook.1',
    frames: [
      '{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1709136000105,"data":{"s":"BTCUSDT' +
        '","b":[["65000.10","12.337"]],"a":[["65000.20","8.250"]],"u":18521288,"seq":7961638724},' +
        '"cts":1709136000101}',
      '{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1709136000209,"data":{"s":"BTCUSDT' +
        '","b":[["65000.30","3.107"]],"a":[["65000.40","9.125"]],"u":18521301,"seq":7961638810},"' +
        'cts":1709136000203}',
    ],
  },
];

export const decodeBench: Bench = {
  title: 'frame to decision, per best bid/ask frame',
  run: () => feeds.flatMap(rowsOf),
};

function rowsOf(feed: Feed): readonly Row[] {
  const { venue, symbol, frames } = feed;
  const instruments = feeds.map((each) => perpOf(each.venue.id, each.symbol, 'BTC'));
  const { catalog, table, scan } = benchMarket(instruments);
  const scanner = venue.quoteScanner({ stream: feed.stream, market: 'linear' }, catalog);
  const bytes = frames.map((frame) => Buffer.from(frame));
  const loaded = bytes.map((frame) => {
    const buffer = new FrameBuffer(frame.length);
    buffer.load(frame);
    return buffer;
  });
  const values = new Float64Array(quoteSlots.size);
  let next = 0;
  const frameToDecision = () => {
    const frame = loaded[next++ & 1] as FrameBuffer;
    const index = scanner(frame, 0, frame.capacity, values);
    if (index < 0) throw new Error(`${venue.id}: the scanner does not read ${symbol}'s frame`);
    table.set(index, slot.bid, values[quoteSlots.bid] as number);
    table.set(index, slot.bidQty, values[quoteSlots.bidQty] as number);
    table.set(index, slot.ask, values[quoteSlots.ask] as number);
    table.set(index, slot.askQty, values[quoteSlots.askQty] as number);
    table.set(index, slot.quoteTsMs, values[quoteSlots.venueTsMs] as number);
    if (scan.onQuote(index) !== 0) throw new Error('a calm market passes nothing');
  };
  const parse = () => {
    if (JSON.parse((bytes[next++ & 1] as Buffer).toString()) === null) throw new Error('null');
  };
  const [reference = Number.NaN, ours = Number.NaN] = mediansNs([parse, frameToDecision]);
  const label = `${venue.id} ${feed.stream} (${frames[0].length} bytes)`;
  const heap = heapBytesPer(frameToDecision, 500_000);
  return [
    { name: `${label}: JSON.parse alone`, value: reference, unit: 'ns', ratio: 1, note: '' },
    {
      name: `${label}: frame to decision`,
      value: ours,
      unit: 'ns',
      ratio: ours / reference,
      note: `heap ${heap.toFixed(1)} bytes per frame`,
    },
  ];
}
