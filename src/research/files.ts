// The files of a data directory, as bytes: plain, gzip or inside a zip archive, in chunks, so that
// memory does not grow with the size of a file.
import { createReadStream, type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, UserError } from '../base/errors.ts';

/** Most files of one directory tree, and how deep it goes. */
export const filesMax = 100_000;
const depthMax = 8;
const chunkBytes = 1_048_576;

/** The file itself, or all files below a directory whose name passes, sorted by path. */
export function filesBelow(path: string, passes: (name: string) => boolean): readonly string[] {
  const found: string[] = [];
  try {
    if (statSync(path).isFile()) return [path];
    walk(path, 0);
  } catch (thrown) {
    throw new UserError(`${path}: ${messageOf(thrown)}; name a file or a directory of data`);
  }
  return found.sort();

  function walk(dir: string, depth: number): void {
    const entries: readonly Dirent[] = readdirSync(dir, { withFileTypes: true });
    for (const entry of entries) {
      const here = join(dir, entry.name);
      if (entry.isDirectory() && depth < depthMax) walk(here, depth + 1);
      else if (!entry.isDirectory() && passes(entry.name)) found.push(here);
      if (found.length > filesMax) throw new Error(`more than ${filesMax} files`);
    }
  }
}

export function isCsvName(name: string): boolean {
  return /\.csv(\.gz)?$/i.test(name);
}

/** What `farb data import` looks at in a directory. */
export function isDataName(name: string): boolean {
  return /\.(?:csv(?:\.gz)?|zip|feather|json(?:\.gz)?)$/i.test(name);
}

/** One file, or one file inside a zip archive. */
export interface Member {
  /** Without directories and without `.gz`. */
  readonly name: string;
  /** For people, and for what directories say: "spot/klines/x.zip/x.csv". */
  readonly path: string;
  /** Unpacked. A broken file is a UserError that names it. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a file holds: itself, or each file of a zip archive, one after the other. */
export async function* membersOf(path: string): AsyncGenerator<Member> {
  if (!/\.zip$/i.test(path)) {
    yield { name: basename(path).replace(/\.gz$/i, ''), path, bytes: bytesOf(path) };
    return;
  }
  const { openPromise } = await import('yauzl');
  const archive = await openPromise(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown);
  });
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const inside = `${path}/${entry.fileName}`;
      const bytes = chunksOf(inside, await archive.openReadStreamPromise(entry));
      yield { name: basename(entry.fileName), path: inside, bytes };
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  } finally {
    archive.close();
  }
}

/** The bytes of a file, unpacked where it is gzip. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  let stream: Readable = file;
  if (/\.gz$/i.test(path)) {
    const gunzip = createGunzip({ chunkSize: chunkBytes });
    file.on('error', (error) => gunzip.destroy(error));
    stream = file.pipe(gunzip);
  }
  try {
    yield* chunksOf(path, stream);
  } finally {
    file.destroy();
  }
}

async function* chunksOf(path: string, stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function unreadable(path: string, thrown: unknown): UserError {
  if (thrown instanceof UserError) return thrown;
  const why = `${path} cannot be read: ${messageOf(thrown)}; replace or remove the file`;
  return new UserError(why, { exitCode: 1 });
}
