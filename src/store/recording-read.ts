// Reads what `Recorder` wrote, frame by frame and in the order of receipt: one file, or a folder of
// rotated ones. Memory is bounded by one line. A file that a killed process left is read as far as
// it goes; a line that is no frame is counted and passed over.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, createGunzip } from 'node:zlib';
import { messageOf, UserError } from '../base/errors.ts';
import type { RawFrame } from './recording.ts';

export interface ReadNotes {
  badLines: number;
  /** Why the end is missing; null = the file is whole. Of several files, the first such reason. */
  truncated: string | null;
}

/** Longer than any frame of a venue: what passes it is no line of ours. */
const lineBytesMax = 32 * 1_048_576;
const fileName = /^frames-.+\.jsonl\.gz(?:\.part)?$/;

/**
 * The frames of a file, or of every file of a folder in the order of their names, which is the
 * order of their times. `.part` is a file that is being written, or that a killed process left.
 * @throws UserError for a path that cannot be read, or a folder without a recording
 */
export async function* readRecording(path: string, notes: ReadNotes): AsyncGenerator<RawFrame> {
  for (const file of filesOf(path)) yield* readFile(file, notes);
}

function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => fileName.test(name));
    if (names.length > 0) return names.sort().map((name) => join(path, name));
  } catch (thrown) {
    throw new UserError(`${path}: cannot be read (${messageOf(thrown)})`);
  }
  throw new UserError(`${path}: no recording in it: farb record --out ${path} makes one`);
}

async function* readFile(path: string, notes: ReadNotes): AsyncGenerator<RawFrame> {
  const input = createReadStream(path);
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  input.on('error', (error) => {
    gunzip.destroy(new UserError(`${path}: cannot be read (${messageOf(error)})`));
  });
  input.pipe(gunzip);
  try {
    for await (const line of linesOf(gunzip, notes)) {
      const frame = frameOf(line);
      if (frame === null) notes.badLines++;
      else yield frame;
    }
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    notes.truncated ??= messageOf(thrown);
  } finally {
    input.destroy();
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>, notes: ReadNotes): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      held.push(chunk.subarray(start, end));
      heldBytes += end - start;
      start = end + 1;
      if (heldBytes > lineBytesMax) notes.badLines++;
      else if (heldBytes > 0) yield Buffer.concat(held).toString('utf8');
      held = [];
      heldBytes = 0;
    }
    heldBytes += chunk.length - start;
    if (heldBytes > lineBytesMax) held = [];
    else held.push(chunk.subarray(start));
  }
  if (heldBytes > lineBytesMax) notes.badLines++;
  else if (heldBytes > 0) yield Buffer.concat(held).toString('utf8');
}

function frameOf(line: string): RawFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>; // an object's fields
  const { receivedWallMs, venue, stream, market, frame, base64 } = fields;
  if (typeof receivedWallMs !== 'number' || typeof venue !== 'string') return null;
  if (typeof stream !== 'string') return null;
  const bytes =
    typeof frame === 'string'
      ? Buffer.from(frame)
      : typeof base64 === 'string'
        ? Buffer.from(base64, 'base64')
        : null;
  if (bytes === null) return null;
  return {
    receivedWallMs,
    venue,
    stream,
    market: typeof market === 'string' ? market : null,
    bytes,
  };
}
