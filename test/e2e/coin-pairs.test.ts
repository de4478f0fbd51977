// Coin-margined perpetuals of Binance COIN-M, OKX and Bybit, traded in pairs by a running system
// over the venues' own protocols on the local testnet: opened, held, closed, accounted for in coin.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunSummary, SystemStatus } from '../../src/api/contract.ts';
import { farb, makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

const dirs = makeDirs();
const state = dirs.fresh('state');
const config = dirs.config();
const testnetFile = join(dirs.fresh('testnet'), 'testnet.json');
let testnet: RunningFarb;
let system: RunningFarb;
let apiUrl = '';

/** Rates are taken to stay for a month: the calm ones of BTC and ETH then pay for the fees. */
const strategies = `strategies:
  - name: coin-perps
    params: { notionalUsd: 2000, notionalUsdMin: 200, netEdgeMin: 0, horizonMs: 30d,
      halfLifeSettlements: 1000000, settlementGuardMs: 1s }
`;

beforeAll(async () => {
  const venues = ['binance', 'okx', 'bybit'].map((venue) => `  ${venue}: { inverse: true }\n`);
  const exchanges = `symbols: [BTC, ETH]\nvenues:\n${venues.join('')}`;
  writeFileSync(join(config, 'exchanges.yaml'), exchanges);
  writeFileSync(join(config, 'strategies.yaml'), strategies);
  const coins = ['--coins', 'BTC=2,ETH=20'];
  testnet = startFarb(['testnet', '--json', '--speed', '720', '--seed', '7', ...coins]);
  writeFileSync(testnetFile, `${await testnet.line(/"venues"/)}\n`);
  const args = ['--config', config, '--testnet', testnetFile, '--state', state, '--json'];
  system = startFarb(['start', ...args], { msMax: 240_000 });
  apiUrl = /(http:\S+)\/api\/status/.exec(await system.line(/^API /))?.[1] ?? '';
});

afterAll(async () => {
  system.child.kill('SIGKILL');
  testnet.child.kill('SIGTERM');
  await testnet.done;
  dirs.remove();
});

it('pairs with a coin-margined leg open, close, and leave no residual', async () => {
  const isCoin = ({ long, short }: SystemStatus['pairs'][number]): boolean =>
    `${long} ${short}`.includes('-USD-INV');
  let opened: SystemStatus['pairs'][number] | undefined;
  while (opened === undefined) {
    const status = (await (await fetch(`${apiUrl}/api/status`)).json()) as SystemStatus;
    opened = status.pairs.find((pair) => pair.phase === 'open' && isCoin(pair));
    if (opened === undefined) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // Whole contracts on a leg, dollars of base units in the view.
  expect(opened.notionalUsd).toBeGreaterThan(100);
  expect(opened.notionalUsd).toBeLessThan(2_200);
  system.child.kill('SIGINT');
  const ran = await system.done;
  expect(ran.code, ran.stderr).toBe(130); // interrupted, and closed in order
  const summary = JSON.parse(ran.stdout) as RunSummary;
  expect(summary.pairs).toMatchObject({ open: 0 });
  expect(summary.pairs.opened).toBeGreaterThanOrEqual(1);
  expect(summary.pairs.closed).toBe(summary.pairs.opened);
  expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
  expect(summary.ledgerResidual).toBe('0');
  expect(summary.bills).toMatchObject({ feesDiffering: 0, fundingDiffering: 0 });
  const residual = Math.abs(Number(summary.pnl.residual));
  expect(residual).toBeLessThanOrEqual(Number(summary.attributionTolerance));
  // The coins of the margin moved by far more than any pair earned: none of that is in the pairs.
  expect(Math.abs(Number(summary.pnl.residualDelta))).toBeLessThan(25);
  const replayed = await farb(['replay', summary.journal, '--json']);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ stateHash: summary.stateHash });
});
