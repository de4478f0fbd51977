import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateDir } from './state-dir.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-state-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a state directory', () => {
  it('is made with its parents, and counts its boots', async () => {
    const path = join(dir, 'a', 'b');
    const first = await openStateDir(path);
    await first.release();
    const second = await openStateDir(path);
    await second.release();
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    expect(second.installation).toBe(first.installation);
  });

  it('is refused while another one holds it, under whatever name', async () => {
    const held = await openStateDir(dir);
    await expect(openStateDir(join(dir, '..', dir.split('/').at(-1) ?? ''))).rejects.toThrow(
      'another farb runs on this directory',
    );
    await held.release();
  });

  it.each([
    ['below a file', () => join(dir, 'file', 'state')],
    // Node's recursive mkdir would never return here.
    ['below /proc', () => '/proc/farb-nothing/state'],
  ])('%s is refused with the mend', async (_where, path) => {
    writeFileSync(join(dir, 'file'), '');
    await expect(openStateDir(path())).rejects.toThrow('cannot be written');
  });
});
