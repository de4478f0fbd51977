// `farb halt`: nothing is opened any more, whether a system runs or not, until `farb resume`.
import { Command } from 'commander';
import { loadConfigToClose } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { findSystem, markHalted, untilFlat } from '../app/control.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { closeOffline, flattenMsMax } from './close-offline.ts';
import { note, onInterrupt, printJson, printText } from './io.ts';
import type { Finish } from './program.ts';
import { type StateOptions, statePathOf } from './state-option.ts';

interface Options extends StateOptions {
  readonly flatten?: boolean;
  readonly testnet?: string;
  readonly json?: boolean;
}

export function haltCommand(finish: Finish): Command {
  return new Command('halt')
    .description('Stops opening; works with the system down too. "farb resume" lifts it.')
    .option('--flatten', 'also close everything that is open')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--config <dir>', 'configuration, for --flatten with the system down')
    .option('--testnet <file>', 'local exchanges, for --flatten with the system down')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb halt --flatten --state ./state')
    .action(async (options: Options) => finish(await halt(options)));
}

async function halt(options: Options): Promise<number> {
  const statePath = statePathOf(options);
  markHalted(statePath, 'farb halt'); // first of all: whatever follows, no start trades again
  const control = await findSystem(statePath);
  if (control === null) {
    if (options.flatten === true) return flattenOffline(statePath, options);
    return told(options, {
      halted: true,
      running: false,
      text: `halted: no system runs on ${statePath}; the next start is a halted one`,
    });
  }
  await control.command(options.flatten === true ? 'halt-flatten' : 'halt');
  if (options.flatten !== true) {
    return told(options, { halted: true, running: true, text: 'halted: open pairs are held' });
  }
  const { pairCounts } = await untilFlat(control, flattenMsMax);
  const text =
    pairCounts.open === 0
      ? 'halted and flat: every pair is closed'
      : `halted, but ${pairCounts.open} pairs are still open: farb status says why`;
  told(options, { halted: true, running: true, open: pairCounts.open, text });
  return pairCounts.open === 0 ? 0 : 1;
}

async function flattenOffline(statePath: string, options: Options): Promise<number> {
  note(`farb: no system runs on ${statePath}: closing everything directly at the venues`);
  const toClose = loadConfigToClose(options.config ?? defaultConfigDir(), process.env);
  const testnet = options.testnet === undefined ? null : readTestnetFile(options.testnet);
  const closed = await closeOffline({ ...toClose, testnet, statePath, stop: onInterrupt() });
  const { open, summary, complaints } = closed;
  const text = complaints.length === 0 ? 'halted and flat: books match the venues' : 'halted';
  told(options, { halted: true, running: false, open, summary, text });
  for (const complaint of complaints) note(`farb: ${complaint}`);
  return complaints.length === 0 ? 0 : 1;
}

function told(options: Options, result: Readonly<Record<string, unknown>>): number {
  if (options.json === true) printJson(result);
  else printText(String(result['text']));
  return 0;
}
