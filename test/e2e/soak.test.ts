// Three venue days under faults; `npm run soak` is the long one. The real system and the local
// exchanges end matched and flat, the ledger sums to zero, the bills are what the formula says, and
// neither process keeps more and more.
import { expect, it } from 'vitest';
import { soak } from '../reliability/soak.ts';

it('three venue days under faults: matched, flat, and no heap that grows', async () => {
  const report = await soak({
    days: 3,
    speed: 8_640,
    seed: 7,
    faultEveryMs: 2_500,
    memoryEveryMs: 1_000,
    judged: 'heap',
    tell: () => undefined,
  });
  expect(report.complaints).toEqual([]);
  expect(report.faults).toBeGreaterThan(3);
  expect(report.days).toBeGreaterThan(2.5);
  expect(report.summary.pairs.opened).toBeGreaterThan(5);
  expect(report.summary.bills.feesChecked).toBeGreaterThan(10);
});
