// `farb start`: the system on the configured venues.
import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { complaintsOf } from '../app/demo.ts';
import { modeOf } from '../app/mode.ts';
import { run } from '../app/run.ts';
import { startedMs } from '../app/started.ts';
import { startView } from '../app/terminal-live.ts';
import { summaryText } from '../app/terminal-summary.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import {
  interruptedCode,
  type LogLevel,
  logLevels,
  makeLog,
  note,
  onInterrupt,
  printJson,
  printText,
  terminal,
} from './io.ts';
import { durationOf, oneOf } from './options.ts';
import type { Finish } from './program.ts';

const modes = ['testnet', 'paper', 'live'] as const;
/** Of `--for`, kept for closing the pairs and the last reconciliation (wall). */
const reserveMs = 12_000;
const windDownMsMax = 30_000;

interface Options {
  readonly config?: string;
  readonly mode?: (typeof modes)[number];
  readonly testnet?: string;
  readonly state?: string;
  readonly for?: number;
  readonly log?: LogLevel;
  readonly yesTradeRealMoney?: boolean;
  readonly json?: boolean;
}

export function startCommand(finish: Finish): Command {
  return new Command('start')
    .description('Runs the system on the configured venues until interrupted.')
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--mode <mode>', 'testnet, paper or live', oneOf('--mode', modes))
    .option('--testnet <file>', 'the line that "farb testnet --json" printed')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--for <duration>', 'wall time in all, closing included', durationOf('--for'))
    .option('--log <level>', 'debug, info, warn, error or silent', oneOf('--log', logLevels))
    .option('--yes-trade-real-money', 'needed for live, or tradeRealMoney: true in main.yaml')
    .option('--json', 'print the run summary as one JSON document at the end')
    .addHelpText('after', '\nExample:\n  farb start --testnet testnet.json --state ./state')
    .action(async (options: Options) => finish(await start(options)));
}

async function start(options: Options): Promise<number> {
  const config = loadConfig(options.config ?? defaultConfigDir(), process.env);
  const mode = modeOf(config, {
    mode: options.mode ?? null,
    hasTestnet: options.testnet !== undefined,
    yesTradeRealMoney: options.yesTradeRealMoney === true,
  });
  const testnet = options.testnet === undefined ? null : readTestnetFile(options.testnet);
  const stop = onInterrupt();
  const screen = terminal();
  const statePath = options.state ?? config.main.stateDir;
  const forMs = options.for ?? null;
  const { summary, status, interrupted } = await run({
    config,
    mode,
    testnet,
    statePath,
    apiPort: config.main.api.port,
    metricsPort: config.main.api.metricsPort,
    stopAtMs: forMs === null ? null : startedMs() + Math.max(forMs - reserveMs, forMs / 2),
    windDownMs: forMs === null ? windDownMsMax : reserveMs / 2,
    stop,
    broken: new Promise(() => undefined),
    log: makeLog(
      options.log ?? config.main.log.level,
      screen.live ? join(statePath, 'farb.log') : null,
    ),
    command: null,
    env: process.env,
    show: (view) => {
      note(`state ${view.statePath}`);
      note(`API ${view.apiUrl}/api/status  metrics ${view.metricsUrl}/metrics`);
      return startView({ run: { ...view, testnet }, screen, forMs });
    },
  });
  const complaints = complaintsOf(summary);
  if (options.json === true) printJson(summary);
  else printText(summaryText({ summary, status, colors: screen.stdoutColors }));
  for (const complaint of complaints) note(`farb: ${complaint}`);
  if (complaints.length > 0) return 1;
  return interrupted ? interruptedCode : 0;
}
