import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openJournal } from '../store/journal.ts';
import { openStateDir, type StateDir } from '../store/state-dir.ts';
import { resumeOffline } from './control.ts';
import { putOffline } from './offline.ts';
import { recover } from './recover.ts';
import { healthOf } from './status.ts';

// A replayed history: its venues live in 2024.
const venueMs = Date.UTC(2024, 1, 28);
const wallMs = Date.now();
const clock = { wallMs: () => wallMs };
let dir = '';

/** A state directory whose journal ends in 2024. */
async function ended(): Promise<StateDir> {
  dir = mkdtempSync(join(tmpdir(), 'farb-offline-'));
  const stateDir = await openStateDir(dir);
  const { journalPath, installation } = stateDir;
  const { tail } = recover(journalPath);
  const journal = openJournal({ path: journalPath, tail, durability: 'disk', onError: () => {} });
  const boot = { runId: 'r', installation, epoch: 1, seed: null, configDigest: '' };
  journal.append({
    seq: 1,
    tsMs: venueMs,
    wallMs,
    input: { kind: 'booted', venues: ['binance'], ...boot },
    legs: [],
  });
  journal.close();
  return stateDir;
}

afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a word of the operator to a system that is down', () => {
  it('leaves venue time where the venues left it', async () => {
    const stateDir = await ended();
    putOffline({ stateDir, clock, command: 'halt', by: 'desk' });
    await stateDir.release();
    await resumeOffline(dir);
    const { state } = recover(stateDir.journalPath);
    expect(state).toMatchObject({ seq: 3, mode: 'running', tsMs: venueMs });
  });

  it('ends a flatten too, which alone stops every entry', async () => {
    const stateDir = await ended();
    const flattening = putOffline({ stateDir, clock, command: 'flatten', by: 'desk' });
    await stateDir.release();
    expect(healthOf(flattening).reasons[0]).toMatch(/^flattening: .*farb resume/);
    await resumeOffline(dir);
    expect(recover(stateDir.journalPath).state.flattening).toBe(false);
  });
});
