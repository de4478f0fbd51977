// Plugins as their authors meet them: skeletons that are built and tested against the packed
// package, and a strategy of a plugin that trades on the local exchanges.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/api/contract.ts';
import { farb, makeDirs } from '../support/farb.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dirs = makeDirs();
let work = '';
afterAll(() => dirs.remove());

/** A project with the packed package installed, the others taken from the checkout. */
beforeAll(() => {
  work = dirs.fresh('plugins');
  mkdirSync(join(work, 'node_modules'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'funding-rate-arb' && !name.startsWith('.')) {
      symlinkSync(join(root, 'node_modules', name), join(work, 'node_modules', name));
    }
  }
  // dist is built; packing builds nothing again.
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', work], {
    cwd: root,
    encoding: 'utf8',
  });
  const file = packed.trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['-xzf', join(work, file), '-C', work]);
  cpSync(join(work, 'package'), join(work, 'node_modules', 'funding-rate-arb'), {
    recursive: true,
  });
});

function bin(name: string, args: readonly string[], cwd: string): string {
  const path = { tsc: 'typescript/bin/tsc', vitest: 'vitest/vitest.mjs' }[name] ?? name;
  return execFileSync(process.execPath, [join(work, 'node_modules', path), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
  });
}

describe('farb plugin new', () => {
  it.each(['venue', 'strategy'] as const)(
    'a %s compiles against the packed package and passes its own tests',
    async (kind) => {
      const ran = await farb(['plugin', 'new', kind, 'mine', '--json'], { cwd: work });
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const { dir, files } = JSON.parse(ran.stdout) as { dir: string; files: readonly string[] };
      expect(files).toContain('src/index.ts');
      const made = join(work, dir);
      bin('tsc', ['-p', 'tsconfig.json'], made);
      const said = bin('vitest', ['run', '--root', '.'], made);
      expect(said).toMatch(/Tests +\d+ passed/);
      expect(said).not.toMatch(/failed/);
      // No name of the example is left.
      for (const file of files) {
        expect(readFileSync(join(made, file), 'utf8')).not.toMatch(/tidewater|harvest/i);
      }
    },
  );

  it.each([
    [['venue', 'okx'], 'farb has one of this name'],
    [['exchange', 'mine'], 'venue, strategy'],
    [['venue', 'other', '--dir', '.'], 'there are files in it'],
  ])('refuses %s', async (args, says) => {
    const ran = await farb(['plugin', 'new', ...args], { cwd: work });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(says);
  });
});

describe('a strategy of a plugin', () => {
  it('trades on the local exchanges, is in the digest, and replays to the same state', async () => {
    const config = dirs.config();
    cpSync(join(root, 'examples', 'strategy'), join(config, 'harvest'), { recursive: true });
    // The modules are found as beside a project.
    symlinkSync(join(work, 'node_modules'), join(config, 'node_modules'));
    bin('tsc', ['-p', 'tsconfig.json'], join(config, 'harvest'));
    writeFileSync(
      join(config, 'strategies.yaml'),
      'strategies:\n  - name: harvest\n    plugin: ./harvest\n' +
        '    params: { rateGapPerDayMin: 0.0001 }\n',
    );
    const state = dirs.fresh('state');
    const args = ['--for', '45s', '--seed', '7', '--config', config, '--state', state];
    const ran = await farb(['demo', ...args, '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.pairs.opened).toBeGreaterThanOrEqual(1);
    expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
    const replayed = await farb(['replay', summary.journal, '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ stateHash: summary.stateHash });
  });
});
