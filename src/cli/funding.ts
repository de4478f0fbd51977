// `farb funding`: what rates were, and what positions would have received.
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { fundingHistory, ledgerOf, ledgerPrices } from '../app/funding.ts';
import { fundingForecast } from '../app/funding-forecast.ts';
import {
  fundingForecastText,
  fundingHistoryText,
  fundingLedgerText,
} from '../app/terminal-funding.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { UserError } from '../base/errors.ts';
import { tryDuration } from '../base/time.ts';
import { makeLog, printJson, printText, terminal } from './io.ts';
import { listOf, numberOf, oneOf, timeOf } from './options.ts';
import type { Finish } from './program.ts';

export function fundingCommand(finish: Finish): Command {
  const command = new Command('funding')
    .description('Funding rates: history, forecast, a ledger of fixed positions.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb funding history BTC --data ../shared/data')
    .action(() => {
      throw new UserError('name what to do: farb funding history, forecast or ledger');
    });
  for (const make of [historyCommand, forecastCommand, ledgerCommand]) {
    command.addCommand(make(finish));
  }
  return command;
}

interface HistoryOptions {
  readonly data: string;
  readonly venue?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly rates?: boolean;
  readonly spread: number;
  readonly json?: boolean;
}

function historyCommand(finish: Finish): Command {
  return new Command('history')
    .description('Statistics of recorded rates by venue, symbol and regime, and between venues.')
    .argument('[symbols...]', 'symbols as the data writes them, or assets: BTC (default: all)')
    .requiredOption('--data <dir>', 'a store, or a directory of csv files')
    .option('--venue <list>', 'only these', listOf)
    .option('--from <time>', 'settlements from here on (UTC)', timeOf('--from'))
    .option('--to <time>', 'settlements before (UTC)', timeOf('--to'))
    .option('--rates', 'every single rate too')
    .option(
      '--spread <fraction>',
      'a year, between two venues, that counts',
      numberOf('--spread', { min: 0, max: 100 }),
      0.05,
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb funding history BTC ETH --data ../shared/data')
    .action(async (symbols: readonly string[], options: HistoryOptions) => {
      const history = await fundingHistory({
        dir: options.data,
        venues: options.venue ?? null,
        symbols: symbols.length > 0 ? symbols : null,
        fromMs: options.from ?? Number.NEGATIVE_INFINITY,
        toMs: options.to ?? Number.POSITIVE_INFINITY,
        withRates: options.rates === true,
        spreadAprMin: options.spread,
      });
      if (history.series.length === 0) {
        throw new UserError(
          `${options.data} has no funding of that; farb data list ${options.data} says what it has`,
          { exitCode: 1 },
        );
      }
      if (options.json === true) printJson(history);
      else printText(fundingHistoryText(history, { colors: terminal().stdoutColors }));
      finish(0);
    });
}

interface ForecastOptions {
  readonly venue?: readonly string[];
  readonly config?: string;
  readonly testnet?: string;
  readonly json?: boolean;
}

function forecastCommand(finish: Finish): Command {
  return new Command('forecast')
    .description('The next settlement of perpetuals with its error band, from public data of now.')
    .argument('<symbols...>', 'assets or symbols: BTC ETH')
    .option('--venue <list>', 'only these (default: all that are configured)', listOf)
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--testnet <file>', 'look at the local exchanges')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb funding forecast BTC ETH --testnet testnet.json')
    .action(async (symbols: readonly string[], options: ForecastOptions) => {
      const { venue, config, testnet } = options;
      const report = await fundingForecast({
        config: loadConfig(config ?? defaultConfigDir(), process.env),
        testnet: testnet === undefined ? null : readTestnetFile(testnet),
        venues: venue ?? null,
        symbols,
        log: makeLog('error', null),
      });
      if (options.json === true) printJson(report);
      else printText(fundingForecastText(report, { colors: terminal().stdoutColors }));
      finish(report.errors.length > 0 || report.forecasts.length === 0 ? 1 : 0);
    });
}

interface LedgerOptions {
  readonly positions: string;
  readonly data: string;
  readonly price: (typeof ledgerPrices)[number];
  readonly interval: string;
  readonly json?: boolean;
}

function ledgerCommand(finish: Finish): Command {
  return new Command('ledger')
    .description('The funding that fixed positions would have received, settlement by settlement.')
    .requiredOption(
      '--positions <file>',
      '[{ venue, symbol, qty, fromMs, toMs, inverse? }], - = stdin',
    )
    .requiredOption('--data <dir>', 'a store, or a directory of csv files')
    .option(
      '--price <which>',
      'open or close of the bar with the settlement, or open of the mark bar',
      oneOf('--price', ledgerPrices),
      'mark',
    )
    .option('--interval <interval>', 'of the bars', intervalOf, '1h')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  farb funding ledger --positions hold.json --data ../shared/data ' +
        '--price open --interval 8h',
    )
    .action(async (options: LedgerOptions) => {
      const { positions, data, price, interval } = options;
      const ledger = await ledgerOf({ dir: data, positionsFile: positions, price, interval });
      if (options.json === true) printJson(ledger);
      else printText(fundingLedgerText(ledger, { colors: terminal().stdoutColors }));
      finish(0);
    });
}

function intervalOf(text: string): string {
  if (tryDuration(text) !== null) return text;
  throw new UserError(`--interval ${text}: write the length of the bars like 1h or 15m`);
}
