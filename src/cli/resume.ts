// `farb resume`: lifts a halt, a flatten or a risk stop.
import { Command } from 'commander';
import { findSystem, resumeOffline, unmarkHalted } from '../app/control.ts';
import { printJson, printText } from './io.ts';
import type { Finish } from './program.ts';
import { type StateOptions, statePathOf } from './state-option.ts';

interface Options extends StateOptions {
  readonly json?: boolean;
}

export function resumeCommand(finish: Finish): Command {
  return new Command('resume')
    .description('Lifts a halt: the system may open pairs again.')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--config <dir>', 'configuration that names the state directory')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb resume --state ./state')
    .action(async (options: Options) => finish(await resume(options)));
}

async function resume(options: Options): Promise<number> {
  const statePath = statePathOf(options);
  const control = await findSystem(statePath);
  if (control === null) await resumeOffline(statePath);
  else {
    unmarkHalted(statePath);
    await control.command('resume');
  }
  const running = control !== null;
  if (options.json === true) printJson({ halted: false, running });
  else printText(running ? 'running' : `the halt of ${statePath} is lifted for the next start`);
  return 0;
}
