import { expect, it } from 'vitest';
import { instrumentOf } from '../../test/support/strategy-fixtures.ts';
import type { Instrument } from '../domain/instrument.ts';
import { perpPerp } from './perp-perp.ts';
import { pairsOf, type Strategy } from './registry.ts';

it('shows no strategy an inverse contract, whose quantity is not in base units', () => {
  const seen: Instrument[] = [];
  const greedy: Strategy = {
    ...perpPerp,
    pairs: (instruments) => {
      seen.push(...instruments);
      return [];
    },
  };
  const kinds = ['spot', 'linear-perp', 'inverse-perp'] as const;
  pairsOf(
    greedy,
    kinds.map((kind) => instrumentOf('okx', kind)),
  );
  expect(seen.map(({ kind }) => kind)).toEqual(['spot', 'linear-perp']);
});
