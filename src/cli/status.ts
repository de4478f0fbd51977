// `farb status`: what a running system does.
import { Command } from 'commander';
import { findSystem, isMarkedHalted } from '../app/control.ts';
import { renderView } from '../app/terminal-view.ts';
import { UserError } from '../base/errors.ts';
import { printJson, printText, terminal } from './io.ts';
import type { Finish } from './program.ts';
import { type StateOptions, statePathOf } from './state-option.ts';

interface Options extends StateOptions {
  readonly json?: boolean;
}

/** Enough lines for everything that there is. */
const rows = 48;

export function statusCommand(finish: Finish): Command {
  return new Command('status')
    .description('Prints what the system on a state directory is doing.')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--config <dir>', 'configuration that names the state directory')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb status --state ./state --json')
    .action(async (options: Options) => finish(await status(options)));
}

async function status(options: Options): Promise<number> {
  const statePath = statePathOf(options);
  const control = await findSystem(statePath);
  if (control === null) {
    const marker = isMarkedHalted(statePath) ? ' It is marked halted.' : '';
    throw new UserError(`no system runs on ${statePath}.${marker} Start it: farb start`, {
      exitCode: 1,
    });
  }
  const now = await control.status();
  if (options.json === true) {
    printJson(now);
    return 0;
  }
  const screen = terminal();
  const lines = renderView(
    {
      status: now,
      speed: 1,
      labels: [],
      best: [],
      elapsedMs: now.wallMs - now.startedWallMs,
      forMs: null,
      places: now.journal.path,
    },
    { columns: 100, rows, colors: screen.stdoutColors },
  );
  printText(
    lines.filter((line, i) => line.trim() !== '' || lines[i - 1]?.trim() !== '').join('\n'),
  );
  for (const pair of now.pairs) {
    if (pair.phase !== 'closed') printText(`${pair.id} ${pair.phase}: ${pair.modeReason}`);
  }
  for (const venue of now.venues) {
    for (const text of [...venue.restrictedBy, ...venue.differences]) {
      printText(`${venue.venue}: ${text}`);
    }
  }
  return 0;
}
