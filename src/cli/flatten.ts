// `farb flatten`: a running system closes everything and opens nothing until `farb resume`.
import { Command } from 'commander';
import { findSystem, untilFlat } from '../app/control.ts';
import { UserError } from '../base/errors.ts';
import { flattenMsMax } from './close-offline.ts';
import { printJson, printText } from './io.ts';
import type { Finish } from './program.ts';
import { type StateOptions, statePathOf } from './state-option.ts';

interface Options extends StateOptions {
  readonly json?: boolean;
}

export function flattenCommand(finish: Finish): Command {
  return new Command('flatten')
    .description('Closes every open pair of the running system.')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--config <dir>', 'configuration that names the state directory')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb flatten --state ./state')
    .action(async (options: Options) => finish(await flatten(options)));
}

async function flatten(options: Options): Promise<number> {
  const statePath = statePathOf(options);
  const control = await findSystem(statePath);
  if (control === null) {
    throw new UserError(`no system runs on ${statePath}. With it down: farb halt --flatten`, {
      exitCode: 1,
    });
  }
  await control.command('flatten');
  const { pairCounts } = await untilFlat(control, flattenMsMax);
  const { open } = pairCounts;
  if (options.json === true) printJson({ running: true, open });
  else printText(open === 0 ? 'flat: every pair is closed' : `${open} pairs are still open`);
  return open === 0 ? 0 : 1;
}
