// A disk that fills up under a running system with a pair open, made real by a small file system of
// its own: nothing is opened any more, everything is closed, the books match, and the journal has
// it all.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, SystemStatus } from '../../src/api/contract.ts';
import type { JournalRecord } from '../../src/domain/event.ts';
import { readJournal } from '../../src/store/journal.ts';
import { farb, makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

/** The emergency segment's 8 MB, and some room for the journal before and after it. */
const sizeMb = 40;

const dirs = makeDirs();
const disk = dirs.fresh('disk');
const isMounted = mountAt(disk);
const state = join(disk, 'state');
const filler = join(disk, 'filler');
const symbols = ['exchanges.yaml', 'BTC, ETH, SOL, XRP, DOGE, ADA, AVAX', 'AVAX'] as const;
const config = dirs.config([symbols]);
const testnetFile = join(dirs.fresh('testnet'), 'testnet.json');
const args = ['--config', config, '--testnet', testnetFile, '--state', state, '--json'];
let testnet: RunningFarb;

function mountAt(path: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', path];
    execFileSync('mount', options, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Writes until nothing more fits. */
function fill(): void {
  const fd = openSync(filler, 'w');
  try {
    for (let bytes = 1 << 20; bytes >= 1; ) {
      try {
        writeSync(fd, Buffer.alloc(bytes, 1));
      } catch {
        bytes >>= 1;
      }
    }
  } finally {
    closeSync(fd);
  }
}

async function start() {
  const system = startFarb(['start', ...args]);
  const url = /(http:\S+)\/api\/status/.exec(await system.line(/^API /))?.[1] ?? '';
  return { system, until: (test: Test) => untilStatus(url, test) };
}

type Test = (status: SystemStatus) => boolean;

async function untilStatus(url: string, test: Test): Promise<SystemStatus> {
  for (;;) {
    const status = (await (await fetch(`${url}/api/status`)).json()) as SystemStatus;
    if (test(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

beforeAll(async () => {
  if (!isMounted) return;
  mkdirSync(state);
  testnet = startFarb(['testnet', '--json', '--speed', '720', '--seed', '7']);
  writeFileSync(testnetFile, `${await testnet.line(/"venues"/)}\n`);
});

afterAll(async () => {
  if (isMounted) {
    testnet.child.kill('SIGTERM');
    await testnet.done;
    execFileSync('umount', [disk]);
  }
  dirs.remove();
});

function isDown({ health }: SystemStatus): boolean {
  return health.reasons.includes('store journal is down');
}

describe('a disk that is full', () => {
  it('closes what is open, opens nothing, and keeps every record', async (ctx) => {
    if (!isMounted) ctx.skip('needs the right to mount a small file system');
    const { system, until } = await start();
    await until(({ pairs }) => pairs.some(({ phase }) => phase === 'open'));
    fill();
    const down = await until(isDown);
    expect(down.alerts.map(({ code }) => code)).toContain('journal-down');
    expect(down.pairCounts.open).toBeGreaterThan(0);
    system.child.kill('SIGINT');
    const ran = await system.done;
    expect(ran.code, ran.stderr).toBe(130);
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
    expect([summary.pairs.open, summary.ledgerResidual]).toEqual([0, '0']);

    const records: JournalRecord[] = [];
    const { tornBytes, end } = readJournal(join(state, 'journal'), (record) =>
      records.push(record),
    );
    expect(tornBytes).toBe(0);
    const downSeq = records.find(isStoreDown)?.seq ?? Number.NaN;
    expect(end.emergency?.firstSeq).toBeLessThanOrEqual(downSeq);
    const after = records.filter(({ seq }) => seq > downSeq);
    expect(after.filter((record) => orderPurposeOf(record) === 'entry')).toEqual([]);
    expect(after.some((record) => orderPurposeOf(record) !== null)).toBe(true);
    const replayed = await farb(['replay', summary.journal, '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ stateHash: summary.stateHash });
  });

  it('is over once there is room: the next start opens again', async (ctx) => {
    if (!isMounted) ctx.skip('needs the right to mount a small file system');
    rmSync(filler);
    const { system, until } = await start();
    const opened = await until(({ pairs }) => pairs.some(({ phase }) => phase === 'open'));
    expect(isDown(opened)).toBe(false);
    system.child.kill('SIGINT');
    const summary = JSON.parse((await system.done).stdout) as RunSummary;
    expect(summary.reconcile.positions).toBe('match');
    const { end } = readJournal(join(state, 'journal'), () => {});
    expect(end.emergency).toBeNull();
  });
});

function isStoreDown(record: JournalRecord): boolean {
  return 'input' in record && record.input.kind === 'store-status' && !record.input.up;
}

function orderPurposeOf(record: JournalRecord): string | null {
  if (!('effect' in record) || record.effect.kind !== 'place-order') return null;
  return record.effect.order.purpose;
}
