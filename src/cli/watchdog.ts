// `farb watchdog`: a process of its own beside `farb start` that acts when the heartbeat stops. See
// docs/watchdog.md.
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { modeOf } from '../app/mode.ts';
import { isPaperState } from '../app/paper-state.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { type WatchdogResult, watch } from '../app/watchdog.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { type CloseOffline, closeOffline } from './close-offline.ts';
import { interruptedCode, makeLog, note, onInterrupt, printJson, printText } from './io.ts';
import { durationOf } from './options.ts';
import type { Finish } from './program.ts';

const afterMsDefault = 15_000;
/** Three beats: less would take a busy second for a death. */
const afterMsMin = 3_000;

interface Options {
  readonly state?: string;
  readonly config?: string;
  readonly testnet?: string;
  readonly after?: number;
  readonly flatten?: boolean;
  readonly json?: boolean;
}

export function watchdogCommand(finish: Finish): Command {
  return new Command('watchdog')
    .description('Cancels, and flattens if told so, when the system stops beating.')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--testnet <file>', 'the line that "farb testnet --json" printed')
    .option('--after <duration>', 'silence before it acts, default 15s', durationOf('--after'))
    .option('--flatten', 'also close everything that is open')
    .option('--json', 'print one JSON document at the end')
    .addHelpText('after', '\nExample:\n  farb watchdog --state ./state --after 15s --flatten')
    .action(async (options: Options) => finish(await watchdog(options)));
}

async function watchdog(options: Options): Promise<number> {
  const afterMs = options.after ?? afterMsDefault;
  if (afterMs < afterMsMin) {
    throw new UserError(`--after ${afterMs}ms: the heart beats every second, write 3s or more`);
  }
  const config = loadConfig(options.config ?? defaultConfigDir(), process.env);
  const testnet = options.testnet === undefined ? null : readTestnetFile(options.testnet);
  // It opens nothing, so it needs no consent; a test still cannot reach a live venue.
  modeOf(config, { mode: null, hasTestnet: testnet !== null, yesTradeRealMoney: true });
  const statePath = options.state ?? config.main.stateDir;
  if (isPaperState(statePath)) {
    throw new UserError(
      `--state ${statePath}: a paper account has no orders at a venue to cancel.`,
    );
  }
  const stop = onInterrupt();
  const result = await watch({
    config,
    testnet,
    statePath,
    afterMs,
    stop,
    log: makeLog('warn', null),
    tell: (text) => note(`farb watchdog: ${text}`),
  });
  const flatten =
    result.outcome === 'acted' && options.flatten === true
      ? await flattened({ config, broken: [], testnet, statePath, stop })
      : null;
  if (options.json === true) printJson({ ...result, flatten });
  else printText(textOf(result, flatten));
  if (result.outcome === 'interrupted') return interruptedCode;
  return result.outcome === 'ended' ? 0 : 1;
}

interface Flattened {
  readonly ok: boolean;
  readonly open: number | null;
  readonly complaints: readonly string[];
}

/** A failure is part of the report: the orders have been cancelled all the same. */
async function flattened(options: CloseOffline): Promise<Flattened> {
  note('farb watchdog: closing every position');
  let result: Flattened;
  try {
    const { open, complaints } = await closeOffline(options);
    result = { ok: complaints.length === 0, open, complaints };
  } catch (thrown) {
    result = { ok: false, open: null, complaints: [messageOf(thrown)] };
  }
  for (const complaint of result.complaints) note(`farb watchdog: ALERT ${complaint}`);
  return result;
}

function textOf(result: WatchdogResult, flatten: Flattened | null): string {
  switch (result.outcome) {
    case 'ended': {
      const open = result.pairsOpen ?? 0;
      return open === 0 ? 'the system ended in order' : `the system ended with ${open} open pairs`;
    }
    case 'interrupted':
      return 'interrupted: nobody watches now';
    case 'hung':
      return 'halted, nothing sent: the silent process still holds the state directory';
    case 'acted':
      if (flatten === null) return 'halted, orders cancelled; positions are as they were';
      return flatten.ok ? 'halted and flat: books match the venues' : 'halted, NOT flat';
  }
}
