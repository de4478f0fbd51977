import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { flatnessOf, readSamples } from './memory.ts';

const windows = { warmUp: 0.25, window: 0.25 };
const sample = (heapMb: number) => ({ heapMb, rssMb: 100 });

it('growth is what the end has over the time after the warm-up', () => {
  const filling = [1, 2, 10, 10, 10, 10, 11, 11].map(sample);
  expect(flatnessOf(filling, windows)).toMatchObject({ heapMb: [10, 11], rssGrowth: 0 });
  expect(flatnessOf(filling, windows).heapGrowth).toBeCloseTo(0.1);
});

it('a slow leak shows, and one high sample does not', () => {
  const leak = Array.from({ length: 100 }, (_, k) => sample(10 + k / 20));
  expect(flatnessOf(leak, windows).heapGrowth).toBeGreaterThan(0.2);
  const spike = Array.from({ length: 100 }, (_, k) => sample(k === 90 ? 99 : 10));
  expect(flatnessOf(spike, windows).heapGrowth).toBe(0);
});

it('samples are told apart by process, and a line that is half written is left out', () => {
  const dir = mkdtempSync(join(tmpdir(), 'farb-memory-'));
  const file = join(dir, 'memory.jsonl');
  const megabyte = 1_048_576;
  const line = (pid: number) =>
    JSON.stringify({ pid, heapUsed: 2 * megabyte, external: megabyte, rss: 9 * megabyte });
  appendFileSync(file, `${line(1)}\n${line(2)}\n${line(1).slice(0, 20)}`);
  expect(readSamples(file, 1)).toEqual([{ heapMb: 3, rssMb: 9 }]);
  expect(readSamples(join(dir, 'none'), 1)).toEqual([]);
  rmSync(dir, { recursive: true });
});
