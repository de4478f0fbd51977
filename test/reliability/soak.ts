// The soak: the real system on the local exchanges, at high speed, under a fault file, for many
// venue days. It must end matched and flat, with a ledger that sums to zero, and neither process
// may keep growing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunSummary, SystemStatus } from '../../src/api/contract.ts';
import { complaintsOf } from '../../src/app/demo.ts';
import { dayMs } from '../../src/base/time.ts';
import { makeDirs, type Ran, type RunningFarb, startFarb } from '../support/farb.ts';
import { type Flatness, flatnessOf, readSamples } from './memory.ts';
import { soakFaults } from './soak-faults.ts';

const venues = ['binance', 'okx', 'bybit'];
/** Of `farb start --for`, kept for closing. */
const reserveMs = 12_000;
/** Without faults: the first boot, and from before the closing on. */
const calmStartMs = 8_000;
const calmEndMs = 8_000;
const pollMs = 1_000;
/** Shares of the run. */
const windows = { warmUp: 0.25, window: 0.15 };
/** What the issue allows. */
export const growthMax = 0.1;

export interface SoakOptions {
  readonly days: number;
  /** Venue time per wall time. */
  readonly speed: number;
  readonly seed: number;
  readonly faultEveryMs: number;
  readonly memoryEveryMs: number;
  /** In a short run the process's own memory still settles, what its heap keeps does not. */
  readonly judged: 'heap and rss' | 'heap';
  readonly tell: (line: string) => void;
}

export interface SoakReport {
  readonly days: number;
  readonly wallMs: number;
  readonly faults: number;
  readonly system: Flatness;
  readonly testnet: Flatness;
  readonly summary: RunSummary;
  /** Empty = it passed. */
  readonly complaints: readonly string[];
}

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { days, speed, seed, tell } = options;
  const dirs = makeDirs();
  const place = dirs.fresh('soak');
  const tradeMs = Math.ceil((days * dayMs) / speed);
  const msMax = tradeMs + 180_000;
  const memoryFile = join(place, 'memory.jsonl');
  const faultsFile = join(place, 'faults.json');
  const faults = soakFaults({
    seed,
    venues,
    fromMs: calmStartMs,
    toMs: tradeMs - calmEndMs,
    everyMs: options.faultEveryMs,
  });
  writeFileSync(faultsFile, JSON.stringify(faults));
  const probe = pathToFileURL(join(import.meta.dirname, 'memory-probe.mjs')).href;
  const env = {
    NODE_OPTIONS: `--import ${probe}`,
    FARB_MEMORY_FILE: memoryFile,
    FARB_MEMORY_EVERY_MS: String(options.memoryEveryMs),
  };
  const startedMs = performance.now();
  const testnet = startFarb(
    ['testnet', '--json', '--speed', `${speed}`, '--seed', `${seed}`, '--faults', faultsFile],
    { env, msMax },
  );
  const testnetFile = join(place, 'testnet.json');
  writeFileSync(testnetFile, `${await testnet.line(/"venues"/)}\n`);
  const args = ['start', '--config', dirs.config(), '--testnet', testnetFile, '--json'];
  args.push('--state', join(place, 'state'), '--for', `${tradeMs + reserveMs}ms`);
  const system = startFarb([...args, '--log', 'error'], { env, msMax });
  const ended = { done: false };
  void system.done.then(() => {
    ended.done = true;
  });
  await follow({ system, ended, memoryFile, days, tell });
  const ran = await system.done;
  testnet.child.kill('SIGTERM');
  await testnet.done;
  const flatness = (child: RunningFarb): Flatness =>
    flatnessOf(readSamples(memoryFile, child.child.pid ?? 0), windows);
  const summary = summaryIn(ran);
  const report = { system: flatness(system), testnet: flatness(testnet) };
  dirs.remove();
  return {
    days: summary.venueMs / dayMs,
    wallMs: Math.round(performance.now() - startedMs),
    faults: faults.length,
    ...report,
    summary,
    complaints: [
      // Told, not judged: a busy machine and faults together stretch it.
      ...complaintsOf({ ...summary, nakedDeltaMsMax: 0 }),
      ...billsIn(summary),
      ...growthOf(report, options.judged),
    ],
  };
}

function billsIn({ bills }: RunSummary): readonly string[] {
  const { feesDiffering, fundingDiffering, fundingChecked } = bills;
  const complaints: string[] = [];
  if (feesDiffering > 0) complaints.push(`${feesDiffering} fees differ from the formula`);
  if (fundingDiffering > 0) complaints.push(`${fundingDiffering} funding bills differ`);
  if (fundingChecked === 0) complaints.push('no funding bill was compared');
  return complaints;
}

function growthOf(
  report: Pick<SoakReport, 'system' | 'testnet'>,
  judged: SoakOptions['judged'],
): readonly string[] {
  const complaints: string[] = [];
  for (const [name, { heapGrowth, rssGrowth }] of Object.entries(report)) {
    for (const [what, growth] of Object.entries({ heap: heapGrowth, rss: rssGrowth })) {
      if (growth <= growthMax || (what === 'rss' && judged === 'heap')) continue;
      complaints.push(`${name}: ${what} grew by ${(growth * 100).toFixed(1)}% after the warm-up`);
    }
  }
  return complaints;
}

function summaryIn({ code, stdout, stderr }: Ran): RunSummary {
  if (stdout === '') throw new Error(`the system ended with ${code}: ${stderr.slice(-4_000)}`);
  return JSON.parse(stdout) as RunSummary; // the system's own output
}

interface Follow {
  readonly system: RunningFarb;
  readonly ended: { readonly done: boolean };
  readonly memoryFile: string;
  readonly days: number;
  readonly tell: (line: string) => void;
}

/** Says how far it is about every 30 s. */
async function follow({ system, ended, memoryFile, days, tell }: Follow): Promise<void> {
  const url = /(http:\S+)\/api\/status/.exec(await system.line(/^API /))?.[1];
  for (let polls = 0; !ended.done; polls++) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    if (polls % 30 !== 29) continue;
    const status = await fetch(`${url}/api/status`)
      .then(async (answer) => (await answer.json()) as SystemStatus)
      .catch(() => null); // it may be ending
    if (status === null) continue;
    const memory = readSamples(memoryFile, system.child.pid ?? 0).at(-1);
    tell(
      `day ${((status.tsMs - status.startedTsMs) / dayMs).toFixed(1)} of ${days}: ` +
        `${status.pairCounts.opened} pairs opened, ${status.orders.sent} orders, ` +
        `${status.fundingPayments} funding payments, heap ${memory?.heapMb.toFixed(1)} MB, ` +
        `rss ${memory?.rssMb.toFixed(0)} MB`,
    );
  }
}
