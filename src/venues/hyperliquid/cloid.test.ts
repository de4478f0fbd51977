import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOrderId } from '../../execution/order-id.ts';
import { clientIdOf, cloidOf } from './cloid.ts';

describe('a cloid', () => {
  it('of an order id of ours gives the id back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 36 ** 4 - 1 }),
        fc.integer({ min: 0, max: 36 ** 7 - 1 }),
        fc.constantFrom('long' as const, 'short' as const, 'other' as const),
        (epoch, serial, leg) => {
          const id = makeOrderId({ installation: 'zz09az', epoch, serial, leg });
          const cloid = cloidOf(id);
          expect(cloid).toMatch(/^0xfa[0-9a-f]{30}$/);
          expect(clientIdOf(cloid)).toBe(id);
          expect(clientIdOf(cloid.toUpperCase().replace('0X', '0x'))).toBe(id);
        },
      ),
    );
  });

  it.each([
    ['0', '0xfa000000000000000000000000000001'],
    ['z', '0xfa00000000000000000000000000003e'],
    ['00', '0xfa00000000000000000000000000003f'],
  ])('of %s is %s: leading zeros count', (id, cloid) => {
    expect(cloidOf(id)).toBe(cloid);
    expect(clientIdOf(cloid)).toBe(id);
  });

  it('holds the longest id', () => {
    expect(clientIdOf(cloidOf('z'.repeat(20)))).toBe('z'.repeat(20));
    expect(() => cloidOf('z'.repeat(21))).toThrow('fits no cloid');
    expect(() => cloidOf('a-b')).toThrow('fits no cloid');
    expect(() => cloidOf('')).toThrow('fits no cloid');
  });

  it('of somebody else stays what it is, and goes out as it came', () => {
    const cloid = fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 })
      .map((digits) => `0x${digits.join('')}`);
    fc.assert(
      fc.property(cloid, (theirs) => {
        expect(cloidOf(clientIdOf(theirs))).toBe(theirs);
      }),
    );
    for (const odd of [`0xfa${'f'.repeat(30)}`, `0xfa${'0'.repeat(30)}`, `0x${'0'.repeat(32)}`]) {
      expect(clientIdOf(odd)).toBe(odd);
      expect(cloidOf(odd)).toBe(odd);
    }
  });
});
