// The state directory of one running system: its lock, its durable installation id and boot epoch,
// its journal and its halt marker. A second system on the same directory is refused.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { takeLock } from './lock.ts';

export interface StateDir {
  readonly path: string;
  /** The directory of the journal's segments. */
  readonly journalPath: string;
  readonly installation: string;
  /** This boot's epoch: durable (synced) before `openStateDir` returns. */
  readonly epoch: number;
  /** Where a running system says how to reach it (`farb status`, `farb halt`). */
  readonly controlPath: string;
  /** A halt that outlives a boot. */
  readonly haltPath: string;
  /** `journalPath` is a new one beside the directory's own, which cannot be read. */
  readonly fromVenuesAlone?: boolean;
  release(): Promise<void>;
}

export function journalPathOf(dir: string): string {
  return join(dir, 'journal');
}
export function controlPathOf(dir: string): string {
  return join(dir, 'control.json');
}
export function haltPathOf(dir: string): string {
  return join(dir, 'halted');
}

/** The sign of life of a running system; see app/heartbeat.ts. */
export function heartbeatPathOf(dir: string): string {
  return join(dir, 'heartbeat.json');
}

/** Another process lives and holds the lock: it alone may send orders for this directory. */
export class StateDirHeld extends UserError {}

/** The epoch of the latest boot on this directory; null when nothing can be read. */
export function latestEpochOf(dir: string): number | null {
  const path = join(dir, 'identity.json');
  try {
    return existsSync(path) ? parseIdentity(path).epoch : null;
  } catch {
    return null;
  }
}

/** Takes the lock, then makes this boot's epoch durable. */
export async function openStateDir(dir: string): Promise<StateDir> {
  makeWritable(dir);
  const path = realpathSync(dir);
  const lock = await takeLock(path);
  if (lock === null) {
    throw new StateDirHeld(
      `--state ${path}: another farb runs on this directory. Stop it, or name another one.`,
    );
  }
  const identity = nextIdentity(join(path, 'identity.json'));
  return {
    path,
    journalPath: journalPathOf(path),
    controlPath: controlPathOf(path),
    haltPath: haltPathOf(path),
    ...identity,
    async release() {
      rmSync(controlPathOf(path), { force: true });
      await lock.release();
    },
  };
}

/** Writes a file so that a crash leaves the old or the new one, synced. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

function makeWritable(dir: string): void {
  try {
    makeDirs(resolve(dir));
    const probe = join(dir, '.probe');
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
  } catch (thrown) {
    throw new UserError(
      `--state ${dir}: cannot be written (${messageOf(thrown)}). Name a directory that you own.`,
    );
  }
}

/** One by one: Node's own recursive mkdir never returns below /proc. */
function makeDirs(dir: string): void {
  if (existsSync(dir)) return;
  makeDirs(dirname(dir));
  mkdirSync(dir);
}

interface Identity {
  readonly installation: string;
  readonly epoch: number;
}

function nextIdentity(path: string): Identity {
  const known = existsSync(path) ? parseIdentity(path) : null;
  const identity: Identity =
    known === null
      ? { installation: newInstallation(), epoch: 1 }
      : { installation: known.installation, epoch: known.epoch + 1 };
  writeDurably(path, `${JSON.stringify(identity)}\n`);
  return identity;
}

function parseIdentity(path: string): Identity {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Identity>; // checked below
    const { installation, epoch } = value;
    if (typeof installation === 'string' && typeof epoch === 'number') {
      return { installation, epoch };
    }
  } catch {
    // falls through to the one message
  }
  throw new UserError(
    `${path}: unreadable. Order ids depend on it: restore it or take a new --state directory.`,
  );
}

function newInstallation(): string {
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';
  return Array.from(randomBytes(6), (byte) => alphabet[byte % 36]).join('');
}
