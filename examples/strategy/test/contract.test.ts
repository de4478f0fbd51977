// farb's contract suite over the strategy, and what is its own.
import { describeStrategy } from 'funding-rate-arb/testing';
import { expect, it } from 'vitest';
import { harvest } from '../src/index.ts';

describeStrategy({ strategy: harvest });

it('reads its own parameter beside the others, and refuses what is no fraction', () => {
  expect(harvest.parseParams({ rateGapPerDayMin: 0.001, notionalUsd: 2_000 })).toMatchObject({
    ok: true,
    params: { rateGapPerDayMin: 0.001, notionalUsd: 2_000 },
  });
  expect(harvest.parseParams({ rateGapPerDayMin: '1%' })).toMatchObject({
    ok: false,
    field: 'rateGapPerDayMin',
  });
});
