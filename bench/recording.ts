// The recorded runs of every benchmark (bench/recorded.json): what docs/BENCHMARKS.md is made from
// and what bench:check compares with. Each benchmark may be recorded by itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Run } from './figures.ts';
import { medianNs } from './measure.ts';

export interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Of the whole machine over the last minute, as the runs ended: more than one is neighbours. */
  readonly load: number;
}

export interface RecordedBench {
  readonly title: string;
  /** `2026-11-26` */
  readonly date: string;
  readonly machine: Machine;
  readonly runs: readonly Run[];
}

export interface Recording {
  readonly benches: Readonly<Record<string, RecordedBench>>;
  /** Of the peers, as installed. */
  readonly versions: Readonly<Record<string, string>>;
}

const file = fileURLToPath(new URL('recorded.json', import.meta.url));
const peers = ['ccxt', 'bybit-api', 'okx-api', 'binance', 'ws', 'undici'];

export function readRecording(): Recording {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Recording; // written by `writeRecording`
  } catch {
    return { benches: {}, versions: {} };
  }
}

export function writeRecording(recording: Recording): void {
  writeFileSync(file, `${JSON.stringify(recording, null, 1)}\n`);
}

export function machineOf(): Machine {
  const [first] = cpus();
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: `${platform()} ${arch()}`,
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: Math.round(loadavg()[0] as number),
  };
}

export function versionsOfPeers(): Readonly<Record<string, string>> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(peers.map((name) => [name, versionOf(name, require)]));
}

function versionOf(name: string, require: NodeJS.Require): string {
  try {
    const path = require.resolve(name).split(`node_modules/${name}/`)[0] ?? '';
    const text = readFileSync(`${path}node_modules/${name}/package.json`, 'utf8');
    return (JSON.parse(text) as { readonly version: string }).version;
  } catch {
    return 'not installed';
  }
}

const yardFrame = Buffer.from(
  '{"e":"bookTicker","u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000",' +
    '"a":"25.36520000","A":"40.66000000","T":1568014460891,"E":1568014460893}',
);

/** toString and JSON.parse of one Binance quote: work that no change of ours makes slower. */
export function yardstickNs(): number {
  let sum = 0;
  const ns = medianNs(() => {
    sum += (JSON.parse(yardFrame.toString('utf8')) as { readonly u: number }).u;
  });
  if (!Number.isFinite(sum)) throw new Error('the yardstick was not read');
  return ns;
}
