// `farb replay`: what a journal says.
import { Command } from 'commander';
import { replay } from '../app/replay.ts';
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
  if (options.json === true) printJson(report);
  else {
    printText(
      Object.entries(report)
        .map(([key, value]) => `${key.padEnd(16)} ${textOf(value)}`)
        .join('\n'),
    );
  }
  return 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
