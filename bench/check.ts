// `npm run bench:check [names]`: measures again and compares with the record. What is worse than
// recorded is measured anew, because a neighbour may have had the machine; only what stays worse
// fails. Times are never compared: see figures.ts.

import { benchNamed, benchNames, runOnce } from './benches.ts';
import { claims } from './claims.ts';
import { figureOf, type Judgement, judge, type Run, toleranceFactor } from './figures.ts';
import { readRecording } from './recording.ts';

/** Quick ones: under a minute together on a quiet machine. */
const byDefault = ['decode', 'scan', 'engine'];
const attemptsMax = 3;

const args = process.argv.slice(2);
const names = args.length > 0 ? args : byDefault;
const unknown = names.find((name) => benchNamed(name) === null);
if (unknown === undefined) await checkAll();
else {
  process.stderr.write(`no benchmark "${unknown}": ${benchNames.join(', ')}\n`);
  process.exitCode = 2;
}

async function checkAll(): Promise<void> {
  const { benches } = readRecording();
  let worse = 0;
  for (const name of names) {
    const own = claims.filter(({ bench }) => bench === name);
    const runs: Run[] = [];
    let left = own;
    const judged = new Map<string, Judgement>();
    for (let attempt = 1; attempt <= attemptsMax && left.length > 0; attempt++) {
      process.stderr.write(`${name}, attempt ${attempt} ...\n`);
      const run = await runOnce(name);
      runs.push(run);
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
    worse += left.length;
  }
  if (worse === 0) return;
  process.stdout.write(
    `${worse} worse than recorded by more than ${toleranceFactor} times, ` +
      `in each of ${attemptsMax} attempts: ` +
      'profile the change (docs/profiling.md), or record anew if the loss is meant.\n',
  );
  process.exitCode = 1;
}
