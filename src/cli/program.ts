// The command line: which commands there are, and how every outcome becomes an exit code and one
// line on stderr. 0 done; 1 it failed or found a problem; 2 wrong usage or configuration; 130
// interrupted.
import { Command, CommanderError } from 'commander';
import { AssertionFailed } from '../base/assert.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { acknowledgeCommand } from './acknowledge.ts';
import { backtestCommand } from './backtest.ts';
import { dataCommand } from './data.ts';
import { decodeCommand } from './decode.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { flattenCommand } from './flatten.ts';
import { fundingCommand } from './funding.ts';
import { haltCommand } from './halt.ts';
import { pluginCommand } from './plugin.ts';
import { recordCommand } from './record.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { scanCommand } from './scan.ts';
import { simulateCommand } from './simulate.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';
import { sweepCommand } from './sweep.ts';
import { testnetCommand } from './testnet.ts';
import { packageVersion } from './version.ts';
import { watchdogCommand } from './watchdog.ts';
import { workerCommand } from './worker.ts';

const commands = [
  demoCommand,
  startCommand,
  testnetCommand,
  statusCommand,
  haltCommand,
  flattenCommand,
  resumeCommand,
  acknowledgeCommand,
  watchdogCommand,
  scanCommand,
  dataCommand,
  fundingCommand,
  doctorCommand,
  decodeCommand,
  recordCommand,
  replayCommand,
  backtestCommand,
  sweepCommand,
  workerCommand,
  reportCommand,
  simulateCommand,
  pluginCommand,
];

/** Takes the exit code of a command that ran. */
export type Finish = (code: number) => void;

/** Parses and runs; never throws and never exits. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = makeProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (thrown) {
    return explain(thrown, args);
  }
}

function makeProgram(finish: Finish): Command {
  const program = new Command('farb')
    .description('Funding-rate arbitrage over several venues. Start with: farb demo')
    .version(packageVersion())
    .helpCommand(false)
    // What stands behind a subcommand belongs to it: it may have the options of its group.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const make of commands) {
    program.addCommand(inherited(make(finish), program));
  }
  program.action((_options, { args: [name] }: Command) => {
    if (name !== undefined) throw new UserError(`no command "${name}". All of them: farb --help`);
    throw new UserError('name a command, for example: farb demo (all of them: farb --help)');
  });
  program.allowExcessArguments();
  return program;
}

/** Subcommands end and complain as their parents do. */
function inherited(command: Command, parent: Command): Command {
  command.exitOverride().copyInheritedSettings(parent);
  for (const sub of command.commands) inherited(sub, command);
  return command;
}

function explain(thrown: unknown, args: readonly string[]): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0;
    const [name = ''] = args;
    const help = name.startsWith('-') || name === '' ? 'farb --help' : `farb ${name} --help`;
    const text = thrown.message.replace(/^error: /, '').split('\n')[0];
    say(`${text} (see ${help})`);
    return 2;
  }
  if (thrown instanceof UserError) {
    say(thrown.message);
    return thrown.exitCode;
  }
  if (thrown instanceof AssertionFailed) {
    say(`a bug of farb, an assertion failed: ${thrown.message}`);
  } else {
    say(`unexpected: ${messageOf(thrown)}`);
  }
  if (thrown instanceof Error && thrown.stack !== undefined) {
    process.stderr.write(`${thrown.stack.split('\n').slice(1).join('\n')}\n`);
  }
  return 1;
}

function say(message: string): void {
  process.stderr.write(`farb: ${message.replaceAll('\n', ' ')}\n`);
}
