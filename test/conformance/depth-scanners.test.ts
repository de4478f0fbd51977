// Depth deltas of the three venues, as bytes and through `decode`: the same levels and ids, over
// random updates. What mutated frames do is in suite-payloads.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFrame, depthLevelsMax } from '../../src/domain/depth-frame.ts';
import type { FrameSource, VenueSpec } from '../../src/domain/venue-spec.ts';
import { levelsOf, scanBytes, scannedLevels } from '../../src/testing/scan-bytes.ts';
import { binance } from '../../src/venues/binance/index.ts';
import { bybit } from '../../src/venues/bybit/index.ts';
import { okx } from '../../src/venues/okx/index.ts';
import { exampleCatalog } from '../support/binance-fixtures.ts';
import { fixtureCatalog } from '../support/bybit-fixtures.ts';
import { okxCatalog } from '../support/okx-fixtures.ts';

interface Update {
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
  readonly id: number;
}

interface Case {
  readonly name: string;
  readonly spec: VenueSpec;
  readonly source: FrameSource;
  readonly catalog: ReturnType<typeof okxCatalog>;
  readonly frame: (update: Update) => string;
}

const rows = (levels: Update['bids'], more = '') =>
  `[${levels.map(([price, qty]) => `["${price}","${qty}"${more}]`).join(',')}]`;

const cases: readonly Case[] = [
  {
    name: 'binance USD-M',
    spec: binance,
    source: { stream: 'usdm-public', market: 'linear' },
    catalog: exampleCatalog(),
    frame: ({ bids, asks, id }) =>
      `{"e":"depthUpdate","E":1709136000105,"T":1709136000101,"s":"BTCUSDT","U":${id},` +
      `"u":${id + 9},"pu":${id - 1},"b":${rows(bids)},"a":${rows(asks)}}`,
  },
  {
    name: 'binance USD-M, a contract of 1,000 coins',
    spec: binance,
    source: { stream: 'usdm-public', market: 'linear' },
    catalog: exampleCatalog(),
    frame: ({ bids, asks, id }) =>
      `{"e":"depthUpdate","E":1709136000105,"T":1709136000101,"s":"1000PEPEUSDT","U":${id},` +
      `"u":${id + 9},"pu":${id - 1},"b":${rows(bids)},"a":${rows(asks)}}`,
  },
  {
    name: 'binance spot',
    spec: binance,
    source: { stream: 'spot-public', market: 'spot' },
    catalog: exampleCatalog(),
    frame: ({ bids, asks, id }) =>
      `{"e":"depthUpdate","E":1709136000105,"s":"BTCUSDT","U":${id},"u":${id + 9},` +
      `"b":${rows(bids)},"a":${rows(asks)}}`,
  },
  {
    name: 'okx',
    spec: okx,
    source: { stream: 'public-1', market: null },
    catalog: okxCatalog(),
    frame: ({ bids, asks, id }) =>
      `{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"update","data":[{"asks":` +
      `${rows(asks, ',"0","3"')},"bids":${rows(bids, ',"0","12"')},"ts":"1709136000200",` +
      `"checksum":-${id},"prevSeqId":${id},"seqId":${id + 2}}]}`,
  },
  {
    name: 'bybit',
    spec: bybit,
    source: { stream: 'linear-1', market: 'linear' },
    catalog: fixtureCatalog(),
    frame: ({ bids, asks, id }) =>
      `{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1764000001020,"data":{"s":"BTCUSDT",` +
      `"b":${rows(bids)},"a":${rows(asks)},"u":${id},"seq":${id + 7}},"cts":1764000001018}`,
  },
];

const price = fc.integer({ min: 1, max: 9_999_999 }).map((ticks) => (ticks / 100).toFixed(2));
const qty = fc.oneof(
  fc.constantFrom('0', '0.000', '0.00000000'),
  fc.integer({ min: 1, max: 1e9 }).map((lots) => (lots / 1_000).toFixed(3)),
);
const levels = fc.array(fc.tuple(price, qty), { maxLength: 25 });

describe.each(cases)('depth deltas of $name', ({ spec, source, catalog, frame }) => {
  const scanner = spec.depthScanner?.(source, catalog);
  const out = new DepthFrame();

  it('are read as decode reads them', () => {
    fc.assert(
      fc.property(levels, levels, fc.integer({ min: 2, max: 2 ** 40 }), (bids, asks, id) => {
        const bytes = new TextEncoder().encode(frame({ bids, asks, id }));
        const index = scanBytes(scanner ?? (() => -1), bytes, out);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(scannedLevels(out, catalog.at(index).id)).toEqual(
          spec.decode(bytes, source, catalog).map(levelsOf)[0],
        );
      }),
    );
  });

  it('with a level that is none, or with too many, are left to decode', () => {
    for (const level of [
      ['0', '1'],
      ['-1', '1'],
      ['1', '-1'],
      ['', '1'],
      ['1', ''],
      ['1e3', '1'],
    ] as const) {
      const bytes = new TextEncoder().encode(frame({ bids: [level], asks: [], id: 9 }));
      expect(scanBytes(scanner ?? (() => 0), bytes, out), level.join(' ')).toBe(-1);
    }
    const many = Array.from({ length: depthLevelsMax + 1 }, (_, i) => [`${i + 1}`, '1'] as const);
    const bytes = new TextEncoder().encode(frame({ bids: many, asks: [], id: 9 }));
    expect(scanBytes(scanner ?? (() => 0), bytes, out)).toBe(-1);
  });

  it('cut anywhere are left to decode', () => {
    const update = { bids: [['10.5', '3']], asks: [['11', '0']], id: 77 } as const;
    const bytes = new TextEncoder().encode(frame(update));
    for (let length = 0; length < bytes.length; length++) {
      expect(scanBytes(scanner ?? (() => 0), bytes.subarray(0, length), out)).toBe(-1);
    }
  });
});
