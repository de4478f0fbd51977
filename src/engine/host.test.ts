import { expect, it } from 'vitest';
import { EngineRig } from '../../test/support/engine-rig.ts';
import { testPolicy } from '../../test/support/in-process-run.ts';
import type { EngineInput } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import { EngineHost } from './host.ts';
import { type EngineState, emptyState } from './state.ts';

const booted: EngineInput = {
  ...{ kind: 'booted', runId: 'r-1', installation: 'r', epoch: 1, seed: null, venues: ['a', 'b'] },
  configDigest: '',
};
const up = (venue: string, channel: 'public' | 'private' | 'rest'): EngineInput => {
  return { kind: 'venue-status', venue, channel, status: 'up', detail: '' };
};

function hostOn(state: EngineState, said: string[]): EngineHost {
  return new EngineHost({
    state,
    policy: testPolicy,
    market: { catalog: new Catalog(), table: new MarketTable(1), takerFeeRate: () => Number.NaN },
    clock: { wallMs: () => 1_000, venueMs: () => 1_000 },
    ports: {
      append: (record) => said.push('input' in record ? 'event' : 'effect'),
      commit: () => said.push('commit'),
      act: (effect) => said.push(`act ${effect.kind}`),
      flush: () => said.push('flush'),
      timer: () => said.push('timer'),
      alert: () => said.push('alert'),
      observe: () => undefined,
    },
  });
}

it('every record of a step is appended and committed before its first effect is handed out', () => {
  const said: string[] = [];
  const host = hostOn(emptyState(), said);
  host.put(booted);
  for (const channel of ['public', 'rest'] as const) host.put(up('a', channel));
  said.length = 0;
  host.put(up('a', 'private'));
  const acts = said.indexOf('act request-snapshot');
  expect(acts).toBeGreaterThan(0);
  expect(said.slice(0, acts)).not.toContain('flush');
  expect(said.lastIndexOf('effect')).toBeLessThan(said.indexOf('commit'));
  expect(said.indexOf('commit')).toBeLessThan(acts);
  expect(said.at(-1)).toBe('flush');
  expect(said.filter((each) => each === 'commit')).toHaveLength(1);
});

it('nothing leaves that rests on a fact with which the books do not agree', () => {
  const said: string[] = [];
  const rig = EngineRig.running();
  rig.opened('0.1');
  rig.state.positions.clear();
  const host = hostOn(rig.state, said);
  expect(() => host.put({ kind: 'operator', command: 'flatten', by: 'a test' })).toThrow(
    'the pairs hold',
  );
  expect(said).toEqual(['event', 'commit']);
});
