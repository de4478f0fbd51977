// What a command writes and where: results on stdout, everything else on stderr.
import { once } from 'node:events';
import pino from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** One JSON document on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A note for the person at the terminal. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Structured log lines: to stderr, or to a file while a view owns the terminal. */
export function makeLog(level: LogLevel, file: string | null): pino.Logger {
  const destination = pino.destination({ dest: file ?? 2, sync: true, mkdir: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Aborts at the first SIGINT or SIGTERM; the second one exits at once. */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      note(`farb: ${name}: stopping in order; once more stops at once`);
      controller.abort();
    });
  }
  return controller.signal;
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

export const interruptedCode = 130;

/** What is known about the terminal. Colour and movement only where a person looks at one. */
export interface Terminal {
  /** stderr is a terminal that a view may own. */
  readonly live: boolean;
  readonly stderrColors: boolean;
  readonly stdoutColors: boolean;
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
}

export function terminal(): Terminal {
  const { stdout, stderr, env } = process;
  const mayColor = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return {
    live: stderr.isTTY === true && env['TERM'] !== 'dumb',
    stderrColors: mayColor && stderr.isTTY === true,
    stdoutColors: mayColor && stdout.isTTY === true,
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
    write: (text) => void stderr.write(text),
  };
}
