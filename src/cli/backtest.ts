// `farb backtest`: one run of the engine, strategies, risk and execution over recorded history.
import { Command } from 'commander';
import type { BacktestReport } from '../api/backtest-report.ts';
import { backtest } from '../app/backtest.ts';
import { backtestText } from '../app/backtest-text.ts';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { backtestTitle, writeHtml } from '../app/report.ts';
import { interruptedCode, note, onInterrupt, printJson, printText } from './io.ts';
import { numberOf, timeOf } from './options.ts';
import type { Finish } from './program.ts';
import { progressBar } from './progress-bar.ts';

/** What every command that runs backtests takes. */
export interface RunOptions {
  readonly data: string;
  readonly strategy?: string;
  readonly set: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly capital: number;
  readonly interval: string;
  readonly venues?: readonly string[];
  readonly symbols?: readonly string[];
  readonly config?: string;
}

interface Options extends RunOptions {
  readonly scenario?: string;
  readonly html?: string;
  readonly json?: boolean;
}

export function backtestCommand(finish: Finish): Command {
  const command = new Command('backtest')
    .description('Runs the engine, strategies, risk and execution over recorded history.')
    .option('--scenario <file>', 'auto-deleveraging and liquidations to play in, JSON')
    .option('--html <file>', 'write one self-contained page with charts')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb backtest --data ../shared/data --symbols BTC,ETH --from 2024-01-01 ' +
        '--set netEdgeMin=0.0005 --html report.html',
    );
  return withRunOptions(command).action(async (options: Options) =>
    finish(await runBacktestCommand(options)),
  );
}

export function withRunOptions(command: Command): Command {
  const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim());
  const more = (text: string, before: readonly string[]): readonly string[] => [...before, text];
  return command
    .requiredOption('--data <dir>', 'recorded history: csv(.gz) or what farb data import wrote')
    .option('--strategy <name>', 'only this one (default: those of the configuration)')
    .option('--set <name=value>', 'a setting for this run; may be repeated', more, [])
    .option('--from <time>', 'start (UTC)', timeOf('--from'))
    .option('--to <time>', 'end (UTC)', timeOf('--to'))
    .option(
      '--capital <usd>',
      'spread equally over the venues',
      numberOf('--capital', { min: 1, max: 1e12 }),
      100_000,
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
    capitalUsd: options.capital,
    interval: options.interval,
    venues: options.venues ?? null,
    assets: options.symbols ?? null,
  };
}

async function runBacktestCommand(options: Options): Promise<number> {
  const stop = onInterrupt();
  const bar = progressBar('bars');
  const request = { ...requestOf(options), scenarioFile: options.scenario ?? null };
  let report: BacktestReport;
  try {
    report = await backtest(request, (done, total) => {
      bar.update(done, total);
      return !stop.aborted;
    });
  } finally {
    bar.clear();
  }
  if (options.html !== undefined) {
    writeHtml(options.html, backtestTitle(report), [{ name: 'backtest', report }]);
    note(`farb: wrote ${options.html}`);
  }
  if (options.json === true) printJson(report);
  else printText(backtestText(report));
  return report.interrupted ? interruptedCode : 0;
}
