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

describe('a position that somebody traded against by hand', () => {
  const hand = { heldQty: decimal('0.04') };

  it('is reduced by what the account holds, not by what the leg says', () => {
    const step = plan(pair({ phase: 'unwinding', longQty: '0.1', shortQty: '-0.1' }), {
      long: hand,
    });
    expect(step.orders[0]).toMatch(/^long sell 0\.04 /);
    expect(step.orders[1]).toMatch(/^short buy 0\.1 /);
  });

  it('lets the pair close when nothing of the leg is left at the venue', () => {
    const step = plan(pair({ phase: 'unwinding', longQty: '0.1' }), { long: { heldQty: zero } });
    expect(step.move).toBe('closed');
  });

  it('closes the other leg when the excess is offset already', () => {
    const step = plan(pair({ phase: 'mending', longQty: '0.1', openedTsMs: 1 }), {
      long: { heldQty: decimal('-0.1') },
    });
    expect(step.move).toBe('closing');
  });
});
