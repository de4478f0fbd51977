// Runs the real command in a process of its own, for the end-to-end tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What bin/farb.mjs runs once the checkout is built; `npm test` has built it. */
const main = join(root, 'dist', 'cli', 'main.js');
/** A command that hangs is a failed test, told with what it said. */
const commandMsMax = 120_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FarbOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Leads a process group of its own, as a command at a terminal does. */
  readonly ownGroup?: true;
  /** Instead of `commandMsMax`, for what is meant to run long. */
  readonly msMax?: number;
}

export interface RunningFarb {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
  /** Resolves with the first line of stdout or stderr that matches; rejects when it ends before. */
  line(pattern: RegExp): Promise<string>;
}

export function farb(args: readonly string[], options: FarbOptions = {}): Promise<Ran> {
  const running = startFarb(args, options);
  running.child.stdin?.end(options.input ?? '');
  return running.done;
}

export function startFarb(args: readonly string[], options: FarbOptions = {}): RunningFarb {
  const { NO_COLOR: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    env: { ...inherited, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.ownGroup === true,
  });
  child.stdin.on('error', () => undefined); // it may end without reading
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const told = (): void => {
    for (const watch of watchers) watch();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    told();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    told();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.msMax ?? commandMsMax);
  const done = new Promise<Ran>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
  return {
    child,
    done,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = `${stdout}\n${stderr}`.split('\n').find((line) => pattern.test(line));
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        void done.then(({ code }) => {
          reject(new Error(`ended with ${code} before ${pattern}: ${stdout}\n${stderr}`));
        });
        look();
      }),
  };
}

/** Directories that are removed by `remove`. */
export function makeDirs() {
  const made: string[] = [];
  const fresh = (name: string): string => {
    const dir = mkdtempSync(join(tmpdir(), `farb-${name}-`));
    made.push(dir);
    return dir;
  };
  return {
    fresh,
    /** The shipped configuration on free ports, with texts of its files replaced. */
    config(changes: readonly (readonly [file: string, from: string, to: string])[] = []): string {
      const dir = fresh('config');
      cpSync(join(root, 'config'), dir, { recursive: true });
      const free = [
        ['main.yaml', 'port: 8000', 'port: 0'],
        ['main.yaml', 'metricsPort: 9090', 'metricsPort: 0'],
      ] as const;
      for (const [file, from, to] of [...free, ...changes]) {
        const path = join(dir, file);
        const text = readFileSync(path, 'utf8');
        if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
        writeFileSync(path, text.replace(from, to));
      }
      return dir;
    },
    remove(): void {
      for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
    },
  };
}
