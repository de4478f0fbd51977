// What `npm start`, `npm test` and the other scripts of package.json do once Node is known to be
// new enough: install, build where needed, then run the job in our place.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, SetUpError, say } from './install.mjs';
import { notebooks } from './notebooks.mjs';
import { run } from './spawn.mjs';

/** @typedef {(root: string, args: readonly string[]) => Promise<number>} Job */

/** @type {Readonly<Record<string, Job>>} */
const JOBS = {
  ...{ start, test, bench, check, build, kills, soak, profile },
  ...{ 'bench-check': benchCheck, 'simulate-long': simulateLong, notebooks: openNotebooks },
};

/**
 * @param {string} root the checkout
 * @param {readonly string[]} argv name of the job, then its arguments
 * @returns {Promise<number>} exit code
 */
export async function runJob(root, argv) {
  const [name = '', ...args] = argv;
  const job = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (job === undefined) {
    say(`unknown job "${name}": one of ${Object.keys(JOBS).join(', ')}`);
    return 2;
  }
  return reportFailure(async () => {
    await ensureInstalled(root);
    return job(root, args);
  });
}

/**
 * Packages and dist as the checkout's files say, for a command started without npm.
 * @param {string} root the checkout
 * @returns {Promise<number>} exit code, 0 when all is ready
 */
export async function ensureReady(root) {
  return reportFailure(async () => {
    await ensureInstalled(root);
    await ensureBuilt(root);
    return 0;
  });
}

/** @param {() => Promise<number>} work @returns {Promise<number>} */
async function reportFailure(work) {
  try {
    return await work();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return error instanceof SetUpError ? error.exitCode : 1;
  }
}

/** @type {Job} */
async function start(root, args) {
  await ensureBuilt(root);
  return node(root, [join(root, 'bin', 'farb.mjs'), 'demo', ...args]);
}

/** @type {Job} */
async function test(root, args) {
  // The end-to-end tests run the built program. A tree that does not compile is for the tests to
  // report, beside everything else they find.
  await reportFailure(() => build(root, []));
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { NODE_ENV: _, ...env } = process.env; // the machine's setting must not decide a test
  return node(root, [vitest, 'run', '--allowOnly=false', ...args], env);
}

/**
 * For TypeScript beside the sources that is to run with the built program in their place.
 * @param {string} root the checkout
 */
function onTheBuilt(root) {
  const hooks = pathToFileURL(join(root, 'scripts', 'lib', 'compiled.mjs')).href;
  return ['--import', 'tsx', '--import', hooks];
}

/** What they measure is what users run. @type {Job} */
async function bench(root, args) {
  await ensureBuilt(root);
  return node(root, [...onTheBuilt(root), join('bench', 'run.ts'), ...args]);
}

/** Ratios against the recorded ones. @type {Job} */
async function benchCheck(root, args) {
  await ensureBuilt(root);
  return node(root, [...onTheBuilt(root), join('bench', 'check.ts'), ...args]);
}

/** The demo under the profilers of Node, with the built program. @type {Job} */
async function profile(root, args) {
  await ensureBuilt(root);
  return node(root, ['--import', 'tsx', join('bench', 'profile.ts'), ...args]);
}

/** kill -9 at random instants, with the built program. @type {Job} */
async function kills(root, args) {
  await ensureBuilt(root);
  return node(root, ['--import', 'tsx', join('test', 'reliability', 'kills-run.ts'), ...args]);
}

/** Many venue days under faults, with the built program. @type {Job} */
async function soak(root, args) {
  await ensureBuilt(root);
  return node(root, ['--import', 'tsx', join('test', 'reliability', 'soak-run.ts'), ...args]);
}

/** The long range of the simulation; what is given behind `--` wins. @type {Job} */
async function simulateLong(root, args) {
  await ensureBuilt(root);
  const range = ['--seeds', '1..20000', '--faults', 'all'];
  return node(root, [join(root, 'bin', 'farb.mjs'), 'simulate', ...range, ...args]);
}

/** The notebooks of research/, with the built program as their library. @type {Job} */
async function openNotebooks(root, args) {
  await ensureBuilt(root);
  return notebooks(root, args);
}

/** @type {Job} */
async function check(root, args) {
  const types = await node(root, [join('node_modules', 'typescript', 'bin', 'tsc')]);
  const biome = join('node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const lint = await node(root, [biome, 'check', ...args]);
  return types || lint;
}

/** @type {Job} */
async function build(root) {
  await ensureBuilt(root);
  return 0;
}

/** @param {string} root @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] */
const node = (root, args, env = process.env) => run(process.execPath, args, { cwd: root, env });
