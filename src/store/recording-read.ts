// Reads what `Recorder` wrote, frame by frame. A file that a killed process left is read as far as
// it goes; a line that is no frame is counted and passed over.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { constants, createGunzip } from 'node:zlib';
import { messageOf, UserError } from '../base/errors.ts';
import type { RawFrame } from './recording.ts';

export interface ReadNotes {
  badLines: number;
  /** Why the end is missing; null = the file is whole. */
  truncated: string | null;
}

export async function* readRecording(path: string, notes: ReadNotes): AsyncGenerator<RawFrame> {
  const input = createReadStream(path);
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  let unreadable: Error | null = null;
  input.on('error', (error) => {
    unreadable = error;
    gunzip.end();
  });
  gunzip.on('error', (error) => {
    notes.truncated = messageOf(error);
    lines.close();
  });
  const lines = createInterface({ input: gunzip, crlfDelay: Number.POSITIVE_INFINITY });
  input.pipe(gunzip);
  for await (const line of lines) {
    const frame = frameOf(line);
    if (frame === null) notes.badLines++;
    else yield frame;
  }
  if (unreadable !== null) {
    throw new UserError(`--recorded ${path}: cannot be read (${messageOf(unreadable)})`);
  }
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
