import { expect, it } from 'vitest';
import { progressLine } from './progress-bar.ts';

it('says how much is done, how fast, and how long it will take', () => {
  expect(progressLine({ done: 50, total: 200, unit: 'runs' }, 10_000)).toBe(
    '[######..................] 25% 50/200 runs, 5 a second, 30s left',
  );
  expect(progressLine({ done: 0, total: 0, unit: 'runs' }, 0)).toContain('0% 0/0 runs');
});
