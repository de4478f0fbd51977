// The frames of a journal segment: every piece of bytes that was not written exactly so is told
// from one that was. Nothing here knows what a record is.
//
// A segment is a header line of `headerBytes` readable bytes, then frames without a gap:
//   length u32 | CRC-32 of the body u32 | check of these two u32 | body            (little endian)
// An empty body tells the reader to forget the dictionary: whoever goes on in a segment does not
// know it. The head has a check of its own, because a length that was altered would point past the
// end and pass for a torn tail, and everything behind it would be lost in silence.
import { crc32 } from 'node:zlib';
import { UserError } from '../base/errors.ts';
import { crc32Of } from './crc32.ts';

/** Format of segments: 1 = lines of text in one file (journal-format1.ts), 2 = this one. */
export const journalFormat = 2;
export const headerBytes = 64;
export const frameHeadBytes = 12;
/** A record longer than this is not one of ours. */
export const recordBytesMax = 16 * 1024 * 1024;

const headerPattern = /^farb-journal format (\d{1,4}) first (\d{16}) crc ([0-9a-f]{8}) *\n$/;

export function segmentHeader(firstSeq: number): Buffer {
  const text = `farb-journal format ${journalFormat} first ${seqText(firstSeq)}`;
  const line = `${text} crc ${crc32(text).toString(16).padStart(8, '0')}`;
  return Buffer.from(`${line.padEnd(headerBytes - 1)}\n`, 'latin1');
}

/** Sequence numbers in names and headers: as wide as the largest. */
export function seqText(seq: number): string {
  return String(seq).padStart(16, '0');
}

/** Null = these bytes are no header of any format since 2. */
export function parseHeader(bytes: Buffer): { format: number; firstSeq: number } | null {
  const match = headerPattern.exec(bytes.toString('latin1', 0, headerBytes));
  if (match === null) return null;
  const [line, format = '', firstSeq = '', crc = ''] = match;
  const text = line.slice(0, line.indexOf(' crc '));
  if (Number.parseInt(crc, 16) !== crc32(text)) return null;
  return { format: Number(format), firstSeq: Number(firstSeq) };
}

/** Completes the frame whose head has room at `start` and whose body ends at `end`. */
export function sealFrame(bytes: Uint8Array, start: number, end: number): void {
  const length = end - start - frameHeadBytes;
  const crc = crc32Of(bytes, start + frameHeadBytes, end);
  putUint32(bytes, start, length);
  putUint32(bytes, start + 4, crc);
  putUint32(bytes, start + 8, headCheck(length, crc));
}

export interface FramesEnd {
  /** Records: the frames with a body. */
  readonly frames: number;
  /** Everything before this byte is whole. */
  readonly wholeBytes: number;
  /** Bytes of a torn last frame behind it; 0 = nothing, or only the zeros of unused space. */
  readonly tornBytes: number;
}

/**
 * Calls `onBody` for every frame from the header to the end. A last frame that is cut short, or
 * whose body was never written, is torn: reported. Anything else is corruption: UserError with the
 * position.
 */
export function scanFrames(
  segment: { readonly path: string; readonly bytes: Buffer },
  onBody: (from: number, to: number) => void,
): FramesEnd {
  const { path, bytes } = segment;
  const size = bytes.length;
  let at = headerBytes;
  let frames = 0;
  while (at < size) {
    const wholeBytes = at;
    if (size - at < frameHeadBytes) {
      return { frames, wholeBytes, tornBytes: tornBytes(bytes, at) };
    }
    const length = uint32At(bytes, at);
    const crc = uint32At(bytes, at + 4);
    if (uint32At(bytes, at + 8) !== headCheck(length, crc) || length > recordBytesMax) {
      if (isZero(bytes, at)) return { frames, wholeBytes, tornBytes: 0 };
      throw corrupted(path, at, 'the head of a record does not match its check');
    }
    const from = at + frameHeadBytes;
    const to = from + length;
    if (to > size) return { frames, wholeBytes, tornBytes: size - at };
    if (crc32Of(bytes, from, to) !== crc) {
      // The last write of a process or machine that died; before any other record it is damage.
      if (isZero(bytes, to)) return { frames, wholeBytes, tornBytes: to - at };
      throw corrupted(path, at, 'a record with others behind it does not match its checksum');
    }
    onBody(from, to);
    if (length > 0) frames++;
    at = to;
  }
  return { frames, wholeBytes: at, tornBytes: 0 };
}

export function corrupted(path: string, at: number, what: string): UserError {
  return new UserError(
    `${path}: the journal is corrupted at byte ${at}: ${what}. ` +
      'Nothing may be traded on it: restore the file, or close what is open with ' +
      '"farb halt --flatten" and start a new --state directory.',
    { exitCode: 1 },
  );
}

/** Mixes both numbers so that a change of either, or of the check, shows. */
function headCheck(length: number, crc: number): number {
  let mixed = Math.imul(length ^ 0x66617262, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ crc, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae3d);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Little endian; the caller knows that four bytes are there. */
function uint32At(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  return (low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0;
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 255;
  bytes[at + 1] = (value >>> 8) & 255;
  bytes[at + 2] = (value >>> 16) & 255;
  bytes[at + 3] = value >>> 24;
}

function tornBytes(bytes: Buffer, at: number): number {
  return isZero(bytes, at) ? 0 : bytes.length - at;
}

function isZero(bytes: Buffer, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
