// A running system under the commands that talk to it: status, halt, resume, flatten, the second
// instance, the orderly stop; and what its journal says afterwards.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, SystemStatus } from '../../src/api/contract.ts';
import { farb, makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

const dirs = makeDirs();
const state = dirs.fresh('state');
// Few symbols: four boots within a minute must fit into Binance's request weights.
const symbols = ['exchanges.yaml', 'BTC, ETH, SOL, XRP, DOGE, ADA, AVAX', 'AVAX'] as const;
const config = dirs.config([symbols]);
const testnetFile = join(dirs.fresh('testnet'), 'testnet.json');
const startArgs = ['--config', config, '--testnet', testnetFile, '--state', state, '--json'];
let testnet: RunningFarb;
let system: RunningFarb;
let apiUrl = '';
let metricsUrl = '';

async function statusNow(): Promise<SystemStatus> {
  const ran = await farb(['status', '--state', state, '--json']);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ran.stdout) as SystemStatus;
}

/** Polls the API: what is waited for is a state, not a time. */
async function untilStatus(test: (status: SystemStatus) => boolean): Promise<SystemStatus> {
  for (;;) {
    const status = (await (await fetch(`${apiUrl}/api/status`)).json()) as SystemStatus;
    if (test(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

beforeAll(async () => {
  testnet = startFarb(['testnet', '--json', '--speed', '720', '--seed', '7']);
  writeFileSync(testnetFile, `${await testnet.line(/"venues"/)}\n`);
  system = startFarb(['start', ...startArgs]);
  const line = await system.line(/^API /);
  apiUrl = /(http:\S+)\/api\/status/.exec(line)?.[1] ?? '';
  metricsUrl = /(http:\S+)\/metrics/.exec(line)?.[1] ?? '';
});

afterAll(async () => {
  system.child.kill('SIGKILL');
  testnet.child.kill('SIGTERM');
  await testnet.done;
  dirs.remove();
});

describe('a running system', () => {
  it('becomes ready on all venues, and says so over HTTP', async () => {
    const status = await untilStatus(({ health }) => health.ready);
    expect(status.venues.map(({ venue }) => venue)).toEqual(['binance', 'okx', 'bybit']);
    expect((await fetch(`${apiUrl}/health/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
    expect(metrics).toContain('farb_ready 1');
    expect(metrics).toContain('farb_venue_up{venue="okx",channel="private"} 1');
  });

  it('refuses a second one on its state directory', async () => {
    const ran = await farb(['start', ...startArgs]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^farb: --state .*: another farb runs on this directory\..*\n$/);
  });

  it('opens a pair, and flatten closes it', async () => {
    await untilStatus(({ pairs }) => pairs.some(({ phase }) => phase === 'open'));
    const ran = await farb(['flatten', '--state', state, '--json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ running: true, open: 0 });
  });

  it('is halted and resumed from another process', async () => {
    const halted = await farb(['halt', '--state', state, '--json']);
    expect(JSON.parse(halted.stdout)).toMatchObject({ halted: true, running: true });
    expect((await statusNow()).risk.mode).toBe('halted');
    const resumed = await farb(['resume', '--state', state]);
    expect(resumed.code).toBe(0);
    expect((await statusNow()).risk.mode).toBe('running');
  });

  it('is told that what restricts a venue is known; here nothing does', async () => {
    const ran = await farb(['acknowledge', '--state', state, '--json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ acknowledged: [] });
  });

  it('halts and flattens at once', async () => {
    const ran = await farb(['halt', '--flatten', '--state', state]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('halted and flat');
  });

  it('ends in order when interrupted: 130, and a summary that matches the venues', async () => {
    system.child.kill('SIGINT');
    const ran = await system.done;
    expect(ran.code).toBe(130);
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
    expect(summary.ledgerResidual).toBe('0');
    expect(summary.pairs.opened).toBeGreaterThan(0);
    expect(summary.pairs.open).toBe(0);
    const replayed = await farb(['replay', summary.journal, '--json', '--config', config]);
    expect(replayed.code).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      stateHash: summary.stateHash,
      runId: summary.runId,
      tornBytes: 0,
      // The same configuration decides the same.
      diff: { differing: 0, differences: [] },
    });
    const strict = dirs.config([
      symbols,
      ['strategies.yaml', 'netEdgeMin: 0.001', 'netEdgeMin: 0.9'],
    ]);
    const other = await farb(['replay', summary.journal, '--json', '--config', strict]);
    const { diff } = JSON.parse(other.stdout) as {
      diff: { differing: number; differences: { recorded: string[]; other: string[] }[] };
    };
    expect(diff.differing).toBeGreaterThan(0);
    const first = diff.differences[0];
    expect(first?.recorded[0]).toMatch(/^open perp-perp /);
    expect(first?.other).toEqual([]);
  });

  it('a halt outlives the process: the next start opens nothing until resumed', async () => {
    const again = startFarb(['start', ...startArgs]);
    try {
      apiUrl = /(http:\S+)\/api\/status/.exec(await again.line(/^API /))?.[1] ?? '';
      const status = await untilStatus(({ venues }) => venues.every((v) => v.reconciled));
      expect(status.risk.mode).toBe('halted');
      const resumed = await farb(['resume', '--state', state]);
      expect(resumed.code).toBe(0);
      await untilStatus(({ pairs }) => pairs.some(({ phase }) => phase === 'open'));
    } finally {
      again.child.kill('SIGKILL'); // the pair stays open at the venues
      await again.done;
    }
  });

  it('halt --flatten with the system down closes what is open at the venues', async () => {
    const args = ['--state', state, '--config', config, '--testnet', testnetFile, '--json'];
    const ran = await farb(['halt', '--flatten', ...args]);
    expect(ran.code, ran.stderr).toBe(0);
    const result = JSON.parse(ran.stdout) as { open: number; summary: RunSummary };
    expect(result.open).toBe(0);
    expect(result.summary.reconcile.positions).toBe('match');
  });
});

describe('looking at the local exchanges', () => {
  it('doctor finds nothing wrong', async () => {
    const args = ['--testnet', testnetFile, '--config', config, '--state', dirs.fresh('state')];
    const ran = await farb(['doctor', ...args, '--json']);
    const { ok, checks } = JSON.parse(ran.stdout) as { ok: boolean; checks: { status: string }[] };
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect({ ok, code: ran.code }).toEqual({ ok: true, code: 0 });
  });

  it('scan ranks by net return on capital', async () => {
    const args = ['scan', '--testnet', testnetFile, '--config', config, '--top', '5', '--json'];
    const ran = await farb(args);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const { opportunities } = JSON.parse(ran.stdout) as {
      opportunities: { netOnCapital: number }[];
    };
    const ranked = opportunities.map(({ netOnCapital }) => netOnCapital);
    expect(ranked).toHaveLength(5);
    expect(ranked).toEqual([...ranked].sort((a, b) => b - a));
  });
});
