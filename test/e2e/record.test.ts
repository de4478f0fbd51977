// `farb record` on the local exchanges and `farb decode --recorded` over what it wrote.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import { shippedConfigDir } from '../../src/app/config-places.ts';
import { decodeRecorded } from '../../src/app/decode-recorded.ts';
import { record } from '../../src/app/record.ts';
import { parseTestnet } from '../../src/app/testnet-file.ts';
import { present } from '../../src/base/assert.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { venueByName } from '../../src/venues/registry.ts';

let testnet: RunningTestnet;
const dir = mkdtempSync(join(tmpdir(), 'farb-record-'));
beforeAll(async () => {
  testnet = await runTestnet({ speed: 20, seed: 7, venues: ['binance', 'okx', 'bybit'] });
});
afterAll(async () => {
  await testnet?.stop();
  rmSync(dir, { recursive: true });
});

it('records every public stream and decodes at least 95% of the frames', async () => {
  const silent = () => undefined;
  const stop = new AbortController();
  const result = await record({
    config: loadConfig(shippedConfigDir(), {}),
    testnet: parseTestnet(JSON.stringify(testnet.describe()), 'test'),
    ...{ dir, forMs: null, stop: stop.signal, fileBytesMax: 200_000 },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    progress: ({ frames, files }) => {
      if (frames > 2_000 && files.length > 2) stop.abort();
    },
  });
  expect(result).toMatchObject({ dropped: 0, venues: ['binance', 'okx', 'bybit'] });
  for (const venue of result.venues) {
    const kinds = new Map<unknown, number>();
    let lastMs = 0;
    const notes = { badLines: 0, truncated: null };
    const spec = present(venueByName(venue), venue);
    for (const path of result.files) {
      for await (const event of decodeRecorded({ path, spec, instruments: null }, notes)) {
        kinds.set(event['kind'], (kinds.get(event['kind']) ?? 0) + 1);
        const receivedMs = Number(event['receivedWallMs']);
        expect(receivedMs).toBeGreaterThanOrEqual(lastMs);
        lastMs = receivedMs;
      }
    }
    const all = [...kinds.values()].reduce((sum, count) => sum + count, 0);
    expect(kinds.get('quote')).toBeGreaterThan(50);
    expect(kinds.get('depth')).toBeGreaterThan(50);
    expect((kinds.get('unrecognized') ?? 0) / all, venue).toBeLessThan(0.05);
    expect(notes).toEqual({ badLines: 0, truncated: null });
  }
});
