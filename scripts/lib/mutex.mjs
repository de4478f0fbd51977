// A lock between processes on one machine, as a directory. Must never let two live owners in, and
// never outlive its owner: a killed owner is recognised and its lock is broken.
//
// The directory is held exactly while it contains an owner file, whose name says who holds it.
// Taking it is one atomic rename of a prepared directory onto the lock's path, which the system
// refuses while the lock's directory is not empty. Releasing, and breaking a dead owner's lock, is
// one unlink of that owner's own file: a waiter that read a stale name can therefore never remove a
// newer owner's.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
const WAIT_MS_MAX = 20 * 60_000;
const OWNER_FILE = /^owner-(\d+)-(\d+)-[0-9a-f]+$/;

/**
 * @typedef {object} LockOptions
 * @property {(ownerPid: number) => void} [onWait] called once when another process is the owner
 * @property {number} [waitMsMax] how long to wait for a live owner before an error
 */

/**
 * Runs `work` while holding the lock; releases it on return, on a throw and on process exit.
 * @template T
 * @param {string} path directory that stands for the lock; its parent must exist
 * @param {() => Promise<T>} work
 * @param {LockOptions} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, options = {}) {
  const release = await acquire(path, options);
  process.on('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/**
 * @param {string} path
 * @param {LockOptions} options
 * @returns {Promise<() => void>} releases the lock; safe to call twice
 */
async function acquire(path, { onWait, waitMsMax = WAIT_MS_MAX }) {
  const owner = `owner-${process.pid}-${startTicks(process.pid)}-${randomBytes(6).toString('hex')}`;
  const prepared = `${path}.${owner}`;
  const deadlineMs = performance.now() + waitMsMax;
  fs.mkdirSync(prepared);
  fs.writeFileSync(join(prepared, owner), '');
  try {
    for (let told = false; !tryRename(prepared, path); ) {
      const holder = liveOwner(path);
      if (performance.now() > deadlineMs) {
        const who = holder === null ? 'a dead process' : `process ${holder}`;
        throw new Error(`${who} holds ${path} for too long: stop it or remove that directory`);
      }
      if (holder !== null && !told) onWait?.(holder);
      told ||= holder !== null;
      await sleep(holder === null ? 1 : POLL_MS);
    }
  } catch (error) {
    fs.rmSync(prepared, { recursive: true, force: true });
    throw error;
  }
  sweepKilledWaiters(path);
  return () => dropOwner(path, owner);
}

/** @param {string} path removes what waiters prepared that were killed before their turn came */
function sweepKilledWaiters(path) {
  const prefix = `${basename(path)}.`;
  for (const name of fs.readdirSync(dirname(path))) {
    const owner = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!OWNER_FILE.test(owner) || ownerIsRunning(owner)) continue;
    fs.rmSync(join(dirname(path), name), { recursive: true, force: true });
  }
}

/**
 * @param {string} prepared
 * @param {string} path
 * @returns {boolean} whether the lock is now ours
 */
function tryRename(prepared, path) {
  try {
    fs.renameSync(prepared, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // Windows answers EPERM (or EACCES) where other systems answer ENOTEMPTY (or EEXIST).
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    if ((code === 'EPERM' || code === 'EACCES') && ownerFiles(path).length > 0) return false;
    throw error;
  }
}

/**
 * The pid of the live owner, or null after breaking what dead owners left.
 * @param {string} path
 * @returns {number | null}
 */
function liveOwner(path) {
  for (const name of ownerFiles(path)) {
    if (ownerIsRunning(name)) return ownerPid(name);
    dropOwner(path, name);
  }
  return null;
}

/** @param {string} path @param {string} name */
function dropOwner(path, name) {
  try {
    fs.unlinkSync(join(path, name));
  } catch {} // another waiter broke it first
  try {
    fs.rmdirSync(path);
  } catch {} // already gone, or already somebody else's: rmdir refuses what is not empty
}

/** @param {string} path @returns {string[]} */
function ownerFiles(path) {
  try {
    return fs.readdirSync(path);
  } catch {
    return [];
  }
}

/** @param {string} owner name of an owner file @returns {number} */
const ownerPid = (owner) => Number(OWNER_FILE.exec(owner)?.[1]);

/** @param {string} owner name of an owner file @returns {boolean} */
function ownerIsRunning(owner) {
  const [, pid, ticks] = OWNER_FILE.exec(owner) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false; // EPERM: it runs, as another user
  }
  return startTicks(Number(pid)) === ticks;
}

/**
 * When a process began, in the kernel's ticks since boot: tells a process from a later one that got
 * the same pid. "0" where the system does not say (then the pid alone decides), "dead" for one that
 * only waits to be reaped.
 * @param {number} pid
 * @returns {string}
 */
function startTicks(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may contain anything; the third is the state,
    // the 22nd the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? '0');
  } catch {
    return '0';
  }
}

/** @param {unknown} error @returns {string | undefined} */
function errorCode(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}
