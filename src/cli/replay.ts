// `farb replay`: what a journal says, and which of its decisions another configuration would
// change.
import { Command } from 'commander';
import { policyOf } from '../app/compose.ts';
import { loadConfig } from '../app/config.ts';
import { type DecisionDiff, decisionDiff } from '../app/decision-diff.ts';
import { publicSetups } from '../app/public-setups.ts';
import { printEachRecord, type ReplayReport, replay } from '../app/replay.ts';
import { UserError } from '../base/errors.ts';
import { isoUtc } from '../base/time.ts';
import { printJson, printText } from './io.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  /** From this record on; true = from the first. */
  readonly records?: string | true;
}

export function replayCommand(finish: Finish): Command {
  return new Command('replay')
    .description('Rebuilds the state of a journal and prints its hash.')
    .argument('<journal>', 'a state directory, its journal, or one segment of it')
    .option('--config <dir>', 'also: which decisions this configuration would change')
    .option('--records [from]', 'instead: print the records, one line of JSON each')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb replay state/journal --json\n  farb replay state --records 1200 | head',
    )
    .action((journal: string, options: Options) => finish(replayOf(journal, options)));
}

function replayOf(journal: string, options: Options): number {
  if (options.records !== undefined) return printRecords(journal, options.records);
  const report = replay(journal);
  const diff = options.config === undefined ? null : diffOf(journal, options.config);
  if (options.json === true) printJson(diff === null ? report : { ...report, diff });
  else printText([...reportLines(report), ...(diff === null ? [] : diffLines(diff))].join('\n'));
  return 0;
}

function printRecords(journal: string, from: string | true): number {
  const first = from === true ? 1 : Number(from);
  if (!Number.isSafeInteger(first) || first < 1) {
    throw new UserError(`--records ${String(from)}: write the number of a record, 1 or more.`);
  }
  printEachRecord(journal, { afterSeq: first - 1, print: printText });
  return 0;
}

function diffOf(journal: string, dir: string): DecisionDiff {
  const config = loadConfig(dir, process.env);
  const policy = policyOf(config, publicSetups(config, null));
  return decisionDiff(journal, { policy, digest: config.digest });
}

function reportLines(report: ReplayReport): readonly string[] {
  return Object.entries(report).map(([key, value]) => `${key.padEnd(16)} ${textOf(value)}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function diffLines(diff: DecisionDiff): readonly string[] {
  const same = diff.configDigest === diff.otherDigest ? ' (the configuration of the run)' : '';
  return [
    '',
    `decision diff${same}: ${diff.differing} of ${diff.events} events would be decided otherwise`,
    ...diff.differences.flatMap((difference) => [
      `${difference.seq} ${isoUtc(difference.tsMs)} ${difference.input} ${difference.subject}`,
      ...difference.recorded.map((text) => `  - ${text}`),
      ...difference.other.map((text) => `  + ${text}`),
    ]),
    ...diff.cannotSee.map((text) => `cannot see: ${text}`),
  ];
}
