// From the start of the process to its first decision, by the journal of a short demo. Filled in
// with the command line's end-to-end tests; until then the slot says so.
import type { Bench } from './measure.ts';

export const startupBench: Bench = {
  title: 'start-up',
  run: () => [
    {
      name: 'process start to first decision',
      value: null,
      unit: 'ms',
      ratio: null,
      note: 'needs a journal of a demo run',
    },
  ],
};
