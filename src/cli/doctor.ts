// `farb doctor`: would a start work, and what to mend.
import { Command } from 'commander';
import type { Check } from '../api/doctor-report.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { doctor } from '../app/doctor.ts';
import { paletteOf } from '../app/terminal-text.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { makeLog, printJson, printText, terminal } from './io.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly config?: string;
  readonly state?: string;
  readonly testnet?: string;
  readonly fix?: boolean;
  readonly allowWithdrawals?: boolean;
  readonly json?: boolean;
}

export function doctorCommand(finish: Finish): Command {
  return new Command('doctor')
    .description('Checks configuration, keys, clocks, ports, filters; says what to mend.')
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--state <dir>', 'state directory (default: stateDir of main.yaml)')
    .option('--testnet <file>', 'check against the local exchanges')
    .option('--fix', 'set one-way positions, cross margin and single-asset mode; tells what it set')
    .option('--allow-withdrawals', 'a key that may withdraw is told, not refused')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb doctor --config ./config --fix')
    .action(async (options: Options) => finish(await runDoctor(options)));
}

async function runDoctor(options: Options): Promise<number> {
  const report = await doctor({
    configDir: options.config ?? defaultConfigDir(),
    statePath: options.state ?? null,
    testnet: options.testnet === undefined ? null : readTestnetFile(options.testnet),
    env: process.env,
    log: makeLog('silent', null),
    fix: options.fix === true,
    mayWithdraw: options.allowWithdrawals === true,
  });
  if (options.json === true) printJson(report);
  else {
    const set = report.changed.map((text) => `set   ${text}`);
    printText([...report.checks.map(line), ...set].join('\n'));
  }
  return report.ok ? 0 : 1;
}

function line({ name, status, detail, mend }: Check): string {
  const { good, bad, strong } = paletteOf({ colors: terminal().stdoutColors });
  const paint = status === 'ok' ? good : status === 'fail' ? bad : strong;
  const tail = mend === null ? '' : ` -> ${mend}`;
  return `${paint(status.padEnd(5))}${name.padEnd(20)} ${detail}${tail}`;
}
