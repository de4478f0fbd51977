// Brings node_modules to what package-lock.json says, once per change of lock, Node or platform.
// Must work on a fresh clone, so it imports nothing but Node itself.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withLock } from './mutex.mjs';
import { run, signalCode } from './spawn.mjs';

/** Set-up failed; the message is one line that says what to do. */
export class SetUpError extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a tool of the set-up, which speaks on stderr only. Throws a SetUpError when it fails, with
 * the signal's exit code when we were told to end meanwhile (npm itself then ends with 1).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, failed: string }} options
 */
export async function setUpStep(command, args, { cwd, env = process.env, failed }) {
  /** @type {NodeJS.Signals | undefined} */
  let told;
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    told ??= signal;
  };
  const code = await run(command, args, { cwd, env, stdio: ['ignore', 2, 2], onSignal });
  if (told !== undefined) throw new SetUpError(`set-up interrupted by ${told}`, signalCode(told));
  if (code !== 0) throw new SetUpError(failed, 1);
}

/** @param {string} line */
export const say = (line) => void process.stderr.write(`farb: ${line}\n`);

/** @param {string} root */
export const lockPath = (root) => join(root, '.bootstrap.lock');

/**
 * Waits for another process that is setting up the same checkout, and says so.
 * @template T
 * @param {string} root
 * @param {() => Promise<T>} work
 */
export function setUpAlone(root, work) {
  return withLock(lockPath(root), work, {
    onWait: (pid) => say(`waiting for process ${pid}, which is setting up this checkout`),
  });
}

/**
 * @param {string} root the checkout
 * @returns {Promise<void>} throws a SetUpError
 */
export async function ensureInstalled(root) {
  await ensurePackages(root, 'installing packages (once; about half a minute)');
}

/**
 * The same for any directory with a lock file of its own.
 * @param {string} dir
 * @param {string} saying what is said before anything is installed
 */
export async function ensurePackages(dir, saying) {
  if (isInstalled(dir)) return;
  await setUpAlone(dir, async () => {
    if (isInstalled(dir)) return;
    if (!adoptInstalled(dir)) await install(dir, saying);
    writeFileSync(stampPath(dir), installStamp(dir));
  });
}

/**
 * What an installation depends on: the lock, Node's major version (native modules) and the
 * platform.
 * @param {string} root
 * @param {{ node: string, platform: string, arch: string }} [host]
 * @returns {string}
 */
export function installStamp(root, host = hostOf(process)) {
  const major = host.node.split('.')[0];
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`\n${major} ${host.platform} ${host.arch}`)
    .digest('hex');
}

/** @param {NodeJS.Process} of */
const hostOf = (of) => ({ node: of.versions.node, platform: of.platform, arch: of.arch });

/** @param {string} root */
const stampPath = (root) => join(root, 'node_modules', '.farb-stamp');

/** @param {string} root @returns {boolean} */
function isInstalled(root) {
  try {
    return readFileSync(stampPath(root), 'utf8') === installStamp(root);
  } catch {
    return false;
  }
}

/**
 * Whether npm's own record of node_modules already holds every package of the lock for this
 * platform, as after a developer's `npm install`. Leaves a good tree alone: others may be running
 * from it.
 * @param {string} root
 * @returns {boolean}
 */
function adoptInstalled(root) {
  try {
    const wanted = readPackages(join(root, 'package-lock.json'));
    const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '' || !isForHost(entry)) return true;
      return present[path]?.version === entry.version && existsSync(join(root, path));
    });
  } catch {
    return false;
  }
}

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

/** @param {string} path @returns {Record<string, LockEntry>} */
const readPackages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/** Whether this host needs the package: always, or as the build for its platform.
 * @param {LockEntry} entry @returns {boolean} */
function isForHost({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (libc !== undefined || os === undefined) return false; // npm chooses among several builds
  return os.includes(process.platform) && (cpu?.includes(process.arch) ?? true);
}

/** @param {string} root @param {string} saying */
async function install(root, saying) {
  say(saying);
  const startMs = performance.now();
  const { NODE_ENV: _, ...env } = process.env;
  const npm = npmCommand();
  // Options on the command line win over the user's configuration: omit, production, NODE_ENV.
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit'];
  args.push('--no-fund', '--prefer-offline', '--loglevel=error');
  await setUpStep(npm.command, [...npm.args, ...args], {
    cwd: root,
    env,
    failed: '"npm ci" failed: see its lines above, then try again',
  });
  say(`packages installed in ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
}

/** The npm that started us, or the one beside this Node, or the one on the path. */
function npmCommand() {
  const bin = dirname(process.execPath);
  const scripts = [
    process.env['npm_execpath'] ?? '',
    join(bin, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(bin, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = scripts.find((path) => basename(path) === 'npm-cli.js' && existsSync(path));
  if (script !== undefined) return { command: process.execPath, args: [script] };
  return { command: 'npm', args: [] };
}
