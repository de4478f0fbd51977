// Reads format 1: one file, one record a line, `<length, 8 hex> <crc, 8 hex> <JSON>\n`, its first
// line a header. Nothing writes it any more; a journal of that time becomes the first segment of
// its successor, as it stands.
import { crc32 } from 'node:zlib';
import { UserError } from '../base/errors.ts';
import { decode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';
import { corrupted, type FramesEnd, recordBytesMax } from './journal-frame.ts';

const headBytes = 18;
const newline = 10;
const headPattern = /^([0-9a-f]{8}) ([0-9a-f]{8}) $/;

/** Does the file begin as format 1 does, or as much of it as is there? */
export function isFormat1(bytes: Buffer): boolean {
  return /^[0-9a-f]{8} [0-9a-f]{8} \{"journal":/.test(bytes.toString('latin1', 0, 40));
}

/** The line that makes a farb of format 1 refuse a directory that has moved on. */
export function format1Pointer(format: number): string {
  const text = JSON.stringify({ journal: 'farb', format });
  return `${hex8(text.length)} ${hex8(crc32(text))} ${text}\n`;
}

/** The format that a file of this layout says it has; null = its first line is not whole. */
export function format1Says(bytes: Buffer): unknown {
  const end = bytes.indexOf(newline);
  if (end < 0) return null;
  const body = bodyAt(bytes, 0);
  if (body === 'torn' || body === null) return null;
  return (JSON.parse(body.text) as { format?: unknown }).format; // compared, not believed
}

export function readFormat1(
  { path, bytes }: { readonly path: string; readonly bytes: Buffer },
  onRecord: (record: JournalRecord) => void,
): FramesEnd {
  let at = 0;
  let frames = 0;
  for (let line = 0; at < bytes.length; line++) {
    const body = bodyAt(bytes, at);
    if (body === 'torn') return { frames, wholeBytes: at, tornBytes: bytes.length - at };
    if (body === null) throw corrupted(path, at, 'a line does not match its length and checksum');
    if (line === 0) checkHeader(path, body.text);
    else {
      onRecord(decode(body.text) as JournalRecord); // the codec's own output
      frames++;
    }
    at = body.endsAt;
  }
  return { frames, wholeBytes: at, tornBytes: 0 };
}

/** Null = damaged. Torn: no line follows, so only the end of this one can be missing. */
function bodyAt(
  bytes: Buffer,
  at: number,
): { readonly text: string; readonly endsAt: number } | 'torn' | null {
  const end = bytes.indexOf(newline, at);
  const isLast = end < 0 || end === bytes.length - 1;
  const match = headPattern.exec(bytes.toString('latin1', at, at + headBytes));
  if (match === null) return isLast && bytes.length - at < headBytes ? 'torn' : null;
  const length = Number.parseInt(match[1] as string, 16);
  const from = at + headBytes;
  const to = from + length;
  if (length > recordBytesMax) return null;
  if (to >= bytes.length) return isLast ? 'torn' : null;
  const body = bytes.subarray(from, to);
  const isWhole = bytes[to] === newline && crc32(body) === Number.parseInt(match[2] as string, 16);
  if (isWhole) return { text: body.toString('utf8'), endsAt: to + 1 };
  return isLast && end === to ? 'torn' : null;
}

function checkHeader(path: string, text: string): void {
  const header = JSON.parse(text) as { journal?: unknown; format?: unknown }; // shape is checked
  if (header.journal === 'farb' && header.format === 1) return;
  throw new UserError(
    `${path}: not a journal that this version reads (it says format ${String(header.format)}).`,
    { exitCode: 1 },
  );
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
