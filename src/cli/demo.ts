// `farb demo`: everything at once, for a look at it.

import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { shippedConfigDir } from '../app/config-places.ts';
import { complaintsOf, demo } from '../app/demo.ts';
import { startView } from '../app/terminal-live.ts';
import { summaryText } from '../app/terminal-summary.ts';
import { UserError } from '../base/errors.ts';
import { isoUtc } from '../base/time.ts';
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
import { durationOf, numberOf, oneOf, seedBounds, speedBounds, timeOf } from './options.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly for?: number;
  readonly speed?: number;
  readonly seed: number;
  readonly data?: string;
  readonly from?: number;
  readonly state?: string;
  readonly config?: string;
  readonly log: LogLevel;
  readonly json?: boolean;
}

export function demoCommand(finish: Finish): Command {
  return new Command('demo')
    .description('Starts the local exchanges and the system trading on them; ends with a summary.')
    .option(
      '--for <duration>',
      'wall time after installation, closing included (default: until Ctrl-C)',
      (t) => durationOf('--for')(t),
    )
    .option('--speed <n>', 'venue seconds per wall second', numberOf('--speed', speedBounds))
    .option('--seed <n>', 'seed of the market', numberOf('--seed', seedBounds), 7)
    .option('--data <dir>', 'replay recorded history instead of the seeded market')
    .option('--from <time>', 'where the history starts (UTC)', timeOf('--from'))
    .option('--state <dir>', 'a new state directory (default: a temporary one)')
    .option('--config <dir>', 'configuration (default: the shipped one)')
    .option(
      '--log <level>',
      'debug, info, warn, error or silent',
      oneOf('--log', logLevels),
      'warn',
    )
    .option('--json', 'print the run summary as one JSON document')
    .addHelpText('after', '\nExample:\n  farb demo --for 90s --seed 7')
    .action(async (options: Options) => finish(await runDemo(options)));
}

async function runDemo(options: Options): Promise<number> {
  if (options.from !== undefined && options.data === undefined) {
    throw new UserError('--from needs --data DIR');
  }
  const config = loadConfig(options.config ?? shippedConfigDir(), process.env);
  const stop = onInterrupt();
  const screen = terminal();
  const { summary, interrupted, status } = await demo({
    config,
    speed: options.speed ?? null,
    seed: options.seed,
    dataDir: options.data ?? null,
    from: options.from === undefined ? null : isoUtc(options.from),
    statePath: options.state ?? null,
    forMs: options.for ?? null,
    stop,
    log: (statePath) => makeLog(options.log, screen.live ? join(statePath, 'farb.log') : null),
    env: process.env,
    show: (run) => {
      note(`state ${run.statePath}`);
      note(`API ${run.apiUrl}/api/status  metrics ${run.metricsUrl}/metrics`);
      return startView({ run, screen, forMs: options.for ?? null });
    },
  });
  const complaints = complaintsOf(summary);
  if (options.json === true) printJson(summary);
  else printText(summaryText({ summary, status, colors: screen.stdoutColors }));
  for (const complaint of complaints) note(`farb: ${complaint}`);
  if (complaints.length > 0) return 1;
  return interrupted ? interruptedCode : 0;
}
