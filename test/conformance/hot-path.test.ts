// The hot path as the sockets use it: frames decoded where they lie, between other frames, and
// nothing allocated on the way to the decision.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFrame } from '../../src/domain/depth-frame.ts';
import { type FrameSource, quoteSlots } from '../../src/domain/venue-spec.ts';
import { FrameReader } from '../../src/io/frame-reader.ts';
import { damaged, type Mutated, oddValues } from '../../src/testing/mutate.ts';
import { scanBytes, scannedLevels } from '../../src/testing/scan-bytes.ts';
import { type ConformanceSubject, isReply } from '../../src/testing/subject.ts';
import { encoded } from '../support/server-frames.ts';
import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { hyperliquidSubject } from './subjects/hyperliquid.ts';
import { okxSubject } from './subjects/okx.ts';

const mebibyte = 2 ** 20;
const subjects = [binanceSubject, okxSubject, bybitSubject, hyperliquidSubject];

describe.each(subjects.map((s) => [s.spec.id, s] as const))('frames of %s', (_id, subject) => {
  it('say in place, between others and cut anywhere, what they say alone', () => {
    let scanned = 0;
    const frames = subject.samples.filter(({ from }) => !isReply(from));
    const changed = fc.oneof(damaged(frames), oddValues(frames));
    const plain = fc.constantFrom(...frames).map((sample): Mutated => {
      return { sample, text: sample.text };
    });
    const many = fc.array(fc.oneof({ weight: 3, arbitrary: plain }, changed), {
      minLength: 2,
      maxLength: 8,
    });
    const parts = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 4 });
    const catalog = subject.catalog();
    const scanners = new Map(
      frames.map(({ from }) => [from, scannersOf(subject, from as FrameSource, catalog)] as const),
    );
    fc.assert(
      fc.property(many, parts, (list, sizes) => {
        const messages = list.map(({ text }) => new TextEncoder().encode(text));
        let next = 0;
        const reader = new FrameReader(
          {
            message: (buffer, from, to) => {
              const { sample } = list[next] as Mutated;
              const { quote, depth } = scanners.get(sample.from) as Scanners;
              const bytes = messages[next++] as Uint8Array;
              expect(buffer.bytes.subarray(from, to)).toEqual(bytes);
              const inPlace = quote((scan, out) => scan(buffer, from, to, out));
              expect(inPlace).toEqual(quote((scan, out) => scanBytes(scan, bytes, out)));
              const levels = depth((scan, out) => scan(buffer, from, to, out));
              expect(levels).toEqual(depth((scan, out) => scanBytes(scan, bytes, out)));
              if (inPlace !== null || levels !== null) scanned++;
            },
            pinged: () => undefined,
            closed: () => undefined,
            broken: (_code, reason) => {
              throw new Error(reason);
            },
          },
          mebibyte,
        );
        const stream = Buffer.concat(messages.map((payload) => encoded({ opcode: 1, payload })));
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = Math.min(sizes[turn % sizes.length] as number, stream.length - at);
          reader.area.set(stream.subarray(at, at + size));
          reader.take(size);
          at += size;
        }
        expect(next).toBe(list.length);
      }),
      { numRuns: 150 },
    );
    expect(scanned).toBeGreaterThan(20);
  });
});

type Scanners = ReturnType<typeof scannersOf>;

/** What a scan finds in a frame; null = it is left to decode. */
function scannersOf(
  { spec }: ConformanceSubject,
  source: FrameSource,
  catalog: ReturnType<ConformanceSubject['catalog']>,
) {
  const quoteScanner = spec.quoteScanner(source, catalog);
  const depthScanner = spec.depthScanner?.(source, catalog) ?? (() => -1);
  const values = new Float64Array(quoteSlots.size);
  const levels = new DepthFrame();
  return {
    quote: (scan: (scanner: typeof quoteScanner, out: Float64Array) => number) => {
      const index = scan(quoteScanner, values);
      return index < 0
        ? null
        : { index, values: [...values.subarray(0, quoteSlots.venueTsMs + 1)] };
    },
    depth: (scan: (scanner: typeof depthScanner, out: DepthFrame) => number) => {
      const index = scan(depthScanner, levels);
      return index < 0 ? null : scannedLevels(levels, catalog.at(index).id);
    },
  };
}

it('a million frames from the bytes to the decision leave the heap as it was', async () => {
  const child = fileURLToPath(new URL('../support/hot-path-child.ts', import.meta.url));
  const args = ['--expose-gc', '--import', 'tsx', child];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const seen = JSON.parse(stdout) as Record<string, number>;
  expect(seen['frames']).toBeGreaterThanOrEqual(1_000_000);
  expect(seen['changed']).toBeGreaterThan(900_000);
  expect(seen['collections']).toBeLessThanOrEqual(1);
  expect(seen['grownBytes']).toBeLessThan(mebibyte);
});
