// Compiles src/ to dist/ when the sources changed. A reader sees the old dist or the new one, never
// a half-written one: the compiler writes beside it and the result is renamed into place.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { say, setUpAlone, setUpStep } from './install.mjs';

const CONFIGS = ['tsconfig.json', 'tsconfig.build.json'];

/**
 * @param {string} root the checkout, with packages installed
 * @returns {Promise<void>} throws a SetUpError when the sources do not compile
 */
export async function ensureBuilt(root) {
  if (isBuilt(root)) return;
  await setUpAlone(root, async () => {
    if (!isBuilt(root)) await build(root);
  });
}

/**
 * A hash over everything that decides what dist contains.
 * @param {string} root
 * @returns {string}
 */
export function sourceStamp(root) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '');
  for (const path of [...CONFIGS, 'package-lock.json', ...sourceFiles(root)]) {
    const bytes = readFileSync(join(root, path));
    hash.update(`\n${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** @param {string} root @returns {string[]} the compiled sources, relative and in a fixed order */
function sourceFiles(root) {
  const entries = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name))
    .filter((entry) => !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** @param {string} root */
const stampPath = (root) => join(root, 'dist', '.farb-stamp');

/** @param {string} root @returns {boolean} */
function isBuilt(root) {
  try {
    return readFileSync(stampPath(root), 'utf8') === sourceStamp(root);
  } catch {
    return false;
  }
}

/** @param {string} root */
async function build(root) {
  const startMs = performance.now();
  say('compiling the sources');
  const dist = join(root, 'dist');
  const [fresh, old] = [`${dist}.new`, `${dist}.old`];
  for (const path of [fresh, old]) rmSync(path, { recursive: true, force: true });
  const stamp = sourceStamp(root); // before compiling: an edit meanwhile makes this build stale
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh, '--noEmitOnError'];
  const failed = 'src does not compile: see the lines above ("npm run check" shows them again)';
  try {
    await setUpStep(process.execPath, args, { cwd: root, failed });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(join(fresh, '.farb-stamp'), stamp);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
  say(`compiled in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
