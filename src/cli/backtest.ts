// `farb backtest`: one run of the engine, strategies, risk and execution over recorded history.
import { Command } from 'commander';
import type { BacktestReport } from '../api/backtest-report.ts';
import { backtest } from '../app/backtest.ts';
import { backtestRecording } from '../app/backtest-recording.ts';
import { backtestText } from '../app/backtest-text.ts';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { backtestTitle, writePages } from '../app/report.ts';
import { UserError } from '../base/errors.ts';
import { interruptedCode, makeLog, note, onInterrupt, printJson, printText } from './io.ts';
import { durationOf, numberOf, timeOf } from './options.ts';
import type { Finish } from './program.ts';
import { progressBar } from './progress-bar.ts';

export const dataHelp = 'recorded history: csv(.gz) or what farb data import wrote';
/** The same decision comes this much earlier or later at most: see docs/backtest.md. */
const toleranceMs = 2_000;

/** What every command that runs backtests takes. */
export interface RunOptions {
  readonly data: string;
  readonly strategy?: string;
  readonly set: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly capital?: number;
  readonly interval: string;
  readonly venues?: readonly string[];
  readonly symbols?: readonly string[];
  readonly config?: string;
}

interface Options extends Omit<RunOptions, 'data'> {
  readonly data?: string;
  readonly recording?: string;
  readonly compare?: string;
  readonly tolerance?: number;
  readonly scenario?: string;
  readonly feeTiers?: string;
  readonly html?: string;
  readonly png?: string;
  readonly json?: boolean;
}

export function backtestCommand(finish: Finish): Command {
  const command = new Command('backtest')
    .description('Runs the engine, strategies, risk and execution over recorded history.')
    .option('--data <dir>', dataHelp)
    .option('--recording <dir>', 'instead: raw frames that farb record stored')
    .option('--compare <journal>', 'of the run that was recorded: were the decisions the same?')
    .option(
      '--tolerance <duration>',
      'wall time by which the same decision may be earlier or later (2s)',
      durationOf('--tolerance'),
    )
    .option('--scenario <file>', 'auto-deleveraging and liquidations to play in, JSON')
    .option('--fee-tiers <file>', 'fees by the volume of thirty days, YAML')
    .option('--html <file>', 'write one self-contained page with charts')
    .option('--png <file>', 'the same page as a picture, by a browser of this machine')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb backtest --data ../shared/data --symbols BTC,ETH --from 2024-01-01 ' +
        '--set netEdgeMin=0.0005 --html report.html\n' +
        '  farb backtest --recording ./frames --compare ./state',
    );
  return withRunOptions(command).action(async (options: Options) =>
    finish(await runBacktestCommand(options)),
  );
}

export function withRunOptions(command: Command): Command {
  const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim());
  const more = (text: string, before: readonly string[]): readonly string[] => [...before, text];
  return command
    .option('--strategy <name>', 'only this one (default: those of the configuration)')
    .option('--set <name=value>', 'a setting for this run; may be repeated', more, [])
    .option('--from <time>', 'start (UTC)', timeOf('--from'))
    .option('--to <time>', 'end (UTC)', timeOf('--to'))
    .option(
      '--capital <usd>',
      'spread equally over the venues (100000; of --compare: what the run began with)',
      numberOf('--capital', { min: 1, max: 1e12 }),
    )
    .option('--interval <interval>', 'of the bars', '1h')
    .option('--venues <list>', 'only these', list)
    .option('--symbols <list>', 'only these assets: BTC,ETH', list)
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)');
}

/** From the command line to what the app takes. */
export function requestOf(options: RunOptions) {
  return {
    config: loadConfig(options.config ?? defaultConfigDir(), process.env),
    dir: options.data,
    strategy: options.strategy ?? null,
    set: options.set,
    fromMs: options.from ?? null,
    toMs: options.to ?? null,
    capitalUsd: options.capital ?? 100_000,
    interval: options.interval,
    venues: options.venues ?? null,
    assets: options.symbols ?? null,
  };
}

async function runBacktestCommand(options: Options): Promise<number> {
  const { data, recording } = options;
  if (recording !== undefined) {
    if (data !== undefined) throw new UserError('--data and --recording: name one of them.');
    return await tell(await overRecording(recording, options), options);
  }
  if (data === undefined) {
    throw new UserError('--data DIR: missing. Name recorded history, or --recording DIR.');
  }
  if (options.compare !== undefined) {
    throw new UserError('--compare: needs --recording DIR, what farb record stored of that run.');
  }
  const stop = onInterrupt();
  const bar = progressBar('bars');
  const request = {
    ...requestOf({ ...options, data }),
    scenarioFile: options.scenario ?? null,
    feeTiersFile: options.feeTiers ?? null,
  };
  try {
    const report = await backtest(request, (done, total) => {
      bar.update(done, total);
      return !stop.aborted;
    });
    bar.clear();
    return await tell(report, options);
  } finally {
    bar.clear();
  }
}

async function overRecording(dir: string, options: Options): Promise<BacktestReport> {
  for (const name of ['scenario', 'feeTiers'] as const) {
    if (options[name] === undefined) continue;
    const flag = name === 'scenario' ? '--scenario' : '--fee-tiers';
    throw new UserError(`${flag}: is of --data alone; a recording is played as it was.`);
  }
  const stop = onInterrupt();
  const live = process.stderr.isTTY === true;
  const { capitalUsd: _, ...request } = requestOf({ ...options, data: dir });
  const report = await backtestRecording(
    {
      ...request,
      capitalUsd: options.capital ?? null,
      compare: options.compare ?? null,
      toleranceMs: options.tolerance ?? toleranceMs,
      log: makeLog('error', null),
    },
    (frames) => {
      if (live) process.stderr.write(`\r${frames} frames `);
      return !stop.aborted;
    },
  );
  if (live) note('');
  return report;
}

async function tell(report: BacktestReport, options: Options): Promise<number> {
  const runs = [{ name: 'backtest', report }];
  for (const file of await writePages(options, backtestTitle(report), runs)) {
    note(`farb: wrote ${file}`);
  }
  if (options.json === true) printJson(report);
  else printText(backtestText(report));
  if (report.interrupted) return interruptedCode;
  return report.agreement?.agrees === false ? 1 : 0;
}
