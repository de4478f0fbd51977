import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32Of } from './crc32.ts';

describe('the checksum of a part of a buffer', () => {
  it('is the one of the standard', () => {
    // The check value that catalogues of CRCs list for CRC-32: of the text "123456789".
    expect(crc32Of(new TextEncoder().encode('_123456789_'), 1, 10)).toBe(0xcbf43926);
    expect(crc32Of(new Uint8Array(), 0, 0)).toBe(0);
  });

  it('is what the platform says, for every length and from every place', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 700 });
    const check = (all: Uint8Array, cut: number) => {
      const from = Math.min(cut, all.length);
      expect(crc32Of(all, from, all.length)).toBe(crc32(all.subarray(from)));
    };
    fc.assert(fc.property(bytes, fc.nat(20), check), { numRuns: 500 });
  });
});
