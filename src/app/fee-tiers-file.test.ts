import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { decimal } from '../base/decimal.ts';
import { readFeeTiers } from './fee-tiers-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'farb-tiers-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(text: string) {
  const file = join(dir, 'tiers.yaml');
  writeFileSync(file, text);
  return readFeeTiers(file);
}
const entry = '{ volumeUsd: 0, maker: 0.0002, taker: 0.0005 }';

it('reads rates exactly, rebates included', () => {
  const better = '{ volumeUsd: 5e6, maker: -0.00005, taker: 0.0003 }';
  expect(read(`okx: { perp: [${entry}, ${better}] }`)).toEqual({
    okx: {
      perp: [
        { volumeUsd: 0, maker: decimal('0.0002'), taker: decimal('0.0005') },
        { volumeUsd: 5_000_000, maker: decimal('-0.00005'), taker: decimal('0.0003') },
      ],
    },
  });
});

it.each([
  [`okx: { perp: [${entry}, ${entry}] }`, /okx.perp: volumes must ascend/],
  [
    'okx: { perp: [{ volumeUsd: 1, maker: 0, taker: 0 }] }',
    /the first tier is that of volumeUsd 0/,
  ],
  [`okx: { futures: [${entry}] }`, /futures/],
  ['okx: { perp: [{ volumeUsd: 0, maker: 0.0002 }] }', /okx.perp.0.taker/],
  ['okx: { perp: [{ volumeUsd: 0, maker: 2, taker: 5 }] }', /okx.perp.0.maker/],
  ['- okx', /write venue, then perp or spot/],
  ['{', /give YAML/],
])('%s is refused, and where', (text, message) => {
  expect(() => read(text)).toThrow(message);
});
