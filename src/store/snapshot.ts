// A state as it was after one record, in a file of its own: so that a boot folds only what came
// after. It is never the truth: the journal is. A file that does not verify is passed over, not
// repaired.
//
// Line of JSON (what it is, seq, state hash, which code, bytes and CRC-32 of the body), then the
// body: one piece of the binary codec.
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../base/errors.ts';
import { BinaryDecoder, BinaryDictionary } from '../domain/codec-decoder.ts';
import { BinaryEncoder } from '../domain/codec-encoder.ts';
import { syncDir } from './journal-emergency.ts';
import { seqText } from './journal-frame.ts';

/** Snapshots kept: the newest, and the one before in case that it does not verify. */
export const snapshotsKept = 2;
const format = 1;
const newline = 10;
const namePattern = /^snapshot-(\d{16})\.farb$/;

export interface SnapshotFile {
  readonly path: string;
  readonly seq: number;
}

export interface Snapshot {
  readonly seq: number;
  readonly stateHash: string;
  /** Names the code that folded it: another one may fold differently, or keep other fields. */
  readonly code: string;
  readonly state: unknown;
}

/** Newest first. */
export function listSnapshots(dir: string): readonly SnapshotFile[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .flatMap((name) => {
      const match = namePattern.exec(name);
      return match === null ? [] : [{ path: join(dir, name), seq: Number(match[1]) }];
    })
    .sort((a, b) => b.seq - a.seq);
}

/** Beside its place, synced, then renamed: a crash leaves none or a whole one. */
export function writeSnapshot(dir: string, snapshot: Snapshot): SnapshotFile {
  const encoder = new BinaryEncoder(1 << 20);
  encoder.piece(() => encoder.value(snapshot.state));
  const body = encoder.bytes.subarray(0, encoder.at);
  const { seq, stateHash, code } = snapshot;
  const header = { farb: 'snapshot', format, seq, stateHash, code, bytes: body.length };
  const head = Buffer.from(`${JSON.stringify({ ...header, crc: crc32(body) })}\n`);
  const path = join(dir, `snapshot-${seqText(seq)}.farb`);
  const temporary = `${path}.new`;
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      for (const bytes of [head, body]) {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  syncDir(dir);
  return { path, seq };
}

/** The snapshot, or why it is not to be used. Whoever knows the state's hash compares it. */
export function readSnapshot(file: SnapshotFile): Snapshot | { readonly bad: string } {
  try {
    const bytes = readFileSync(file.path);
    const end = bytes.indexOf(newline);
    const header: unknown = JSON.parse(bytes.toString('utf8', 0, Math.max(end, 0)));
    if (!isHeader(header)) return { bad: 'it is no snapshot of this format' };
    const body = bytes.subarray(end + 1);
    if (header.seq !== file.seq) return { bad: `it says record ${header.seq}` };
    if (body.length !== header.bytes || crc32(body) !== header.crc) {
      return { bad: 'it does not match its checksum' };
    }
    const decoder = new BinaryDecoder(body, new BinaryDictionary());
    decoder.openPiece(0, body.length);
    const { seq, stateHash, code } = header;
    return { seq, stateHash, code, state: decoder.value() };
  } catch (thrown) {
    return { bad: messageOf(thrown) };
  }
}

/** Removes all but the newest. */
export function pruneSnapshots(dir: string): void {
  for (const { path } of listSnapshots(dir).slice(snapshotsKept)) rmSync(path, { force: true });
}

interface Header {
  readonly farb: 'snapshot';
  readonly format: number;
  readonly seq: number;
  readonly stateHash: string;
  readonly code: string;
  readonly bytes: number;
  readonly crc: number;
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false;
  // checked
  const { farb, format: said, seq, stateHash, code, bytes, crc } = value as Partial<Header>;
  const numbers = [said, seq, bytes, crc].every((item) => typeof item === 'number');
  const texts = typeof stateHash === 'string' && typeof code === 'string';
  return farb === 'snapshot' && said === format && numbers && texts;
}
