// `npm run bench`: every benchmark, one table; `-- --json` prints one JSON document instead, and
// names as arguments (`decode`, `scan`, ...) run only those. `-- --record` runs each three times
// and writes bench/recorded.json and docs/BENCHMARKS.md. Never a test: nothing here fails on a
// time.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchNamed, benchNames, runOnce, usualNames } from './benches.ts';
import type { Run } from './figures.ts';
import { markdownOf } from './markdown.ts';
import type { Bench, Row } from './measure.ts';
import {
  machineOf,
  type RecordedBench,
  readRecording,
  versionsOfPeers,
  writeRecording,
} from './recording.ts';

const recordedRuns = 3;
const page = fileURLToPath(new URL('../docs/BENCHMARKS.md', import.meta.url));

const args = process.argv.slice(2);
const asJson = args.includes('--json');
const toRecord = args.includes('--record');
const wanted = args.filter((arg) => !arg.startsWith('-'));
const unknown = wanted.find((name) => benchNamed(name) === null);
if (unknown !== undefined) {
  process.stderr.write(`no benchmark "${unknown}": ${benchNames.join(', ')}\n`);
  process.exitCode = 2;
} else if (toRecord) await record(wanted.length > 0 ? wanted : benchNames);
else await show(wanted.length > 0 ? wanted : usualNames);

async function record(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const runs: Run[] = [];
    for (let i = 1; i <= recordedRuns; i++) {
      process.stderr.write(`${name}, ${i} of ${recordedRuns} ...\n`);
      runs.push(await runOnce(name));
      // Written after each: what is broken off keeps what it has.
      keep(name, runs);
    }
  }
}

function keep(name: string, runs: readonly Run[]): void {
  const { title } = benchNamed(name) as Bench;
  const date = new Date().toISOString().slice(0, 10);
  const own: RecordedBench = { title, date, machine: machineOf(), runs };
  const benches = { ...readRecording().benches, [name]: own };
  const recording = { benches, versions: versionsOfPeers() };
  writeRecording(recording);
  writeFileSync(page, markdownOf(recording));
}

async function show(names: readonly string[]): Promise<void> {
  const results: { title: string; rows: readonly Row[] }[] = [];
  for (const name of names) {
    process.stderr.write(`${name} ...\n`);
    const { rows } = await runOnce(name);
    results.push({ title: (benchNamed(name) as Bench).title, rows });
  }
  const machine = machineOf();
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ machine, benches: results })}\n`);
    return;
  }
  process.stdout.write(`${machine.node}, ${machine.cpu}; medians; compare ratios, not figures\n`);
  for (const { title, rows } of results) {
    process.stdout.write(`\n${title}\n`);
    for (const row of rows) process.stdout.write(`  ${lineOf(row)}\n`);
  }
}

function lineOf({ name, value, unit, ratio, note }: Row): string {
  const figure = value === null ? 'not measured' : `${shown(value)} ${unit}`;
  const times = ratio === null ? '' : `${ratio.toFixed(2)}x`;
  return `${name.padEnd(58)} ${figure.padStart(16)} ${times.padStart(8)}  ${note}`.trimEnd();
}

function shown(value: number): string {
  const rounded = value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  return rounded.toLocaleString('en-US');
}
