// `farb data`: market data in, and what there is.
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import {
  dataImport,
  dataList,
  dataPull,
  dataVerify,
  marketNames,
  pullKinds,
  type Selection,
  seriesKinds,
} from '../app/data.ts';
import { importText, listText, pullText, verifyText } from '../app/terminal-data.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { UserError } from '../base/errors.ts';
import { interruptedCode, makeLog, onInterrupt, printJson, printText, terminal } from './io.ts';
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
  for (const make of [importCommand, pullCommand, listCommand, verifyCommand]) {
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

interface PullOptions {
  readonly out: string;
  readonly symbols: readonly string[];
  readonly from: number;
  readonly to?: number;
  readonly what: readonly string[];
  readonly interval: string;
  readonly venue?: readonly string[];
  readonly config?: string;
  readonly testnet?: string;
  readonly json?: boolean;
}

function pullCommand(finish: Finish): Command {
  return new Command('pull')
    .description(
      'Pulls history from the public interfaces of the venues; goes on where it stopped.',
    )
    .requiredOption('--out <dir>', 'the store; it is made where there is none')
    .requiredOption('--symbols <list>', 'assets or symbols: BTC,ETH', listOf)
    .requiredOption('--from <time>', 'start (UTC)', timeOf('--from'))
    .option('--to <time>', 'end (UTC; default: the last closed bar)', timeOf('--to'))
    .option('--what <list>', 'of funding, perp, spot, mark, index', listOf, [...pullKinds])
    .option('--interval <interval>', 'of the bars', '1h')
    .option('--venue <list>', 'only these (default: all that are configured)', listOf)
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--testnet <file>', 'pull from the local exchanges')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb data pull --out ./data --symbols BTC,ETH --from 2025-01-01 --venue okx',
    )
    .action(async (options: PullOptions) => {
      const stop = onInterrupt();
      const bar = progressBar('windows');
      const report = await dataPull({
        config: loadConfig(options.config ?? defaultConfigDir(), process.env),
        testnet: options.testnet === undefined ? null : readTestnetFile(options.testnet),
        dir: options.out,
        venues: options.venue ?? null,
        symbols: options.symbols,
        kinds: wordsOf('--what', options.what, pullKinds),
        interval: options.interval,
        fromMs: options.from,
        toMs: options.to ?? null,
        log: makeLog('error', null),
        stop,
        onProgress: (done, total) => bar.update(done, total),
      }).finally(() => bar.clear());
      if (options.json === true) printJson(report);
      else printText(pullText(report, look()));
      const bad = report.errors.length > 0 || report.series.some(({ error }) => error !== null);
      if (report.interrupted) return finish(interruptedCode);
      finish(bad || report.series.length === 0 ? 1 : 0);
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
