// The report's page through a real browser: a picture of the whole page, of what is in it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { tearsheet } from '../analytics/tearsheet.ts';
import { dayMs } from '../base/time.ts';
import { browserIn, writePng } from './report-png.ts';

const dir = mkdtempSync(join(tmpdir(), 'farb-png-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const hasBrowser = browserIn(process.env) !== null;

function page(runs: number): string {
  const samples = Array.from({ length: 40 }, (_, day) => ({
    ...{ tsMs: day * dayMs, equityUsd: 1_000 + 10 * Math.sin(day / 3), grossUsd: 500 },
    fundingUsd: day,
  }));
  const run = {
    ...{ samples, pnl: [{ name: 'funding', value: 3 }], capacity: [], notes: ['a note'] },
    ...{ figures: [{ label: 'sharpe', text: '1.20' }], pairs: [], trades: [] },
  };
  return tearsheet({
    ...{ title: 'A run', subtitle: 'of a test', pairColumns: [], tradeColumns: [] },
    runs: Array.from({ length: runs }, (_, k) => ({ ...run, name: `run ${k}` })),
  });
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Rows that differ from the one above: what is drawn, where. */
  readonly drawn: number;
}

/** Eight bits a channel, not interlaced, as a browser writes it. */
function read(file: string): Picture {
  const bytes = readFileSync(file);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.subarray(at + 4, at + 8).toString();
    if (type === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const row = raw.length / height;
  let drawn = 0;
  for (let k = 1; k < height; k++) {
    const [above, own] = [
      raw.subarray((k - 1) * row, k * row),
      raw.subarray(k * row, k * row + row),
    ];
    if (!own.equals(above)) drawn++;
  }
  return { width, height, drawn };
}

it('is the whole page, one run or several', async (ctx) => {
  ctx.skip(!hasBrowser, 'no browser: apt-get install chromium');
  const [one, two] = [join(dir, 'one.png'), join(dir, 'two.png')];
  await writePng(one, page(1), process.env);
  await writePng(two, page(2), process.env);
  const pictures = [read(one), read(two)];
  for (const { width, height, drawn } of pictures) {
    expect(width).toBe(1_200);
    expect(height).toBeGreaterThan(900); // more than the window: the charts below it are there
    expect(drawn / height).toBeGreaterThan(0.2);
  }
  expect(readFileSync(one).equals(readFileSync(two))).toBe(false);
});

it('says what is missing: a browser, one that starts, a file that can be written', async (ctx) => {
  const file = join(dir, 'page.png');
  await expect(writePng(file, '', { PATH: dir })).rejects.toThrow(
    /FARB_CHROMIUM; --html needs none/,
  );
  const none = { FARB_CHROMIUM: join(dir, 'none') };
  await expect(writePng(file, '', none)).rejects.toThrow(/--png .+none/);
  ctx.skip(!hasBrowser, 'no browser: apt-get install chromium');
  const under = join(dir, 'one.png', 'x.png'); // a file is no folder
  await expect(writePng(under, page(1), process.env)).rejects.toThrow(/--png .+one\.png/);
});
