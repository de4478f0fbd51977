import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { status } from '../../test/support/status-fixture.ts';
import type { RunSummary } from '../api/contract.ts';
import { loadConfig } from './config.ts';
import { shippedConfigDir } from './config-places.ts';
import { complaintsOf, demo } from './demo.ts';
import { summaryText } from './terminal-summary.ts';

function summary(overrides: Partial<RunSummary> = {}): RunSummary {
  const { pnl, orders, latencyUs } = status();
  return {
    runId: 'abc123-1',
    seed: 7,
    wallMs: 74_000,
    venueMs: 53_000_000,
    venues: ['binance', 'okx', 'bybit'],
    journal: '/tmp/state/journal.farb',
    stateHash: 'aa',
    marketHash: 'bb',
    orders,
    pairs: { opened: 2, closed: 2, closedAtEnd: 1, open: 0, legBreaks: 0 },
    fundingPayments: 3,
    pnl,
    attributionTolerance: '0.05',
    slippage: '0.4',
    ledgerResidual: '0',
    bills: {
      ...{ feesChecked: 4, feesDiffering: 0, fundingChecked: 2, fundingDiffering: 0 },
      unchecked: 0,
    },
    equityStart: '120000',
    equityEnd: '120012.5',
    nakedDeltaMsMax: 35,
    nakedWhileDownMsMax: 0,
    budgets: { nakedDeltaMs: 8_000 },
    reconcile: { positions: 'match', balances: 'match', orders: 'match' },
    latencyUs,
    rssMbMax: 180,
    ...overrides,
  };
}

describe('the verdict on a run', () => {
  it('has nothing to say about a run that ended well', () => {
    expect(complaintsOf(summary())).toEqual([]);
  });

  it.each<[Partial<RunSummary>, string]>([
    [
      { reconcile: { positions: ['okx BTC 1 against 0'], balances: 'match', orders: 'match' } },
      'positions differ: okx BTC 1 against 0',
    ],
    [{ pairs: { ...summary().pairs, open: 2 } }, 'pairs still open: 2'],
    [{ ledgerResidual: '0.000001' }, 'the ledger does not sum to zero: 0.000001'],
    [{ pnl: { ...status().pnl, residual: '-0.06' } }, 'profit without a cause: -0.06 USD'],
    [{ pnl: { ...status().pnl, residual: 'NaN' } }, 'profit without a cause'],
    [{ nakedDeltaMsMax: 8_001 }, 'a pair was unbalanced for 8001 ms, the budget is 8000 ms'],
  ])('complains about %j', (overrides, says) => {
    const complaints = complaintsOf(summary(overrides));
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(says);
  });
});

describe('the summary for people', () => {
  it('tells what happened, profit by cause and that the books match', () => {
    const text = summaryText({ summary: summary(), status: status(), colors: false });
    expect(text).toContain('farb opened 2 hedged pairs');
    expect(text).toContain('3 funding payments made +14.20 USD');
    expect(text).toMatch(/fees\s+-1\.20/);
    expect(text).toMatch(/total\s+\+12\.50/);
    expect(text).toMatch(/positions\s+match/);
    expect(text).toContain('sums to exactly 0');
  });

  it('says so when nothing was worth its costs', () => {
    const none = { opened: 0, closed: 0, closedAtEnd: 0, open: 0, legBreaks: 0 };
    const text = summaryText({
      summary: summary({ pairs: none }),
      status: status(),
      colors: false,
    });
    expect(text).toContain('nothing was traded');
  });
});

it('a demo refuses the books of an earlier run before it starts anything', async () => {
  const statePath = mkdtempSync(join(tmpdir(), 'farb-demo-test-'));
  onTestFinished(() => rmSync(statePath, { recursive: true }));
  mkdirSync(join(statePath, 'journal'));
  writeFileSync(join(statePath, 'journal', '0000000000000001.farb'), '');
  const nothing = (): void => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const refused = demo({
    ...{ config: loadConfig(shippedConfigDir(), {}), speed: null, seed: 7, dataDir: null },
    ...{ from: null, statePath, forMs: 1, stop: AbortSignal.abort(), log: () => log, env: {} },
    show: () => nothing,
  });
  await expect(refused).rejects.toThrow(
    `--state ${statePath}: it holds the books of an earlier run`,
  );
});
