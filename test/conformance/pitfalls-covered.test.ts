// Every pitfall of the sheet has a test that carries its number.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pitfallTexts } from './pitfalls.ts';

it('all 26 pitfalls have a test', () => {
  const folder = new URL('./', import.meta.url);
  const text = readdirSync(folder)
    .filter((name) => /^pitfalls-(?:adapter|driver|engine).*\.test\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  const tested = new Set([...text.matchAll(/pitfall\((\d+), '/g)].map((match) => Number(match[1])));
  expect([...tested].sort((a, b) => a - b)).toEqual(Object.keys(pitfallTexts).map(Number));
  expect(tested.size).toBe(26);
});
