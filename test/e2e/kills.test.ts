// A short campaign of kills at random instants; `npm run test:kills` is the long one. Every restart
// must end with positions, orders and cash equal to what the venues say, to the last digit.
import { expect, it } from 'vitest';
import { runKills } from '../reliability/kills.ts';

it('after kill -9 at random instants every restart ends equal to the venues', async () => {
  const kills = 12;
  const report = await runKills({ seed: 3, kills, speed: 120, tell: () => undefined });
  expect(report.kills).toHaveLength(kills);
  expect(report.compared).toBe(kills + 3);
  expect(report.summaries.map(({ ledgerResidual }) => ledgerResidual)).toEqual(['0', '0', '0']);
});
