// One million frames of best bid/ask from the bytes of three sockets to the decision, in a process
// of its own with --expose-gc: prints the growth of the heap and the collections as JSON.
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { feedVenues, quoteFrames, symbolOf } from '../../bench/frames.ts';
import { benchMarket, perpOf } from '../../bench/market.ts';
import { inlineHotPaths } from '../../src/app/inlining.ts';
import { quoteSlots, type VenueSpec } from '../../src/domain/venue-spec.ts';
import { FrameReader } from '../../src/io/frame-reader.ts';
import { binance } from '../../src/venues/binance/index.ts';
import { bybit } from '../../src/venues/bybit/index.ts';
import { okx } from '../../src/venues/okx/index.ts';
import { encoded } from './server-frames.ts';

const framesMeasured = 1_000_000;
const framesBefore = 300_000;
const readBytes = 10_000;

inlineHotPaths();
const specs: Readonly<Record<string, VenueSpec>> = { binance, okx, bybit };
const { catalog, table, scan } = benchMarket(
  feedVenues.map((venue) => perpOf(venue, symbolOf[venue], 'BTC')),
);
let frames = 0;
let changed = 0;
const reads = feedVenues.map((venue) => {
  const scanner = (specs[venue] as VenueSpec).quoteScanner(
    { stream: venue, market: 'linear' },
    catalog,
  );
  const values = new Float64Array(quoteSlots.size);
  const reader = new FrameReader(
    {
      message: (buffer, from, to) => {
        const index = scanner(buffer, from, to, values);
        if (index < 0) throw new Error('the scanner does not read the frame');
        values[quoteSlots.receivedWallMs] = frames;
        if (table.setQuote(index, values)) {
          changed++;
          scan.onQuote(index);
        }
        frames++;
      },
      pinged: () => undefined,
      closed: () => undefined,
      broken: (_code, reason) => {
        throw new Error(reason);
      },
    },
    1_000_000,
  );
  const bytes = Buffer.concat(quoteFrames(venue).map((payload) => encoded({ opcode: 1, payload })));
  // Reads end anywhere, within a frame and within its header; the parts are made once.
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += readBytes) {
    parts.push(bytes.subarray(at, at + readBytes));
  }
  return () => {
    for (const part of parts) {
      reader.area.set(part);
      reader.take(part.length);
    }
  };
});

function take(count: number): void {
  const until = frames + count;
  while (frames < until) for (const read of reads) read();
}

let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

take(framesBefore);
collect();
await nextTurn();
observer.observe({ entryTypes: ['gc'] });
await nextTurn();
const [framesFrom, heapFrom] = [frames, process.memoryUsage().heapUsed];
take(framesMeasured);
const grownBytes = process.memoryUsage().heapUsed - heapFrom;
await nextTurn();
collections += observer.takeRecords().length;
observer.disconnect();
process.stdout.write(
  JSON.stringify({ frames: frames - framesFrom, changed, grownBytes, collections }),
);
