// A real PostgreSQL for one test file: a cluster of its own in a new directory, loopback only, on a
// free port. It refuses to run as root: there it runs as the user `postgres`, who comes with it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis-server.ts';

const debian = '/usr/lib/postgresql';
const bin = binOf();
const owner = ownerOf();
export const hasPostgres = bin !== null && owner !== null;

/** For `ctx.skip(!hasPostgres, noPostgres)`. */
export const noPostgres = 'no PostgreSQL server: apt-get install postgresql';

export interface PostgresServer {
  /** Of the database `postgres`, for a user that may do everything. */
  readonly url: string;
  stop(): Promise<void>;
}

const readyMs = 30_000;

export async function startPostgres(): Promise<PostgresServer> {
  if (bin === null || owner === null) throw new Error(noPostgres);
  const dir = mkdtempSync(join(tmpdir(), 'farb-postgres-'));
  const { uid, gid } = owner;
  if (uid !== undefined && gid !== undefined) chownSync(dir, uid, gid);
  chmodSync(dir, 0o700);
  const data = join(dir, 'data');
  const run = { ...owner, cwd: dir };
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'farb', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...run, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}${made.stdout}`);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])];
  const child = spawn(join(bin, 'postgres'), args, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await ready(child);
  return {
    url: `postgres://farb:unused@127.0.0.1:${port}/postgres`,
    async stop() {
      child.kill('SIGINT'); // fast: connections are closed
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`postgres is not ready: ${said}`)), readyMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('ready to accept connections')) return;
      clearTimeout(late);
      resolve();
    });
    child.once('exit', () => reject(new Error(`postgres ended: ${said}`)));
    child.once('error', reject);
  });
}

/** Debian keeps the server's programs out of the path. */
function binOf(): string | null {
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : [];
  const places = versions.map((version) => join(debian, version, 'bin'));
  const inPath = (process.env['PATH'] ?? '').split(':');
  return [...places, ...inPath].find((place) => existsSync(join(place, 'initdb'))) ?? null;
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Who runs it: ourselves, or as root the user `postgres`; null = there is nobody. */
function ownerOf(): Owner | null {
  if (process.getuid?.() !== 0) return {};
  const id = (which: string): number =>
    Number(spawnSync('id', [which, 'postgres'], { encoding: 'utf8' }).stdout || Number.NaN);
  const [uid, gid] = [id('-u'), id('-g')];
  return Number.isNaN(uid) || Number.isNaN(gid) ? null : { uid, gid };
}
