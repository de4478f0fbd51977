// Runs one child process to its end as if it stood in our place: same terminal, same signals, same
// exit code.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @typedef {object} RunOptions
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} [env]
 * @property {import('node:child_process').StdioOptions} [stdio]
 * @property {(signal: NodeJS.Signals) => void} [onSignal] told of a signal to this process
 */

/**
 * Resolves to the child's exit code, or 128 + the number of the signal that ended it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<number>}
 */
export function run(command, args, options) {
  const { cwd, env = process.env, stdio = 'inherit', onSignal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio });
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      onSignal?.(signal);
      // A terminal's Ctrl-C reaches the child by itself: sending it again would look like a second
      // press, which programs take for "do not wait".
      if (signal === 'SIGINT' && [0, 1, 2].some((fd) => isatty(fd))) return;
      child.kill(signal);
    };
    const detach = () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    child.on('error', (error) => {
      detach();
      reject(error);
    });
    child.on('close', (code, signal) => {
      detach();
      resolve(code ?? signalCode(signal ?? 'SIGKILL'));
    });
  });
}

/** The exit code that stands for a signal. @param {NodeJS.Signals} signal */
export const signalCode = (signal) => 128 + constants.signals[signal];
