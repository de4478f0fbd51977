// `farb replay`: what a journal says, and which of its decisions another configuration would
// change.
import { Command } from 'commander';
import { policyOf } from '../app/compose.ts';
import { loadConfig } from '../app/config.ts';
import { type DecisionDiff, decisionDiff } from '../app/decision-diff.ts';
import { publicSetups } from '../app/public-setups.ts';
import { type ReplayReport, replay } from '../app/replay.ts';
import { isoUtc } from '../base/time.ts';
import { printJson, printText } from './io.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

export function replayCommand(finish: Finish): Command {
  return new Command('replay')
    .description('Rebuilds the state of a journal and prints its hash.')
    .argument('<journal>', 'the journal.farb of a state directory')
    .option('--config <dir>', 'also: which decisions this configuration would change')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb replay state/journal.farb --json')
    .action((journal: string, options: Options) => finish(replayOf(journal, options)));
}

function replayOf(journal: string, options: Options): number {
  const report = replay(journal);
  const diff = options.config === undefined ? null : diffOf(journal, options.config);
  if (options.json === true) printJson(diff === null ? report : { ...report, diff });
  else printText([...reportLines(report), ...(diff === null ? [] : diffLines(diff))].join('\n'));
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
