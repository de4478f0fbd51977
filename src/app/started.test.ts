import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { startedMs } from './started.ts';

const name = 'farb ready';
afterEach(() => performance.clearMarks(name));

it('is zero where nothing was installed first', () => {
  expect(startedMs()).toBe(0);
});

it('is the moment that the command tells, by the name that both use', () => {
  const { startTime } = performance.mark(name);
  expect(startedMs()).toBe(startTime);
  const command = readFileSync(new URL('../../bin/farb.mjs', import.meta.url), 'utf8');
  expect(command).toContain(`performance.mark('${name}')`);
});
