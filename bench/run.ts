// `npm run bench`: every benchmark, one table; `-- --json` prints one JSON document instead, and
// names as arguments (`decode`, `scan`, ...) run only those. Never a test: nothing here fails on a
// time.
import { arch, cpus, platform } from 'node:os';
import { backtestBench } from './backtest.bench.ts';
import { dataBench } from './data.bench.ts';
import { decodeBench } from './decode.bench.ts';
import { engineBench } from './engine.bench.ts';
import { journalBench } from './journal.bench.ts';
import type { Bench, Row } from './measure.ts';
import { scaleBench } from './scale.bench.ts';
import { scanBench } from './scan.bench.ts';
import { simulateBench } from './simulate.bench.ts';
import { startupBench } from './startup.bench.ts';
import { wireBench } from './wire.bench.ts';

const benches: Readonly<Record<string, Bench>> = {
  decode: decodeBench,
  scan: scanBench,
  engine: engineBench,
  journal: journalBench,
  simulate: simulateBench,
  startup: startupBench,
  backtest: backtestBench,
  data: dataBench,
};
/** Long: only when named. */
const onRequest: Readonly<Record<string, Bench>> = { scale: scaleBench, wire: wireBench };
const known = { ...benches, ...onRequest };

const args = process.argv.slice(2);
const asJson = args.includes('--json');
const wanted = args.filter((arg) => !arg.startsWith('-'));
const unknown = wanted.find((name) => !Object.hasOwn(known, name));
if (unknown === undefined) {
  await runAll();
} else {
  process.stderr.write(`no benchmark "${unknown}": ${Object.keys(known).join(', ')}\n`);
  process.exitCode = 2;
}

async function runAll(): Promise<void> {
  const results: { title: string; rows: readonly Row[] }[] = [];
  for (const [name, bench] of Object.entries(wanted.length > 0 ? known : benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`${name} ...\n`);
    results.push({ title: bench.title, rows: await bench.run() });
  }
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = { node: process.version, platform: platform(), arch: arch(), cpu };
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ machine, benches: results })}\n`);
    return;
  }
  process.stdout.write(`${machine.node}, ${cpu}; medians; compare ratios, not figures\n`);
  for (const { title, rows } of results) {
    process.stdout.write(`\n${title}\n`);
    for (const row of rows) process.stdout.write(`  ${lineOf(row)}\n`);
  }
}

function lineOf({ name, value, unit, ratio, note }: Row): string {
  const figure = value === null ? 'not measured' : `${show(value)} ${unit}`;
  const times = ratio === null ? '' : `${ratio.toFixed(2)}x`;
  return `${name.padEnd(58)} ${figure.padStart(16)} ${times.padStart(8)}  ${note}`.trimEnd();
}

function show(value: number): string {
  const rounded = value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  return rounded.toLocaleString('en-US');
}
