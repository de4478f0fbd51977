import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropOldest } from './oldest.ts';

describe('the oldest entry of a set', () => {
  it('is what a walk from the beginning finds, whatever is added or cleared in between', () => {
    const actions = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
        { weight: 4, arbitrary: fc.constant('drop' as const) },
        { weight: 1, arbitrary: fc.constant('clear' as const) },
      ),
      { maxLength: 800 },
    );
    fc.assert(
      fc.property(actions, (list) => {
        const quick = new Set<number>();
        const plain = new Set<number>();
        for (const action of list) {
          if (action === 'clear') {
            quick.clear();
            plain.clear();
          } else if (action === 'drop') {
            dropOldest(quick);
            for (const first of plain) {
              plain.delete(first);
              break;
            }
          } else {
            quick.add(action);
            plain.add(action);
          }
        }
        expect([...quick]).toEqual([...plain]);
      }),
      { numRuns: 300 },
    );
  });
});
