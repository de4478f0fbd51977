// `farb report`: performance with attribution, from a journal or from backtests, as text, JSON or
// one HTML file; several backtests side by side.
import { Command } from 'commander';
import { backtestText } from '../app/backtest-text.ts';
import { journalReport } from '../app/journal-report.ts';
import { backtestTitle, readReport, writePages } from '../app/report.ts';
import { UserError } from '../base/errors.ts';
import { note, printJson, printText } from './io.ts';
import { timeOf } from './options.ts';
import type { Finish } from './program.ts';
import { type StateOptions, statePathOf } from './state-option.ts';

interface Options extends StateOptions {
  readonly from?: number;
  readonly to?: number;
  readonly html?: string;
  readonly png?: string;
  readonly json?: boolean;
}

export function reportCommand(finish: Finish): Command {
  return new Command('report')
    .description('Performance with attribution, from the journal or from backtests.')
    .argument('[backtests...]', 'documents of farb backtest --json; several are compared')
    .option('--state <dir>', 'the state directory whose journal is read (default: of the config)')
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--from <time>', 'start (UTC), of a journal', timeOf('--from'))
    .option('--to <time>', 'end (UTC), of a journal', timeOf('--to'))
    .option('--html <file>', 'write one self-contained page with charts')
    .option('--png <file>', 'the same page as a picture, by a browser of this machine')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb report --state ./state --html report.html\n' +
        '  farb report a.json b.json --html side-by-side.html',
    )
    .action(async (files: readonly string[], options: Options) =>
      finish(await runReport(files, options)),
    );
}

async function runReport(files: readonly string[], options: Options): Promise<number> {
  if (files.length > 0) return await backtests(files, options);
  const journal = statePathOf(options);
  const { from = null, to = null } = options;
  const report = journalReport({ journal, fromMs: from, toMs: to });
  const title = `Run ${report.settings['runId']}`;
  const written = await writePages(options, title, [{ name: 'run', report }]);
  for (const file of written) note(`farb: wrote ${file}`);
  if (options.json === true) printJson(report);
  else printText(backtestText(report));
  return 0;
}

async function backtests(files: readonly string[], options: Options): Promise<number> {
  if (options.from !== undefined || options.to !== undefined) {
    throw new UserError('--from and --to cut a journal; a backtest has its own times');
  }
  const runs = files.map(readReport);
  const [first] = runs;
  if (first !== undefined) {
    const title = runs.length > 1 ? 'Backtests side by side' : backtestTitle(first.report);
    for (const file of await writePages(options, title, runs)) note(`farb: wrote ${file}`);
  }
  if (options.json === true) {
    printJson(
      runs.length > 1 ? runs.map(({ name, report }) => ({ name, ...report })) : first?.report,
    );
  } else printText(runs.map(({ name, report }) => `${name}\n${backtestText(report)}`).join('\n'));
  return 0;
}
