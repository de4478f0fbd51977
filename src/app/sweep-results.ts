// The results file of a sweep: a header that says which sweep it is of, then one line per finished
// run, appended as it comes. A sweep that was killed goes on where the file ends; a line that was
// cut off is run again. A file of another sweep is refused, not mixed.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { SweepResult } from '../backtest/sweep-run.ts';
import { messageOf, UserError } from '../base/errors.ts';

const format = 1;

export interface SweepResults {
  readonly path: string;
  /** Finished runs by id, those of earlier starts included. */
  readonly done: ReadonlyMap<number, SweepResult>;
  add(result: SweepResult): void;
  /** Resolves when every run that was added is kept. */
  close(): Promise<void>;
}

export function openResults(path: string, digest: string): SweepResults {
  const done = new Map<number, SweepResult>();
  try {
    if (existsSync(path)) readLines(path, digest, done);
    else writeFileSync(path, `${JSON.stringify({ format, sweep: digest })}\n`);
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    throw new UserError(`--out ${path}: ${messageOf(thrown)}; choose a file that can be written`);
  }
  return {
    path,
    done,
    add(result) {
      done.set(result.id, result);
      appendFileSync(path, `${lineOf(result)}\n`);
    },
    close: () => Promise.resolve(),
  };
}

/** A cut last line is taken off the file. */
function readLines(path: string, digest: string, done: Map<number, SweepResult>): void {
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [header = '', ...lines] = whole.split('\n');
  const isOurs = headerDigest(header) === digest;
  if (!isOurs) {
    throw new UserError(
      `--out ${path}: holds the results of another sweep (other data, grid or settings); ` +
        'name another file, or remove it',
    );
  }
  if (whole.length < text.length) writeFileSync(path, whole);
  for (const line of lines) {
    if (line === '') continue;
    const result = resultOf(line);
    if (result === null) {
      throw new UserError(`--out ${path}: a line is damaged; remove the file to start anew`);
    }
    done.set(result.id, result);
  }
}

function headerDigest(header: string): string | null {
  try {
    const read = JSON.parse(header) as { format?: unknown; sweep?: unknown }; // checked below
    return read.format === format && typeof read.sweep === 'string' ? read.sweep : null;
  } catch {
    return null;
  }
}

function lineOf({ id, point, figures, daily }: SweepResult): string {
  const bytes = Buffer.from(daily.buffer, daily.byteOffset, daily.byteLength);
  return JSON.stringify({ id, point, figures, daily: bytes.toString('base64') });
}

/** Doubles as little-endian bytes in base64: exact, and a third of their decimal text. */
function resultOf(line: string): SweepResult | null {
  try {
    const read = JSON.parse(line) as SweepResult & { daily: string }; // what `lineOf` wrote
    const bytes = Buffer.from(read.daily, 'base64');
    const daily = new Float64Array(bytes.length / 8);
    Buffer.from(daily.buffer).set(bytes);
    return { ...read, daily };
  } catch {
    return null;
  }
}
