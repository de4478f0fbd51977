// `farb sweep`: many parameter sets over recorded history, and how much of the best is luck.
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { sweep } from '../app/sweep.ts';
import { isPostgresUrl } from '../app/sweep-postgres.ts';
import { sweepText } from '../app/sweep-text.ts';
import { UserError } from '../base/errors.ts';
import { dayMs, tryDuration } from '../base/time.ts';
import { dataHelp, type RunOptions, requestOf, withRunOptions } from './backtest.ts';
import { interruptedCode, note, onInterrupt, printJson, printText } from './io.ts';
import { durationOf, numberOf } from './options.ts';
import type { Finish } from './program.ts';
import { progressBar } from './progress-bar.ts';

interface Options extends RunOptions {
  readonly grid: string;
  readonly workers?: number;
  readonly redis?: string;
  readonly out: string;
  readonly results?: string;
  readonly parquet?: string;
  readonly walkForward?: string;
  readonly folds: number;
  readonly purge: number;
  readonly check: boolean;
  readonly json?: boolean;
}

export function sweepCommand(finish: Finish): Command {
  const workers = { min: 1, max: 256, integer: true };
  const command = new Command('sweep')
    .description('Runs many parameter sets over recorded history, and says what is luck.')
    .requiredOption('--data <dir>', dataHelp)
    .requiredOption('--grid <file>', 'strategy, parameters and method, YAML')
    .option('--workers <n>', 'threads (default: one per core)', numberOf('--workers', workers))
    .option('--redis <url>', 'hand the runs to farb worker processes, on any machines')
    .option('--out <file>', 'results; a sweep that was stopped goes on from it', 'sweep.jsonl')
    .option('--results <url>', 'in the place of --out: a database, postgres://user@host/name')
    .option('--parquet <file>', 'also write the runs as Parquet')
    .option('--walk-forward <train,test>', 'choose on one, judge on the next: 180d,60d')
    .option(
      '--folds <n>',
      'parts of time for cross-validation',
      numberOf('--folds', { min: 2, max: 100, integer: true }),
      5,
    )
    .addOption(
      new Option('--purge <duration>', 'left out beside what is judged')
        .argParser(durationOf('--purge'))
        .default(7 * dayMs, '7d'),
    )
    .option('--no-check', 'do not run the best again through the exact engine')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb sweep --data ../shared/data --symbols BTC,ETH --grid grid.yaml ' +
        '--walk-forward 180d,60d',
    );
  return withRunOptions(command).action(async (options: Options) =>
    finish(await runSweep(options)),
  );
}

async function runSweep(options: Options): Promise<number> {
  const stop = onInterrupt();
  const bar = progressBar('runs');
  if (options.redis !== undefined) note('farb: runs wait for farb worker --redis processes');
  const purgeDays = Math.ceil(options.purge / dayMs);
  const report = await sweep({
    ...requestOf(options),
    gridFile: options.grid,
    workers: options.workers ?? availableParallelism(),
    redis: options.redis ?? null,
    out: resultsOf(options),
    parquet: options.parquet ?? null,
    walk: walkOf(options.walkForward, purgeDays),
    folds: { folds: options.folds, purgeDays },
    check: options.check ? 'best' : 'none',
    stop,
    onProgress: (done, total) => bar.update(done, total),
  }).finally(() => bar.clear());
  if (options.json === true) printJson(report);
  else printText(sweepText(report));
  return report.missing > 0 ? interruptedCode : 0;
}

function walkOf(text: string | undefined, purgeDays: number) {
  if (text === undefined) return null;
  const [train, test, ...more] = text.split(',').map((part) => tryDuration(part.trim()));
  const isRight = train != null && test != null && more.length === 0;
  if (!isRight || train < dayMs || test < dayMs) {
    throw new UserError(`--walk-forward ${text}: write two times of a day or more, like 180d,60d`);
  }
  return { trainDays: Math.round(train / dayMs), testDays: Math.round(test / dayMs), purgeDays };
}

function resultsOf({ results, out }: Options): string {
  if (results === undefined || isPostgresUrl(results)) return results ?? out;
  throw new UserError(`--results ${results}: write it like postgres://user@host/name`);
}
