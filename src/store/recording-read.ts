// Reads what `Recorder` wrote, frame by frame and in the order of receipt: one file, or a folder of
// rotated ones. Memory is bounded by one line. A file that a killed process left is read as far as
// it goes; a line that is no frame is counted and passed over.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, createGunzip } from 'node:zlib';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import type { RawFrame, RecordedRequest, RecordingHead } from '../domain/raw-frame.ts';
import { headLine } from './recording.ts';

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
  for (const file of filesOf(path)) {
    for await (const frame of readFile(file, notes)) if (!isHead(frame)) yield frame;
  }
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

const text = z.string();
const fields = z.object({
  receivedWallMs: z.number(),
  venue: text,
  stream: text,
  market: text.nullish(),
  frame: text.optional(),
  base64: text.optional(),
  lost: z.boolean().optional(),
  request: z
    .object({
      purpose: text,
      host: text,
      method: text,
      path: text,
      query: text,

      status: z.number(),
    })
    .optional(),
});

function frameOf(line: string): RawFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = fields.safeParse(value);
  if (!parsed.success) return null;
  const { frame, base64, market, lost, request, ...about } = parsed.data;
  const bytes = frame !== undefined ? Buffer.from(frame) : bytesOf(base64, lost);
  if (bytes === null) return null;
  return {
    ...about,
    market: market ?? null,
    bytes,
    ...(request === undefined ? {} : { request: request satisfies RecordedRequest }),
    ...(lost === true ? { lost } : {}),
  };
}

function bytesOf(base64: string | undefined, lost: boolean | undefined): Uint8Array | null {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return lost === true ? new Uint8Array(0) : null;
}

const headFields = z.object({
  venues: z.array(text),
  clock: z
    .object({ wallStartMs: z.number(), venueStartMs: z.number(), speed: z.number().positive() })
    .nullable(),
});

/**
 * The first line of a recording; null = it was made before there was one.
 * @throws UserError as `readRecording`, and for a recording without a frame
 */
export async function readHead(path: string): Promise<RecordingHead | null> {
  for (const file of filesOf(path)) {
    for await (const frame of readFile(file, { badLines: 0, truncated: null })) {
      if (!isHead(frame)) return null;
      try {
        return headFields.parse(JSON.parse(Buffer.from(frame.bytes).toString('utf8')));
      } catch (thrown) {
        throw new UserError(`${file}: its first line cannot be read (${messageOf(thrown)})`);
      }
    }
  }
  throw new UserError(`${path}: there is no frame in it`);
}

function isHead({ venue, stream }: RawFrame): boolean {
  return venue === headLine.venue && stream === headLine.stream;
}
