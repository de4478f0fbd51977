// The files of a data directory, as bytes: plain or gzip, in chunks, so that memory does not grow
// with the size of a file.
import { createReadStream, type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
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

/** The bytes of a file, unpacked where it is gzip. A broken file is a UserError that names it. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  let stream: Readable = file;
  if (/\.gz$/i.test(path)) {
    const gunzip = createGunzip({ chunkSize: chunkBytes });
    file.on('error', (error) => gunzip.destroy(error));
    stream = file.pipe(gunzip);
  }
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    const why = `${path} cannot be read: ${messageOf(thrown)}; replace or remove the file`;
    throw new UserError(why, { exitCode: 1 });
  } finally {
    file.destroy();
  }
}
