// Two projects, one after the other: the unit tests, then the end-to-end tests, each two files at a
// time. No test asserts a wall time, so a neighbour may slow it. One closing line over both.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ClosingReporter } from './test/support/reporter.ts';

const E2E = 'test/e2e/**/*.test.ts';

/** What the examples import of the package: its sources, as everything else that is tested. */
const own = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const alias = {
  'funding-rate-arb/plugin': own('./src/plugin/plugin.ts'),
  'funding-rate-arb/research': own('./src/lab/research.ts'),
  'funding-rate-arb/testing': own('./src/testing/testing.ts'),
};

export default defineConfig({
  resolve: { alias },
  test: {
    pool: 'forks',
    reporters: ['default', new ClosingReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: [E2E],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [E2E],
          maxWorkers: 2,
          // Cases that wait more than they work, each with ports and state of its own.
          maxConcurrency: 3,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
