// `farb data`: market data in, and what there is.
import { Command } from 'commander';
import {
  dataImport,
  dataList,
  dataVerify,
  marketNames,
  type Selection,
  seriesKinds,
} from '../app/data.ts';
import { importText, listText, verifyText } from '../app/terminal-data.ts';
import { UserError } from '../base/errors.ts';
import { interruptedCode, onInterrupt, printJson, printText, terminal } from './io.ts';
import { listOf, oneOf, timeOf } from './options.ts';
import type { Finish } from './program.ts';
import { progressBar } from './progress-bar.ts';

interface SelectOptions {
  readonly kind?: readonly string[];
  readonly venue?: readonly string[];
  readonly symbol?: readonly string[];
  readonly market?: readonly string[];
  readonly interval?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
}

export function dataCommand(finish: Finish): Command {
  const command = new Command('data')
    .description('Imports, pulls, lists and verifies market data for research.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb data import ../shared/data --out ./data')
    .action(() => {
      throw new UserError('name what to do: farb data import, pull, list or verify');
    });
  for (const make of [importCommand, listCommand, verifyCommand]) {
    command.addCommand(make(finish));
  }
  return command;
}

interface ImportOptions {
  readonly out: string;
  readonly market?: (typeof marketNames)[number];
  readonly json?: boolean;
}

function importCommand(finish: Finish): Command {
  return new Command('import')
    .description('Reads files into a store of Parquet files; what is known is not read again.')
    .argument('<paths...>', 'files and directories')
    .requiredOption('--out <dir>', 'the store; it is made where there is none')
    .option(
      '--market <market>',
      'for files that do not say: spot, perp, mark, index',
      oneOf('--market', marketNames),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb data import ../shared/data --out ./data')
    .action(async (paths: readonly string[], options: ImportOptions) => {
      const stop = onInterrupt();
      const bar = progressBar('KB');
      const kilobytes = (bytes: number) => Math.round(bytes / 1_024);
      const report = await dataImport({
        paths,
        dir: options.out,
        market: options.market ?? null,
        stop,
        onProgress: ({ bytesDone, bytesTotal }) =>
          bar.update(kilobytes(bytesDone), kilobytes(bytesTotal)),
      }).finally(() => bar.clear());
      if (options.json === true) printJson(report);
      else printText(importText(report, look()));
      if (report.interrupted) return finish(interruptedCode);
      const failed = report.files.some(({ outcome }) => outcome === 'failed');
      const none = report.files.every(({ outcome }) => outcome === 'unrecognized');
      finish(failed || none || report.conflicts > 0 ? 1 : 0);
    });
}

function listCommand(finish: Finish): Command {
  return withSelection(new Command('list'))
    .description('What a store, or a directory of csv files, covers and lacks.')
    .addHelpText('after', '\nExample:\n  farb data list ./data --kind funding --venue okx')
    .action(async (dir: string, options: SelectOptions) => {
      const list = await dataList(dir, selectionOf(options));
      if (options.json === true) printJson(list);
      else printText(listText(list, look()));
      finish(0);
    });
}

function verifyCommand(finish: Finish): Command {
  return withSelection(new Command('verify'))
    .description(
      'Checks order, duplicates, prices, holes, intervals and checksums; exit 1 on error.',
    )
    .addHelpText('after', '\nExample:\n  farb data verify ./data')
    .action(async (dir: string, options: SelectOptions) => {
      const report = await dataVerify(dir, selectionOf(options));
      if (options.json === true) printJson(report);
      else printText(verifyText(report, look()));
      finish(report.ok ? 0 : 1);
    });
}

function withSelection(command: Command): Command {
  return command
    .argument('<dir>', 'a store, or a directory of csv files')
    .option('--kind <list>', 'funding, bars, quotes, trades', listOf)
    .option('--venue <list>', 'only these', listOf)
    .option('--symbol <list>', 'only these, as the data writes them', listOf)
    .option('--market <list>', 'spot, perp, mark, index', listOf)
    .option('--interval <list>', 'of bars: 1h,15m', listOf)
    .option('--from <time>', 'rows from here on (UTC)', timeOf('--from'))
    .option('--to <time>', 'rows before (UTC)', timeOf('--to'))
    .option('--json', 'print one JSON document');
}

function selectionOf(options: SelectOptions): Selection {
  const { kind, venue, symbol, market, interval, from, to } = options;
  return {
    ...(kind === undefined ? {} : { kinds: wordsOf('--kind', kind, seriesKinds) }),
    ...(venue === undefined ? {} : { venues: venue }),
    ...(symbol === undefined ? {} : { symbols: symbol }),
    ...(market === undefined ? {} : { markets: wordsOf('--market', market, marketNames) }),
    ...(interval === undefined ? {} : { intervals: interval }),
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
  };
}

function wordsOf<T extends string>(
  option: string,
  words: readonly string[],
  known: readonly T[],
): readonly T[] {
  return words.map((word) => {
    const found = known.find((one) => one === word);
    if (found !== undefined) return found;
    throw new UserError(`${option} ${word}: write some of ${known.join(',')}`);
  });
}

function look(): { readonly colors: boolean } {
  return { colors: terminal().stdoutColors };
}
