import { describe, expect, it } from 'vitest';
import { makeOrderId, parseOrderId } from './order-id.ts';

describe('order id', () => {
  it('fits the strictest venue and is read back', () => {
    const parts = { installation: 'a1b2c3', epoch: 35, serial: 1_000_000, leg: 'short' } as const;
    const id = makeOrderId(parts);
    expect(id).toMatch(/^[a-z0-9]{1,32}$/);
    expect(parseOrderId(id)).toEqual(parts);
  });

  it.each(['', 'x-1', 'fa', 'web_123', 'faA1b2c3000z00lfls0l'])('does not claim %j', (id) => {
    expect(parseOrderId(id)).toBeNull();
  });
});
