// Raw frames of the venues on disk: one JSON line a frame in gzip files that are rotated by size
// and age. Putting a frame never waits: what does not fit the queue is dropped and counted.
import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createGzip, type Gzip } from 'node:zlib';
import { messageOf, UserError } from '../base/errors.ts';
import { isoUtc } from '../base/time.ts';
import type { RawFrame, RecordingHead } from '../domain/raw-frame.ts';

/** The venue and stream of the line that tells of the recording; first in every file. */
export const headLine = { venue: 'farb', stream: 'head' } as const;

export interface RecorderOptions {
  readonly dir: string;
  readonly head: RecordingHead;
  /** Uncompressed bytes and wall time after which the next file begins. */
  readonly fileBytesMax?: number;
  readonly fileMsMax?: number;
  /** Bytes that wait for the compressor; beyond it frames are dropped. */
  readonly queueBytesMax?: number;
  /** The disk failed: nothing more is recorded. Called once. */
  readonly onError: (error: Error) => void;
}

export interface RecorderStats {
  readonly frames: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly files: readonly string[];
}

const defaults = {
  fileBytesMax: 256 * 1_048_576,
  fileMsMax: 3_600_000,
  queueBytesMax: 32 * 1_048_576,
} as const;
/** A killed process loses what came since the last flush. */
const flushEveryMs = 1_000;
/** Best for text that comes by the ten thousand lines a second. */
const gzipLevel = 1;

interface OpenFile {
  readonly path: string;
  readonly gzip: Gzip;
  readonly openedWallMs: number;
  readonly closed: Promise<void>;
  bytes: number;
}

export class Recorder {
  private readonly options: Required<RecorderOptions>;
  private readonly text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private readonly flusher: NodeJS.Timeout;
  private readonly paths: string[] = [];
  private readonly closing = new Set<Promise<void>>();
  private file: OpenFile | null = null;
  private frames = 0;
  private bytes = 0;
  private dropped = 0;
  private failed = false;
  private ended = false;

  constructor(options: RecorderOptions) {
    this.options = { ...defaults, ...options };
    try {
      mkdirSync(options.dir, { recursive: true });
    } catch (thrown) {
      throw new UserError(`--out ${options.dir}: cannot be made (${messageOf(thrown)})`);
    }
    this.flusher = setInterval(() => this.file?.gzip.flush(), flushEveryMs);
    this.flusher.unref();
  }

  put(frame: RawFrame): void {
    if (this.failed || this.ended) {
      this.dropped++;
      return;
    }
    const { fileBytesMax, fileMsMax, queueBytesMax } = this.options;
    let { file } = this;
    if (
      file !== null &&
      (file.bytes >= fileBytesMax || frame.receivedWallMs - file.openedWallMs >= fileMsMax)
    ) {
      this.endFile(file);
      file = null;
    }
    file ??= this.openFile(frame.receivedWallMs);
    if (file.gzip.writableLength + frame.bytes.length > queueBytesMax) {
      this.dropped++;
      return;
    }
    const line = this.lineOf(frame);
    file.gzip.write(line);
    file.bytes += line.length;
    this.frames++;
    this.bytes += frame.bytes.length;
  }

  stats(): RecorderStats {
    const { frames, bytes, dropped } = this;
    return { frames, bytes, dropped, files: [...this.paths] };
  }

  /** Resolves when every file is whole on disk. */
  async close(): Promise<void> {
    this.ended = true;
    clearInterval(this.flusher);
    if (this.file !== null) this.endFile(this.file);
    await Promise.all(this.closing);
  }

  private openFile(wallMs: number): OpenFile {
    const time = isoUtc(wallMs).replaceAll(/[-:.]/g, '');
    const name = `frames-${time}-${String(this.paths.length + 1).padStart(4, '0')}.jsonl.gz`;
    const path = join(this.options.dir, name);
    // Whole files alone carry the final name.
    const part = `${path}.part`;
    const gzip = createGzip({ level: gzipLevel });
    const output = createWriteStream(part, { flags: 'wx' });
    const closed = new Promise<void>((resolve) => {
      const fail = (error: Error): void => {
        if (!this.failed) this.options.onError(error);
        this.failed = true;
        gzip.destroy();
        resolve();
      };
      gzip.on('error', fail);
      output.on('error', fail);
      output.on('close', () => {
        if (!this.failed) renameSync(part, path);
        resolve();
      });
    });
    gzip.pipe(output);
    this.paths.push(path);
    const bytes = Buffer.from(JSON.stringify(this.options.head));
    gzip.write(this.lineOf({ receivedWallMs: wallMs, ...headLine, market: null, bytes }));
    this.file = { path, gzip, openedWallMs: wallMs, closed, bytes: 0 };
    return this.file;
  }

  private endFile({ gzip, closed }: OpenFile): void {
    this.file = null;
    this.closing.add(closed);
    void closed.then(() => this.closing.delete(closed));
    gzip.end();
  }

  private lineOf({ bytes, ...about }: RawFrame): string {
    if (about.lost === true) return `${JSON.stringify(about)}\n`;
    try {
      return `${JSON.stringify({ ...about, frame: this.text.decode(bytes) })}\n`;
    } catch {
      return `${JSON.stringify({ ...about, base64: Buffer.from(bytes).toString('base64') })}\n`;
    }
  }
}
