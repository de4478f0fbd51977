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
  const packed = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--loglevel', 'error', '--pack-destination', work],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
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

/** `farb decode` with the built plugin, named by the option and by a configuration. */
async function decodesPayloadsOf(dir: string): Promise<void> {
  const [market, figures] = ['BTC-USDT-PERP', { lot: '0.001', min: '0.002', max: '9' }];
  const listing = { type: 'market', market, kind: 'perp', base: 'BTC', quote: 'USDT' };
  const more = { ...figures, tick: '0.1', notional: '5', state: 'open', hours: 8, leverage: 50 };
  const quote = { type: 'quote', market, bid: ['99.9', '2'], ask: ['100.1', '3'], ts: 1_700 };
  const input = [{ ...listing, ...more }, quote]
    .map((item) => JSON.stringify({ items: [item] }))
    .join('\n');
  const config = dirs.config();
  writeFileSync(
    join(config, 'exchanges.yaml'),
    `symbols: [BTC]\nvenues:\n  mine: { plugin: ${JSON.stringify(join(work, dir))} }\n`,
  );
  for (const option of [
    ['--plugin', `./${dir}`],
    ['--config', config],
  ] as const) {
    const ran = await farb(['decode', 'mine', ...option], { cwd: work, input });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const events = ran.stdout.trim().split('\n');
    expect(events.map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'instrument', instrument: 'mine:BTC-USDT-PERP' },
      { kind: 'quote', instrument: 'mine:BTC-USDT-PERP', bid: '99.9', bidQty: '2', ask: '100.1' },
    ]);
  }
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
      if (kind === 'venue') await decodesPayloadsOf(dir);
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
