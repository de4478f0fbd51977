// The notebooks of research/ as their reader runs them: real Jupyter, the real TypeScript kernel,
// the built package as their library. Needs a system with Jupyter; without it this says so.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storedNotebook, stumbles } from '../../scripts/lib/notebook-file.mjs';
import { hasJupyter, installKernel, notebookNames } from '../../scripts/lib/notebooks.mjs';
import * as farb from '../../src/lab/research.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESEARCH = join(ROOT, 'research');
const names = ['1-funding-history', '2-backtest', '3-attribution', '4-risk'];
const noJupyter = 'no Jupyter: apt-get install jupyter-nbconvert jupyter-client';
const hasKernel = hasJupyter('nbconvert');

let home: string;
let check: Ended;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'farb-home-'));
  if (!hasKernel) return;
  await installKernel(ROOT, RESEARCH); // with the settings that npm finds in the real home
  check = await notebooks(['--check']);
}, 300_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('npm run notebooks:check', () => {
  it('runs every notebook to its end, on synthetic data', (ctx) => {
    ctx.skip(!hasKernel, noJupyter);
    expect(notebookNames(RESEARCH)).toEqual(names);
    expect(check.stderr).toContain('4 notebooks ran');
    expect(check.code, check.stderr).toBe(0);
  });

  it('leaves nothing in the home of the user', (ctx) => {
    ctx.skip(!hasKernel, noJupyter);
    expect(readdirSync(home)).toEqual([]);
  });

  it.for(names)('%s has prose, charts and tables between its cells', (name, ctx) => {
    ctx.skip(!hasKernel, noJupyter);
    const { cells } = executed(name);
    const outputs = cells.flatMap((cell) => cell.outputs ?? []);
    const pictures = outputs.filter(({ data }) => data?.['image/svg+xml'] !== undefined);
    expect(cells.filter(({ cell_type }) => cell_type === 'markdown').length).toBeGreaterThan(5);
    expect(pictures.length).toBeGreaterThanOrEqual(5);
    for (const { data } of pictures) {
      expect(textOf(data?.['image/svg+xml'])).toMatch(/^<svg [\s\S]*<\/svg>$/);
    }
    for (const { data } of outputs) {
      const shown = textOf(data?.['text/markdown']) + textOf(data?.['image/svg+xml']);
      expect(shown).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('a cell that fails fails the check, and its message is shown', async (ctx) => {
    ctx.skip(!hasKernel, noJupyter);
    const broken = join(RESEARCH, '.broken.ipynb');
    const source = ["import { openData } from 'funding-rate-arb/research';\n", 'openData(1);'];
    writeFileSync(broken, storedNotebook(notebookOf([['const fine = 1;'], source])));
    try {
      const { code, stderr } = await notebooks(['--check', '.broken']);
      expect(code).toBe(1);
      // The kernel knows the types of the library.
      expect(stderr).toContain("type 'number' is not assignable to parameter of type 'string'");
      expect(stderr).toContain('cell 2:');
    } finally {
      rmSync(broken);
    }
  });

  it('without Jupyter it says what to install', async () => {
    const { code, stderr } = await notebooks(['--check'], { PATH: home });
    expect(code).toBe(1);
    expect(stderr).toContain('apt-get install jupyter-nbconvert jupyter-client');
    const editor = await notebooks([], { PATH: home });
    expect(editor.code).toBe(1);
    expect(editor.stderr).toContain('apt-get install jupyter-notebook');
  });
});

describe('the figures', () => {
  const base = {
    ...{ strategy: 'perp-perp', venues: ['binance', 'okx', 'bybit'] },
    ...{ assets: ['BTC', 'SOL', 'XRP', 'DOGE'], set: { notionalUsd: 10_000 } },
  };
  const data = join(RESEARCH, '.data');

  it('of funding are those of the library', async (ctx) => {
    ctx.skip(!hasKernel, noJupyter);
    const loaded = await (await farb.openData(farb.syntheticData(data))).load();
    const funding = farb.fundingOf(loaded);
    const stats = funding.map((series) => farb.fundingStats(series));
    const sum = (pick: (k: number) => number) => funding.reduce((all, _, k) => all + pick(k), 0);
    expect(figuresOf('1-funding-history')).toEqual({
      contracts: 12,
      settlements: sum((k) => funding[k]?.rate.length ?? 0),
      missing: sum((k) => {
        const series = funding[k];
        return series === undefined ? 0 : (farb.coverageOf(series)?.missing ?? 0);
      }),
      apr: Object.fromEntries(
        funding.map(({ id }, k) => [`${id.venue} ${farb.assetOf(id.symbol)}`, stats[k]?.apr]),
      ),
      capHits: sum((k) => stats[k]?.caps.capHits ?? 0),
      intervalChanges: sum((k) => stats[k]?.intervalChanges.length ?? 0),
      leaders: farb.leadLags(funding).filter(({ lagDays }) => lagDays !== 0).length,
    });
  });

  it('of the backtest are those of the library, in three notebooks', async (ctx) => {
    ctx.skip(!hasKernel, noJupyter);
    const run = await farb.runBacktest({ ...base, data: farb.syntheticData(data) });
    expect(figuresOf('2-backtest')).toMatchObject({
      net: run.pnl.total,
      trades: run.trades.length,
      trials: 35,
    });
    expect(figuresOf('3-attribution')).toMatchObject({
      pnl: run.pnl,
      slippage: run.slippage,
      explained: expect.closeTo(Number(run.equityEnd) - Number(run.equityStart), 5),
    });
    const equity = run.dailyEquity.map((sample) => Number(sample.equity));
    const changes = equity.slice(1).map((value, k) => value - (equity[k] ?? Number.NaN));
    const tail = [0.95, 0.99].map((confidence) => farb.tailRisk(changes, confidence));
    expect(figuresOf('4-risk')).toMatchObject({
      valueAtRisk: tail.map((one) => expect.closeTo(one?.valueAtRisk ?? Number.NaN, 5)),
      expectedShortfall: tail.map((one) => expect.closeTo(one?.expectedShortfall ?? Number.NaN, 5)),
      deepest: expect.closeTo(run.maxDrawdown, 8),
      // Nothing was forced in the record; one leg was in each of the two scenarios.
      forced: [0, 1, 1],
    });
  });
});

it('what a cell said on stderr counts as a stumble, what it printed does not', () => {
  const printed = { output_type: 'stream', name: 'stdout', text: ['fine\n'] };
  const said = { output_type: 'stream', name: 'stderr', text: ['1:1 - no\n'] };
  const notebook = notebookOf([['a'], ['b']]);
  const [first, second] = notebook.cells;
  if (first !== undefined) first.outputs = [printed];
  if (second !== undefined) second.outputs = [printed, said];
  expect(stumbles(notebook)).toEqual(['cell 2:\n    b\n1:1 - no']);
});

interface Output {
  output_type: string;
  name?: string;
  text?: string[];
  data?: Record<string, unknown>;
}

interface Notebook {
  cells: {
    cell_type: string;
    source: string[];
    metadata: Record<string, unknown>;
    outputs?: Output[];
  }[];
  metadata: Record<string, unknown>;
}

function executed(name: string): Notebook {
  return JSON.parse(readFileSync(join(RESEARCH, '.executed', `${name}.ipynb`), 'utf8'));
}

/** The JSON that the last cell prints. */
function figuresOf(name: string): unknown {
  const printed = executed(name).cells.flatMap(({ outputs }) =>
    (outputs ?? []).map(({ text }) => textOf(text)).filter((text) => text.startsWith('{')),
  );
  return JSON.parse(printed.at(-1) ?? 'null');
}

function textOf(text: unknown): string {
  return Array.isArray(text) ? text.join('') : String(text ?? '');
}

function notebookOf(sources: readonly string[][]): Notebook {
  return {
    cells: sources.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [] })),
    metadata: {
      kernelspec: { name: 'farb-typescript', display_name: 'x', language: 'typescript' },
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function notebooks(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { FARB_DATA: _, ...inherited } = process.env; // the reader's own data is another story
  const child = spawn(process.execPath, ['scripts/run.mjs', 'notebooks', ...args], {
    cwd: ROOT,
    env: { ...inherited, HOME: home, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code, stderr }));
  });
}
