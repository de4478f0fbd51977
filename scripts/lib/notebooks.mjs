// `npm run notebooks`: the notebooks of research/ in Jupyter, with their TypeScript kernel. Jupyter
// is a program of the system; the kernel is a package of research/, installed when first needed;
// everything that Jupyter writes stays in research/.jupyter, nothing goes to the user's home.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { ensurePackages, SetUpError, say, setUpAlone } from './install.mjs';
import { pageNotebook, storedNotebook, stumbles } from './notebook-file.mjs';
import { run } from './spawn.mjs';

export const KERNEL = 'farb-typescript';
const AT_ONCE = 2;
/** Of one cell. */
const CELL_SECONDS_MAX = 300;

/**
 * Without options Jupyter's editor; `--check` runs all headless, `--write` also stores the outputs,
 * `--html` also writes pages to research/.executed. Names choose notebooks; what else is given goes
 * to the editor.
 * @param {string} root the checkout, installed and built
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code
 */
export async function notebooks(root, args) {
  const headless = ['--check', '--write', '--html'].some((option) => args.includes(option));
  const jupyter = jupyterOrError(headless ? ['nbconvert'] : ['lab', 'notebook']);
  const research = join(root, 'research');
  await installKernel(root, research);
  const env = environment(research);
  if (!headless) {
    const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
    return run('jupyter', [jupyter, ...asRoot, ...args], { cwd: research, env });
  }
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const unknown = wanted.find((name) => !existsSync(join(research, `${name}.ipynb`)));
  if (unknown !== undefined) throw new SetUpError(`no notebook research/${unknown}.ipynb`, 2);
  const names = wanted.length > 0 ? wanted : notebookNames(research);
  let failed = 0;
  const waiting = [...names];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (!(await execute({ research, env, name, args }))) failed++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, availableParallelism()) }, worker));
  say(failed === 0 ? `${names.length} notebooks ran` : `${failed} of ${names.length} failed`);
  return failed === 0 ? 0 : 1;
}

/** @param {string} research @returns {readonly string[]} without their ending, in order */
export function notebookNames(research) {
  return readdirSync(research)
    .filter((file) => file.endsWith('.ipynb'))
    .map((file) => file.slice(0, -'.ipynb'.length))
    .sort();
}

/** Whether `jupyter COMMAND` is there. @param {string} command */
export function hasJupyter(command) {
  return spawnSync('jupyter', [command, '--version'], { stdio: 'ignore' }).status === 0;
}

/** @param {readonly string[]} commands @returns {string} the first that is installed */
function jupyterOrError(commands) {
  const found = commands.find(hasJupyter);
  if (found !== undefined) return found;
  const headless = commands.includes('nbconvert');
  const apt = headless ? 'jupyter-nbconvert jupyter-client' : 'jupyter-notebook';
  const pip = headless ? 'nbconvert jupyter-client' : 'jupyterlab';
  throw new SetUpError(
    `"jupyter ${commands[0]}" is not installed. On Debian or Ubuntu: apt-get install ${apt}; ` +
      `elsewhere: pip install ${pip}; then again`,
    1,
  );
}

/**
 * The packages of research/, what notebooks import as funding-rate-arb, and Jupyter's description
 * of the kernel, which needs absolute paths and therefore cannot be shipped.
 * @param {string} root
 * @param {string} research
 */
export async function installKernel(root, research) {
  await ensurePackages(research, 'installing the TypeScript kernel (once; some seconds)');
  await setUpAlone(root, async () => {
    installOwn(root, join(research, 'node_modules', 'funding-rate-arb'));
    const tslab = join(research, 'node_modules', 'tslab', 'bin', 'tslab');
    const argv = [process.execPath, tslab, 'kernel', '--config-path', '{connection_file}'];
    const spec = { argv, display_name: 'TypeScript (funding-rate-arb)', language: 'typescript' };
    const dir = join(research, '.jupyter', 'kernels', KERNEL);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'kernel.json.new'), JSON.stringify(spec));
    renameSync(join(dir, 'kernel.json.new'), join(dir, 'kernel.json'));
  });
}

/**
 * This checkout as a package: its package.json and dist, as if it were installed. A link to the
 * whole checkout would not do, its folder research/ would hide the entry of that name.
 * @param {string} root
 * @param {string} target
 */
function installOwn(root, target) {
  mkdirSync(target, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(target, 'package.json'));
  const dist = join(target, 'dist');
  if (!existsSync(dist)) symlinkSync(join(root, 'dist'), dist, 'junction');
}

/** @param {string} research @returns {NodeJS.ProcessEnv} */
function environment(research) {
  const own = join(research, '.jupyter');
  const { JUPYTER_PATH, FARB_DATA, ...env } = process.env;
  return {
    ...env,
    JUPYTER_PATH: [own, JUPYTER_PATH ?? ''].filter(Boolean).join(delimiter),
    JUPYTER_CONFIG_DIR: join(own, 'config'),
    JUPYTER_DATA_DIR: join(own, 'data'),
    JUPYTER_RUNTIME_DIR: join(own, 'runtime'),
    IPYTHONDIR: join(own, 'ipython'),
    // Notebooks run in research/, their reader gave the path elsewhere.
    ...(FARB_DATA ? { FARB_DATA: resolve(FARB_DATA) } : {}),
  };
}

/**
 * @param {{ research: string, env: NodeJS.ProcessEnv, name: string, args: readonly string[] }} of
 * @returns {Promise<boolean>} whether every cell ran
 */
async function execute({ research, env, name, args }) {
  const startMs = performance.now();
  const executed = join(research, '.executed');
  const path = join(executed, `${name}.ipynb`);
  mkdirSync(executed, { recursive: true });
  rmSync(path, { force: true });
  const convert = ['nbconvert', '--log-level=ERROR', '--output-dir', executed];
  const limit = `--ExecutePreprocessor.timeout=${CELL_SECONDS_MAX}`;
  // A cell that fails ends its notebook; what it printed is only kept when errors are allowed.
  const options = ['--to', 'notebook', '--execute', '--allow-errors', limit];
  const stdio = /** @type {import('node:child_process').StdioOptions} */ (['ignore', 2, 2]);
  const code = await run('jupyter', [...convert, ...options, `${name}.ipynb`], {
    ...{ cwd: research, env, stdio },
  });
  const notebook = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  const found = notebook === null ? [`nbconvert ended with ${code}`] : stumbles(notebook);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (code !== 0 || found.length > 0) {
    say(`${name} failed after ${seconds} s:\n${found.join('\n')}`);
    return false;
  }
  say(`${name} ran in ${seconds} s`);
  if (args.includes('--write')) {
    writeFileSync(join(research, `${name}.ipynb`), storedNotebook(notebook));
  }
  if (args.includes('--html')) {
    const page = join(executed, `${name}-page.ipynb`);
    writeFileSync(page, pageNotebook(notebook));
    const to = ['--to', 'html', '--output', name];
    await run('jupyter', [...convert, ...to, page], { cwd: research, env, stdio });
    rmSync(page);
    say(`wrote research/.executed/${name}.html`);
  }
  return true;
}
