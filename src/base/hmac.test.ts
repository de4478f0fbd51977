import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmacSha256Base64, hmacSha256Hex, sha256Hex } from './hmac.ts';

it('agrees with the platform on any secret and text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      (secret, text) => {
        const expected = createHmac('sha256', secret).update(text);
        expect(hmacSha256Hex(secret, text)).toBe(expected.digest('hex'));
        const base64 = createHmac('sha256', secret).update(text).digest('base64');
        expect(hmacSha256Base64(secret, text)).toBe(base64);
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
      },
    ),
  );
});
