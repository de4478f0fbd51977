// One holder per directory, on this machine: a socket name that the kernel frees with the process,
// whatever kills it. So a lock is never stale and never left behind.
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Lock {
  release(): Promise<void>;
}

/** The lock of a directory, named by its real path; null while another process holds it. */
export async function takeLock(path: string): Promise<Lock | null> {
  const name = `farb-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
  const address =
    process.platform === 'linux'
      ? `\0${name}`
      : process.platform === 'win32'
        ? `\\\\.\\pipe\\${name}`
        : join(tmpdir(), `${name}.sock`);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(address, () =>
      resolve({ release: () => new Promise<void>((done) => server.close(() => done())) }),
    );
  });
}
