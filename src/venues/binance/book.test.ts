import { describe, expect, it } from 'vitest';
import type { DepthEvent } from '../../domain/venue-event.ts';
import { bookVerdict } from './book.ts';

function delta(first: number, final: number, previous: number | null = null): DepthEvent {
  return {
    kind: 'depth',
    venue: 'binance',
    symbol: 'BTCUSDT',
    instrument: null,
    venueTsMs: null,
    snapshot: false,
    bids: [],
    asks: [],
    firstSeq: String(first),
    seq: String(final),
    prevSeq: previous === null ? null : String(previous),
  };
}

const fresh = { lastSeq: '100', fresh: true };
const going = { lastSeq: '100', fresh: false };

describe('spot: U = u + 1', () => {
  it.each([
    ['ends before the snapshot', delta(90, 99), fresh, 'drop'],
    ['ends at the snapshot', delta(95, 100), fresh, 'drop'],
    ['holds L + 1', delta(95, 105), fresh, 'apply'],
    ['starts at L + 1', delta(101, 105), fresh, 'apply'],
    ['starts after L + 1', delta(102, 105), fresh, 'resync'],
    ['continues', delta(101, 103), going, 'apply'],
    ['repeats', delta(95, 100), going, 'drop'],
    ['leaves a gap', delta(102, 103), going, 'resync'],
    // After the first, a delta that reaches back is out of sequence as well.
    ['overlaps', delta(99, 103), going, 'resync'],
  ] as const)('a delta that %s: %s', (_, event, book, verdict) => {
    expect(bookVerdict(event, book, 'spot')).toBe(verdict);
  });
});

describe('USD-M: pu = u', () => {
  it.each([
    ['ends before the snapshot', delta(90, 99, 89), fresh, 'drop'],
    ['ends at the snapshot', delta(95, 100, 94), fresh, 'apply'],
    ['holds L', delta(95, 105, 94), fresh, 'apply'],
    ['follows L', delta(104, 105, 100), fresh, 'apply'],
    ['starts after L', delta(101, 105, 101), fresh, 'resync'],
    ['continues, ids of other symbols between', delta(110, 120, 100), going, 'apply'],
    ['repeats', delta(95, 99, 94), going, 'drop'],
    ['comes twice', delta(95, 100, 94), going, 'drop'],
    ['leaves a gap', delta(101, 110, 101), going, 'resync'],
    ['overlaps', delta(95, 110, 94), going, 'resync'],
  ] as const)('a delta that %s: %s', (_, event, book, verdict) => {
    expect(bookVerdict(event, book, 'linear')).toBe(verdict);
  });
});

it('a snapshot is always taken; a delta before it, or without numbers, never', () => {
  const snapshot: DepthEvent = { ...delta(1, 5), snapshot: true };
  expect(bookVerdict(snapshot, { lastSeq: null, fresh: true }, 'spot')).toBe('apply');
  expect(bookVerdict(delta(1, 5), { lastSeq: null, fresh: true }, 'linear')).toBe('resync');
  expect(bookVerdict({ ...delta(1, 5), seq: null }, going, 'linear')).toBe('resync');
});

it('sequence numbers beyond 2^53 are compared exactly', () => {
  const last = { lastSeq: '9007199254740993', fresh: false };
  const event = { ...delta(0, 0), firstSeq: '9007199254740994', seq: '9007199254740999' };
  expect(bookVerdict(event, last, 'spot')).toBe('apply');
});
