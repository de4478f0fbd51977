// A checkout in a temporary directory with this repository's own set-up scripts, whose compiler and
// test runner are stand-ins that install in a second without a network.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The compiled program: prints its arguments, and with --hold waits for a signal. */
const MAIN = `
if (process.argv.includes('--hold')) {
  process.on('SIGTERM', () => process.exit(7));
  process.on('SIGINT', () => process.exit(8));
  setInterval(() => {}, 1000);
}
console.log(JSON.stringify(process.argv.slice(2)));
`;

const COMPILER = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const out = process.argv[process.argv.indexOf('--outDir') + 1];
const text = readFileSync('src/cli/main.ts', 'utf8');
mkdirSync(out + '/cli', { recursive: true });
writeFileSync(out + '/cli/main.js', text);
if (text.includes('mistake')) {
  console.log('main.ts(1,1): error');
  process.exit(1);
}
`;

const RUNNER = `
console.log(JSON.stringify({ args: process.argv.slice(2), nodeEnv: process.env.NODE_ENV ?? null }));
process.exit(3);
`;

export function makeCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'farb-setup-'));
  for (const folder of ['scripts', 'bin']) {
    cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  }
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const head = { name: 'checkout', version: '1.0.0' };
  const devDependencies = { typescript: 'file:fake/typescript', vitest: 'file:fake/vitest' };
  const link = (path: string) => ({ resolved: path, link: true });
  const files: Readonly<Record<string, unknown>> = {
    'package.json': { ...head, type: 'module', scripts, devDependencies },
    'package-lock.json': {
      ...head,
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { ...head, devDependencies },
        'fake/typescript': { version: '1.0.0', dev: true },
        'fake/vitest': { version: '1.0.0', dev: true },
        'node_modules/typescript': link('fake/typescript'),
        'node_modules/vitest': link('fake/vitest'),
      },
    },
    'fake/typescript/package.json': { name: 'typescript', version: '1.0.0', type: 'module' },
    'fake/typescript/bin/tsc': COMPILER,
    'fake/vitest/package.json': { name: 'vitest', version: '1.0.0' },
    'fake/vitest/vitest.mjs': RUNNER,
    'tsconfig.json': {},
    'tsconfig.build.json': {},
    'src/cli/main.ts': MAIN,
  };
  for (const [path, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    writeIn(root, path, text);
  }
  return root;
}

export function writeIn(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export function removeCheckout(root: string): void {
  rmSync(root, { recursive: true, force: true });
}

export type Ended = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout contains the text. */
  readonly printed: (text: string) => Promise<void>;
  /** Resolves when stderr contains the text. */
  readonly said: (text: string) => Promise<void>;
};

export type StartOptions = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
};

const started = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function stopAll(): void {
  for (const child of started) child.kill('SIGTERM');
}

/** Starts a process that sees nothing of the test runner's or npm's own variables. */
export function start(command: string, args: readonly string[], options: StartOptions): Running {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|vitest)/i.test(name));
  const env = { ...Object.fromEntries(inherited), NODE_ENV: undefined, ...options.env };
  const child = spawn(command, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      started.delete(child);
      resolve({ code, ...output });
    });
  });
  const until = (stream: 'stdout' | 'stderr') => (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output[stream].includes(text) && resolve();
      child[stream].on('data', look);
      ended.then(() => reject(new Error(`ended without "${text}": ${output.stderr}`)), reject);
      look();
    });
  return { child, ended, printed: until('stdout'), said: until('stderr') };
}
