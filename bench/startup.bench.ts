// From the start of the process to its first decision: `farb start` against a testnet that already
// runs, and `farb demo`, which starts the exchanges itself, until the status shows a decided tick.
// The floor is a Node process that does nothing.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SystemStatus } from '../src/api/contract.ts';
import { runTestnet } from '../src/testnet/run.ts';
import { type Bench, median, type Row } from './measure.ts';

const runs = 3;
const pollMs = 5;
const waitMsMax = 30_000;
/** Trading nothing, for so long after the first decision. */
const idleMs = 10_000;

export const startupBench: Bench = {
  title: 'start-up',
  async run() {
    const dir = mkdtempSync(join(tmpdir(), 'farb-bench-'));
    const testnet = await runTestnet({ speed: 720, seed: 7 });
    try {
      const file = join(dir, 'testnet.json');
      writeFileSync(file, `${JSON.stringify(testnet.describe())}\n`);
      writeConfig(dir);
      const start = ['start', '--config', dir, '--testnet', file];
      const samples: Record<'start' | 'demo' | 'node', number[]> = {
        start: [],
        demo: [],
        node: [],
      };
      let rssMb = Number.NaN;
      for (let run = 0; run < runs; run++) {
        const state = (name: string) => ['--state', join(dir, `${name}-${run}`)];
        const idle = run === runs - 1;
        const started = await firstDecision([...start, ...state('start')], { idle });
        samples.start.push(started.firstDecisionMs);
        rssMb = started.rssMb;
        const demo = await firstDecision(['demo', ...state('demo')], { idle: false });
        samples.demo.push(demo.firstDecisionMs);
        samples.node.push(nodeMs());
      }
      return rowsOf(median(samples.node), {
        ...{ startMs: median(samples.start), demoMs: median(samples.demo), rssMb },
      });
    } finally {
      await testnet.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

function rowsOf(
  floor: number,
  took: { readonly startMs: number; readonly demoMs: number; readonly rssMb: number },
): readonly Row[] {
  const note = `three venues, median of ${runs}; needs "npm run build"`;
  const row = (name: string, value: number, text: string): Row => {
    const isMissing = Number.isNaN(value);
    const ratio = isMissing ? null : value / floor;
    return { name, value: isMissing ? null : value, unit: 'ms', ratio, note: text };
  };
  return [
    row('a Node process that does nothing', floor, ''),
    row('start to first decision', took.startMs, note),
    row('demo to first decision', took.demoMs, `${note}; its exchanges start with it`),
    {
      ...{ name: 'resident memory of an idle farb start', value: took.rssMb * 2 ** 20 },
      ...{ unit: 'bytes', ratio: null },
      note: `${idleMs / 1_000} s after it, three venues, no store beside the journal`,
    },
  ];
}

function writeConfig(dir: string): void {
  const venues = { binance: {}, okx: {}, bybit: {} };
  const files = {
    'main.yaml': { api: { port: 0, metricsPort: 0 }, log: { level: 'silent' } },
    'exchanges.yaml': { symbols: ['BTC', 'ETH', 'SOL'], venues },
    'strategies.yaml': { strategies: [{ name: 'perp-perp' }, { name: 'cash-carry' }] },
  };
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(dir, name), JSON.stringify(value));
  }
}

async function firstDecision(
  args: readonly string[],
  { idle }: { readonly idle: boolean },
): Promise<{ readonly firstDecisionMs: number; readonly rssMb: number }> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const api = await apiOf(child);
    while (performance.now() - startedMs < waitMsMax) {
      const status = await statusAt(api);
      if (status.latencyUs?.tickToDecision.p50 != null) {
        const firstDecisionMs = performance.now() - startedMs;
        if (idle) await sleep(idleMs);
        return { firstDecisionMs, rssMb: idle ? (await statusAt(api)).rssMb : Number.NaN };
      }
      await sleep(pollMs);
    }
    return { firstDecisionMs: Number.NaN, rssMb: Number.NaN };
  } finally {
    child.kill('SIGKILL');
  }
}

async function statusAt(api: string): Promise<SystemStatus> {
  return (await (await fetch(`${api}/api/status`)).json()) as SystemStatus; // our API
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function apiOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const url = /API (http:\/\/[^/\s]+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.on('close', () => reject(new Error(`start ended: ${said.slice(-200)}`)));
  });
}

function nodeMs(): number {
  const startedMs = performance.now();
  spawnSync(process.execPath, ['-e', '']);
  return performance.now() - startedMs;
}
