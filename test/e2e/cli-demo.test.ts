// The demo as a newcomer runs it, and what its journal says afterwards.
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/api/contract.ts';
import { farb, makeDirs, startFarb } from '../support/farb.ts';

const dirs = makeDirs();
afterAll(() => dirs.remove());

function expectGoodBooks(summary: RunSummary): void {
  expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
  expect(summary.ledgerResidual).toBe('0');
  const { pnl, budgets, nakedDeltaMsMax, attributionTolerance } = summary;
  expect(Math.abs(Number(pnl.residual))).toBeLessThanOrEqual(Number(attributionTolerance));
  expect(nakedDeltaMsMax).toBeLessThanOrEqual(budgets.nakedDeltaMs);
}

describe('farb demo', () => {
  it('opens and closes pairs, receives funding and accounts for every cent in 90 s', async () => {
    const state = dirs.fresh('demo');
    const ran = await farb(['demo', '--for', '90s', '--seed', '7', '--state', state, '--json']);
    expect(ran.code, ran.stderr).toBe(0);
    const summary = JSON.parse(ran.stdout) as RunSummary;
    expect(summary.venues).toEqual(['binance', 'okx', 'bybit']);
    expect(summary.pairs.closed - summary.pairs.closedAtEnd).toBeGreaterThanOrEqual(1);
    expect(summary.pairs.open).toBe(0);
    expect(summary.fundingPayments).toBeGreaterThanOrEqual(3);
    expectGoodBooks(summary);
    const replayed = await farb(['replay', summary.journal, '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ stateHash: summary.stateHash });
    const again = await farb(['demo', '--for', '5s', '--state', state]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('holds the books of an earlier run');
  });

  it('ends in order at Ctrl-C, for people, and leaves no process behind', async () => {
    const state = dirs.fresh('demo');
    const demo = startFarb(['demo', '--state', state], { ownGroup: true });
    const url = /(http:\S+)\/metrics/.exec(await demo.line(/^API /))?.[1] ?? '';
    let metrics = '';
    // A pair that is only being opened may come to nothing: its resting order is taken back.
    while (!/^farb_pairs_total\{event="opened"\} [1-9]/m.test(metrics)) {
      metrics = await (await fetch(`${url}/metrics`)).text();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // A terminal signals the whole group: the exchanges must stay until everything is closed.
    process.kill(-(demo.child.pid ?? 0), 'SIGINT');
    const ran = await demo.done;
    expect(ran.code, ran.stderr).toBe(130);
    expect(ran.stdout).toContain('profit by cause');
    expect(ran.stdout).toMatch(/^pairs +([1-9]\d*) opened, \1 closed/m);
    expect(ran.stdout).toMatch(/^ {2}positions +match$/m);
    expect(ran.stdout).not.toContain('\u001b'); // no terminal, no colours
    expect(existsSync(`${state}/control.json`)).toBe(false);
    const scan = await farb(['scan', '--testnet', `${state}/testnet.json`]);
    expect(scan.code).toBe(1); // the exchanges are gone with the demo
  });
});
