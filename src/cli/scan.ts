// `farb scan`: what could be earned now, or at a moment of recorded history.
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { executionPolicyOf } from '../app/execution-policy.ts';
import { type MarketSnapshot, type Opportunity, scan, whatWouldHaveToChange } from '../app/scan.ts';
import { liveSnapshot } from '../app/scan-live.ts';
import { recordedSnapshot } from '../app/scan-recorded.ts';
import { scanText, whyText } from '../app/terminal-scan.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { UserError } from '../base/errors.ts';
import { makeLog, printJson, printText, terminal } from './io.ts';
import { durationOf, numberOf, timeOf } from './options.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly top: number;
  readonly notional?: number;
  readonly horizon?: number;
  readonly config?: string;
  readonly testnet?: string;
  readonly data?: string;
  readonly at?: number;
  readonly why?: string;
  readonly json?: boolean;
}

export function scanCommand(finish: Finish): Command {
  const count = { min: 1, max: 100_000, integer: true };
  return new Command('scan')
    .description('Ranks the opportunities over all venues by net return on capital.')
    .option('--top <n>', 'how many', numberOf('--top', count), 20)
    .option('--notional <usd>', 'per leg', numberOf('--notional', { min: 1, max: 1e9 }))
    .option('--horizon <duration>', 'over how long the edge is summed', durationOf('--horizon'))
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--testnet <file>', 'look at the local exchanges')
    .option('--data <dir>', 'look at recorded history, with --at')
    .option('--at <time>', 'the moment of the history (UTC)', timeOf('--at'))
    .option('--why <pair>', 'every term of one pair: an asset, or the name that --json prints')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb scan --testnet testnet.json --top 5 --horizon 3d')
    .action(async (options: Options) => finish(await runScan(options)));
}

async function runScan(options: Options): Promise<number> {
  const config = loadConfig(options.config ?? defaultConfigDir(), process.env);
  const report = scan(await snapshotOf(options), {
    strategies: config.strategies,
    notionalUsd: options.notional ?? null,
    horizonMs: options.horizon ?? null,
    execution: executionPolicyOf(config.main.execution),
  });
  const { stdoutColors: colors } = terminal();
  if (options.why !== undefined) {
    const pair = pairNamed(report.opportunities, options.why);
    const change = whatWouldHaveToChange(pair);
    if (options.json === true) printJson({ ...pair, whatWouldHaveToChange: change });
    else printText(whyText(pair, change, { colors }));
    return 0;
  }
  const opportunities = report.opportunities.slice(0, options.top);
  if (options.json === true) printJson({ ...report, opportunities });
  else printText(scanText({ ...report, opportunities }, { colors }));
  return 0;

  function snapshotOf(wish: Options): MarketSnapshot | Promise<MarketSnapshot> {
    if (wish.data === undefined) {
      if (wish.at !== undefined) throw new UserError('--at needs --data DIR');
      const testnet = wish.testnet === undefined ? null : readTestnetFile(wish.testnet);
      return liveSnapshot({ config, testnet, log: makeLog('error', null) });
    }
    if (wish.at === undefined) throw new UserError('--data needs --at TIME');
    return recordedSnapshot({ dir: wish.data, atMs: wish.at });
  }
}

/** By its full name, by `long>short`, or the best of an asset. */
function pairNamed(opportunities: readonly Opportunity[], name: string): Opportunity {
  const found = opportunities.find(({ pair, base }) => {
    return pair === name || pair.endsWith(` ${name}`) || base === name.toUpperCase();
  });
  if (found !== undefined) return found;
  const example = opportunities[0]?.pair ?? 'perp-perp okx:BTC-USDT-PERP>binance:BTC-USDT-PERP';
  throw new UserError(`--why ${name}: no such pair here. Name an asset, or like "${example}"`);
}
