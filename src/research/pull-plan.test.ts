import { describe, expect, it } from 'vitest';
import { benchTsMs, perpOf } from '../../bench/market.ts';
import { hourMs } from '../base/time.ts';
import { venueByName } from '../venues/registry.ts';
import { grown, missing, type PullWish, planPull, pullKinds, type Range } from './pull-plan.ts';

const range = (fromMs: number, toMs: number): Range => ({ fromMs, toMs });

describe('what is left to pull', () => {
  it.each([
    ['nothing is known', null, [range(10, 20)]],
    ['all is known', range(10, 20), []],
    ['more is known', range(0, 30), []],
    ['the middle is known', range(12, 15), [range(10, 12), range(15, 20)]],
    ['the start is known', range(5, 15), [range(15, 20)]],
    ['the end is known', range(15, 25), [range(10, 15)]],
    ['something else is known', range(30, 40), [range(10, 20)]],
    ['it touches', range(20, 40), [range(10, 20)]],
  ])('%s', (_, known, left) => {
    expect(missing(range(10, 20), known)).toEqual(left);
  });

  it('what is known grows where it touches, and never holds a hole', () => {
    expect(grown(null, range(1, 2))).toEqual(range(1, 2));
    expect(grown(range(1, 2), range(2, 3))).toEqual(range(1, 3));
    expect(grown(range(5, 9), range(3, 6))).toEqual(range(3, 9));
    expect(grown(range(1, 2), range(4, 5))).toEqual(range(4, 5));
  });
});

describe('a plan', () => {
  const okx = venueByName('okx');
  if (okx === null) throw new Error('OKX is not registered');
  const wish: PullWish = {
    ...{ kinds: pullKinds, symbols: ['BTC'], interval: '1h', intervalMs: hourMs },
    ...range(benchTsMs, benchTsMs + 250 * hourMs),
  };
  const perp = perpOf('okx', 'BTC-USDT-SWAP', 'BTC');
  const spot = { ...perp, id: 'okx:BTC-USDT-SPOT', kind: 'spot', symbol: 'BTC-USDT' } as const;
  const plan = (change: Partial<PullWish> = {}, known: Range | null = null) =>
    planPull(okx, [perp, { ...spot, id: perp.id }], { ...wish, ...change }, () => known);

  it('every kind of every instrument that has it, in windows that the venue answers', () => {
    const tasks = plan();
    expect(tasks.map(({ id }) => [id.kind, id.market, id.symbol])).toEqual([
      ['funding', 'perp', 'BTC-USDT-SWAP'],
      ['bars', 'perp', 'BTC-USDT-SWAP'],
      ['bars', 'mark', 'BTC-USDT-SWAP'],
      ['bars', 'index', 'BTC-USDT-SWAP'],
      ['bars', 'spot', 'BTC-USDT'],
    ]);
    // 100 bars an answer.
    const hours = (tasks[1]?.windows ?? []).map(({ fromMs, toMs }) => (toMs - fromMs) / hourMs);
    expect(hours).toEqual([100, 100, 50]);
  });

  it('goes backwards from what is known, so that an interruption leaves no hole', () => {
    const known = range(benchTsMs + 220 * hourMs, benchTsMs + 240 * hourMs);
    const windows = plan({ kinds: ['perp'] }, known)[0]?.windows ?? [];
    let now: Range = known;
    for (const window of windows) {
      expect(window.toMs === now.fromMs || window.fromMs === now.toMs).toBe(true);
      now = grown(now, window);
    }
    expect(now).toEqual(range(wish.fromMs, wish.toMs));
  });

  it('an interval that the venue does not have is not asked for', () => {
    expect(plan({ interval: '7m', intervalMs: 420_000 }).map(({ kind }) => kind)).toEqual([
      'funding',
    ]);
    expect(plan({ symbols: ['ETH'] })).toEqual([]);
    expect(plan({ symbols: ['BTC-USDT'] }).map(({ kind }) => kind)).toEqual(['spot']);
  });
});
