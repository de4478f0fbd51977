// The skeleton's name stands everywhere in its own case, and nothing is overwritten.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newPlugin } from './plugin-new.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-new-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each(['venue', 'strategy'] as const)('a new %s has its own name in every file', (kind) => {
  const files = newPlugin({ kind, name: 'mine', dir: join(dir, 'made') });
  expect(files).toEqual(
    expect.arrayContaining(['README.md', 'package.json', 'src/index.ts', 'test/contract.test.ts']),
  );
  const text = files.map((file) => readFileSync(join(dir, 'made', file), 'utf8')).join('\n');
  expect(text).toContain(`farb-${kind}-mine`);
  expect(text).not.toMatch(/tidewater|harvest/i);
});

it.each(['My-Venue', '1st', 'x', 'a'.repeat(31), '../up'])('refuses the name %s', (name) => {
  expect(() => newPlugin({ kind: 'venue', name, dir })).toThrow('small letters and digits');
});

it('refuses names of ours and folders with files', () => {
  expect(() => newPlugin({ kind: 'venue', name: 'okx', dir })).toThrow('farb has one');
  writeFileSync(join(dir, 'mine.txt'), 'mine');
  expect(() => newPlugin({ kind: 'venue', name: 'other', dir })).toThrow('there are files in it');
});
