import { describe, expect, it } from 'vitest';
import { agreementOf, type PairDecision } from './decision-log.ts';

function decision(pair: string, action: PairDecision['action'], tsMs: number): PairDecision {
  return { pair, action, tsMs, reason: 'because', slippageUsd: 2, filledUsd: 10_000 };
}

describe('two runs over one market', () => {
  it('agree when each decision has its like: same pair and action, near enough in time', () => {
    const live = [decision('a', 'open', 1_000), decision('a', 'close', 5_000)];
    const other = [decision('a', 'open', 1_090), decision('a', 'close', 4_950)];
    const found = agreementOf(live, other, 100);
    expect(found).toMatchObject({ agrees: true, missing: [], extra: [], toleranceMs: 100 });
    expect(found.same.map(({ laterMs }) => laterMs)).toEqual([90, -50]);
    expect(found.same[0]?.slippageBps).toEqual({ live: 2, backtest: 2 });
    expect(found.slippage).toEqual({ live: '4', backtest: '4', difference: '0' });
  });

  it('do not when a pair, an action or the time is another, and both sides are told', () => {
    const live = [decision('a', 'open', 0), decision('b', 'open', 0), decision('c', 'open', 0)];
    const other = [decision('a', 'close', 0), decision('b', 'open', 101), decision('d', 'open', 0)];
    const { agrees, same, missing, extra } = agreementOf(live, other, 100);
    expect([agrees, same]).toEqual([false, []]);
    expect(missing.map(({ pair }) => pair)).toEqual(['a', 'b', 'c']);
    expect(extra.map(({ pair }) => pair)).toEqual(['a', 'b', 'd']);
  });

  it('pair each decision once, the nearest first asked', () => {
    const live = [decision('a', 'open', 0), decision('a', 'open', 50)];
    const other = [decision('a', 'open', 60), decision('a', 'open', 10)];
    const found = agreementOf(live, other, 100);
    expect(found.same.map(({ laterMs }) => laterMs)).toEqual([10, 10]);
    expect(agreementOf(live, other.slice(1), 100).missing).toHaveLength(1);
  });

  it('have no slippage in basis points where nothing was filled', () => {
    const none = { ...decision('a', 'open', 0), slippageUsd: 0, filledUsd: 0 };
    expect(agreementOf([none], [none], 0).same[0]?.slippageBps).toEqual({
      ...{ live: null, backtest: null },
    });
  });
});
