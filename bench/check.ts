// `npm run bench:check [names]`: measures again and compares with the record. What is worse than
// recorded is measured anew, because a neighbour may have had the machine; only what stays worse
// fails, or what cannot be run at all. Times are never compared: see figures.ts. `-- --all` checks
// every benchmark that has a claim.

import { messageOf } from '../src/base/errors.ts';
import { benchNames, entryOf } from './benches.ts';
import { claims } from './claims.ts';
import { figureOf, type Judgement, judge, type Run, toleranceFactor } from './figures.ts';
import { readRecording } from './recording.ts';
import { aboutText, runOnce } from './run-once.ts';

/** Quick ones. */
const byDefault = ['decode', 'scan', 'engine'];
const attemptsMax = 3;

const args = process.argv.slice(2);
const names = namesOf(args);
const unknown = names.find((name) => entryOf(name) === null);
if (unknown === undefined) await checkAll();
else {
  process.stderr.write(`no benchmark "${unknown}": ${benchNames.join(', ')}\n`);
  process.exitCode = 2;
}

function namesOf(given: readonly string[]): readonly string[] {
  if (given.includes('--all')) {
    return benchNames.filter((name) => claims.some(({ bench }) => bench === name));
  }
  return given.length > 0 ? given : byDefault;
}

async function checkAll(): Promise<void> {
  let worse = 0;
  for (const name of names) worse += await check(name);
  if (worse === 0) return;
  process.stdout.write(
    `${worse} worse than recorded by more than ${toleranceFactor} times, ` +
      `in each of ${attemptsMax} attempts: ` +
      'profile the change (docs/profiling.md), or record anew if the loss is meant.\n',
  );
  process.exitCode = 1;
}

/** How many claims of it are worse than recorded. */
async function check(name: string): Promise<number> {
  const { benches } = readRecording();
  const own = claims.filter(({ bench }) => bench === name);
  let left = own;
  const judged = new Map<string, Judgement>();
  for (let attempt = 1; attempt <= attemptsMax && left.length > 0; attempt++) {
    const about = aboutText([{ name, count: 1 }]);
    process.stderr.write(`${name}, attempt ${attempt} (about ${about}) ...\n`);
    const run = await tried(name);
    if (run === null) break;
    left = left.filter((claim) => {
      const recorded = figureOf(claim, benches[name]?.runs ?? [])?.merit ?? null;
      const verdict = judge(recorded, figureOf(claim, [run]));
      judged.set(claim.id, verdict);
      return verdict === 'worse';
    });
  }
  for (const { id, says } of own) {
    process.stdout.write(`${(judged.get(id) ?? 'not measured').padEnd(13)} ${says}\n`);
  }
  return own.filter(({ id }) => judged.get(id) === 'worse').length;
}

async function tried(name: string): Promise<Run | null> {
  try {
    return (await runOnce(name)).run;
  } catch (thrown) {
    process.stderr.write(`${name} ${messageOf(thrown)}\n`);
    process.exitCode = 1;
    return null;
  }
}
