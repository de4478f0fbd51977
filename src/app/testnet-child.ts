// The testnet as a process of its own, started for a demo: it dies with us, because its stdin
// closes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.ts';
import { parseTestnet, type TestnetFile } from './testnet-file.ts';

/**
 * A testnet that has not said its line by then never will (a recorded market reads its files
 * first).
 */
const readyMsMax = 60_000;
const stopMsMax = 3_000;
/** Last lines of its stderr, kept for the message when it dies. */
const linesKeptMax = 10;

export interface TestnetChild {
  readonly file: TestnetFile;
  /** The line as it was printed. */
  readonly line: string;
  /** Rejects when the process ends before `stop`. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Starts `farb testnet --json` with these arguments; the UserError of the child becomes ours. */
export async function startTestnetChild(args: readonly string[]): Promise<TestnetChild> {
  const main = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../cli/main.ts' : '../cli/main.js', import.meta.url),
  );
  const child = spawn(
    process.execPath,
    [...process.execArgv, main, 'testnet', '--json', '--exit-with-parent', ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stdin.on('error', () => undefined); // it may be gone before we close it
  const lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter((line) => line !== ''));
    lines.splice(0, lines.length - linesKeptMax);
  });
  let stopping = false;
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const failed = closed.then(async (code): Promise<never> => {
    if (stopping) await new Promise(() => undefined); // nobody waits any more
    const said = lines.find((line) => line.startsWith('farb: '))?.slice('farb: '.length);
    throw new UserError(said ?? `the testnet process ended with code ${code}: ${lines.join(' ')}`, {
      exitCode: code === 2 ? 2 : 1,
    });
  });
  failed.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping = true;
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    await closed;
    clearTimeout(timer);
  };
  const line = await Promise.race([firstLine(child.stdout), failed, tooLate()]).catch(
    async (thrown: unknown) => {
      await stop();
      throw thrown;
    },
  );
  return { file: parseTestnet(line, 'the testnet process'), line, failed, stop };
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const take = (chunk: Buffer | string): void => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0) return;
      stream.off('data', take);
      stream.resume();
      resolve(text.slice(0, end));
    };
    stream.on('data', take);
  });
}

async function tooLate(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, readyMsMax).unref());
  throw new UserError(`the testnet process was not ready after ${readyMsMax / 1_000} s`, {
    exitCode: 1,
  });
}
