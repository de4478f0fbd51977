// `npm run bench`: every benchmark, one table; `-- --json` prints one JSON document instead, and
// names as arguments (`decode`, `scan`, ...) run only those. `-- --record` runs each several times
// and writes bench/recorded.json and docs/BENCHMARKS.md. Never a test: nothing here fails on a
// time. One that cannot be run is named, the others go on, and the exit code is 1.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/base/errors.ts';
import { benchNames, entryOf, mustBe, usualNames } from './benches.ts';
import type { Run } from './figures.ts';
import { markdownOf } from './markdown.ts';
import type { Row } from './measure.ts';
import {
  machineOf,
  type RecordedBench,
  readRecording,
  versionsOfPeers,
  writeRecording,
} from './recording.ts';
import { aboutText, type Ran, runOnce } from './run-once.ts';

const page = fileURLToPath(new URL('../docs/BENCHMARKS.md', import.meta.url));

const args = process.argv.slice(2);
const asJson = args.includes('--json');
const toRecord = args.includes('--record');
const wanted = args.filter((arg) => !arg.startsWith('-'));
const unknown = wanted.find((name) => entryOf(name) === null);
if (unknown !== undefined) {
  process.stderr.write(`no benchmark "${unknown}": ${benchNames.join(', ')}\n`);
  process.exitCode = 2;
} else if (toRecord) await record(wanted.length > 0 ? wanted : benchNames);
else await show(wanted.length > 0 ? wanted : usualNames);

async function record(names: readonly string[]): Promise<void> {
  const left = names.map((name) => ({ name, count: mustBe(name).recordedRuns }));
  for (const each of left) {
    const { name, count: recordedRuns } = each;
    const runs: Run[] = [];
    for (let i = 1; i <= recordedRuns; i++) {
      const about = aboutText([{ name, count: 1 }]);
      say(`${name}, ${i} of ${recordedRuns} (about ${about}; ${aboutText(left)} to go) ...\n`);
      each.count--;
      const ran = await tried(name);
      if (ran === null) continue;
      runs.push(ran.run);
      // Written after each: what is broken off keeps what it has.
      keep(name, ran.title, runs);
    }
  }
}

function keep(name: string, title: string, runs: readonly Run[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const own: RecordedBench = { title, date, machine: machineOf(), runs };
  const benches = { ...readRecording().benches, [name]: own };
  const recording = { benches, versions: versionsOfPeers() };
  writeRecording(recording);
  writeFileSync(page, markdownOf(recording));
}

async function show(names: readonly string[]): Promise<void> {
  const results: { title: string; rows: readonly Row[] }[] = [];
  for (const [i, name] of names.entries()) {
    const left = names.slice(i).map((each) => ({ name: each, count: 1 }));
    say(`${name} (about ${aboutText(left.slice(0, 1))}; ${aboutText(left)} for all) ...\n`);
    const ran = await tried(name);
    if (ran !== null) results.push({ title: ran.title, rows: ran.run.rows });
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

/** Null: it could not be run, which was said. */
async function tried(name: string): Promise<Ran | null> {
  try {
    return await runOnce(name);
  } catch (thrown) {
    say(`${name} ${messageOf(thrown)}: it is left out\n`);
    process.exitCode = 1;
    return null;
  }
}

function say(text: string): void {
  process.stderr.write(text);
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
