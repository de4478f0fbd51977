// The command line: which commands there are, and how every outcome becomes an exit code and one
// line on stderr. 0 done; 1 it failed or found a problem; 2 wrong usage or configuration; 130
// interrupted.
import { Command, CommanderError } from 'commander';
import { AssertionFailed } from '../base/assert.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { packageVersion } from './version.ts';

type Make = (finish: Finish) => Command;

/** Each is loaded when it is asked for: what another one needs costs it no time. */
const commands: Readonly<Record<string, () => Promise<Make>>> = {
  demo: async () => (await import('./demo.ts')).demoCommand,
  start: async () => (await import('./start.ts')).startCommand,
  testnet: async () => (await import('./testnet.ts')).testnetCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  halt: async () => (await import('./halt.ts')).haltCommand,
  flatten: async () => (await import('./flatten.ts')).flattenCommand,
  resume: async () => (await import('./resume.ts')).resumeCommand,
  acknowledge: async () => (await import('./acknowledge.ts')).acknowledgeCommand,
  watchdog: async () => (await import('./watchdog.ts')).watchdogCommand,
  scan: async () => (await import('./scan.ts')).scanCommand,
  data: async () => (await import('./data.ts')).dataCommand,
  funding: async () => (await import('./funding.ts')).fundingCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  decode: async () => (await import('./decode.ts')).decodeCommand,
  record: async () => (await import('./record.ts')).recordCommand,
  replay: async () => (await import('./replay.ts')).replayCommand,
  backtest: async () => (await import('./backtest.ts')).backtestCommand,
  sweep: async () => (await import('./sweep.ts')).sweepCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  simulate: async () => (await import('./simulate.ts')).simulateCommand,
  plugin: async () => (await import('./plugin.ts')).pluginCommand,
};

/** Takes the exit code of a command that ran. */
export type Finish = (code: number) => void;

/** Parses and runs; never throws and never exits. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = await makeProgram(args, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (thrown) {
    return explain(thrown, args);
  }
}

/** Of the command that is named alone; of all where none is, because help lists them. */
async function makeProgram(args: readonly string[], finish: Finish): Promise<Command> {
  const program = new Command('farb')
    .description('Funding-rate arbitrage over several venues. Start with: farb demo')
    .version(packageVersion())
    .helpCommand(false)
    // What stands behind a subcommand belongs to it: it may have the options of its group.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const [name = ''] = args;
  const named = Object.hasOwn(commands, name) ? commands[name] : undefined;
  for (const load of named === undefined ? Object.values(commands) : [named]) {
    const make = await load();
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
