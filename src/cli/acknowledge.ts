// `farb acknowledge`: a person knows what restricts a venue, a difference in its books or another
// installation that traded there, and wants to go on.
import { Command } from 'commander';
import { findSystem } from '../app/control.ts';
import { UserError } from '../base/errors.ts';
import { printJson, printText } from './io.ts';
import type { Finish } from './program.ts';
import { type StateOptions, statePathOf } from './state-option.ts';

interface Options extends StateOptions {
  readonly json?: boolean;
}

export function acknowledgeCommand(finish: Finish): Command {
  return new Command('acknowledge')
    .description('Books what restricts a venue as known; it is compared again, then opened on.')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--config <dir>', 'configuration that names the state directory')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb acknowledge --state ./state')
    .action(async (options: Options) => finish(await acknowledge(options)));
}

async function acknowledge(options: Options): Promise<number> {
  const statePath = statePathOf(options);
  const control = await findSystem(statePath);
  if (control === null) {
    throw new UserError(`no system runs on ${statePath}: start it, it compares the books anew`, {
      exitCode: 1,
    });
  }
  const { venues } = await control.status();
  const restrictions = venues.flatMap(({ restrictedBy }) => restrictedBy);
  await control.command('acknowledge');
  if (options.json === true) printJson({ acknowledged: restrictions });
  else if (restrictions.length === 0) printText('nothing was restricted');
  else printText(`acknowledged:\n  ${restrictions.join('\n  ')}`);
  return 0;
}
