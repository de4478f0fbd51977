import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  heartbeatPathOf,
  openStateDir,
  type StateDir,
  StateDirHeld,
  writeDurably,
} from '../store/state-dir.ts';
import { readBeat, startHeartbeat } from './heartbeat.ts';

let path = '';
let held: StateDir | null = null;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'farb-heartbeat-'));
});
afterEach(async () => {
  await held?.release();
  held = null;
  rmSync(path, { recursive: true, force: true });
});

async function taken(): Promise<StateDir> {
  held = await openStateDir(path);
  return held;
}

describe('the heartbeat', () => {
  it('beats from the first moment on, goes on by itself, and says how it ended', async () => {
    const heartbeat = startHeartbeat(await taken());
    const first = readBeat(path);
    expect(first).toMatchObject({ status: 'running', pid: process.pid, epoch: 1 });
    while (JSON.stringify(readBeat(path)) === JSON.stringify(first)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    heartbeat.started();
    heartbeat.stopped(2);
    expect(readBeat(path)).toMatchObject({ status: 'stopped', pairsOpen: 2 });
  });

  it('a failure of a system that ran leaves the last beat: silence', async () => {
    const heartbeat = startHeartbeat(await taken());
    heartbeat.started();
    heartbeat.failed();
    expect(readBeat(path)).toMatchObject({ status: 'running' });
  });

  it('a start that failed before it traded changes nothing of what was known', async () => {
    const stateDir = await taken();
    startHeartbeat(stateDir).failed();
    expect(readBeat(path)).toBe('none');
    startHeartbeat(stateDir).stopped(0);
    startHeartbeat(stateDir).failed();
    expect(readBeat(path)).toMatchObject({ status: 'stopped', pairsOpen: 0 });
  });

  it('what cannot be read is not taken for "never ran"', () => {
    expect(readBeat(path)).toBe('none');
    writeFileSync(heartbeatPathOf(path), '');
    expect(readBeat(path)).toBe('unreadable');
  });
});

describe('the lease', () => {
  it('is held by one: the second is told so in a way that can be told apart', async () => {
    await taken();
    await expect(openStateDir(path)).rejects.toBeInstanceOf(StateDirHeld);
  });

  it('is fenced: a later boot on the directory ends the earlier one', async () => {
    const { installation } = await taken();
    const heartbeat = startHeartbeat(held as StateDir);
    heartbeat.started();
    // As a boot does that does not see this lock (another network namespace).
    const identity = join(path, 'identity.json');
    expect(existsSync(identity)).toBe(true);
    writeDurably(identity, JSON.stringify({ installation, epoch: 2 }));
    await expect(heartbeat.lost).rejects.toThrow('boot 2 took it over while boot 1 ran');
    heartbeat.failed();
  });
});
