import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson, quoteLongNumbers } from './exact-json.ts';

describe('JSON without losing a digit', () => {
  it.each([
    ['{"a":9007199254740993}', { a: '9007199254740993' }],
    ['[-12345678901234567]', ['-12345678901234567']],
    ['{"fee":123456789012.123456789}', { fee: '123456789012.123456789' }],
    ['{"a":0.1234567890123456789}', { a: '0.1234567890123456789' }],
    ['{"ts":1709136000105,"p":65000.1}', { ts: 1_709_136_000_105, p: 65000.1 }],
    ['{"a":"9007199254740993","b":"x:9007199254740993"}', expect.anything()],
    ['{"a":1e30}', { a: 1e30 }],
    ['{"a\\":1234567890123456789":1}', { 'a":1234567890123456789': 1 }],
  ])('%s', (text, value) => {
    expect(parseExactJson(text)).toEqual(value);
  });

  it.each(['', '{', '00000000000000001', '{"a":1.2.3456789012345678}', '{"a":01234567890123456}'])(
    'is undefined for %s, as JSON.parse throws',
    (text) => {
      expect(() => JSON.parse(text)).toThrow();
      expect(parseExactJson(text)).toBeUndefined();
    },
  );

  it('agrees with JSON.parse wherever no number is long', () => {
    const value = fc.jsonValue().filter((made) => !/[\d.]{16}/.test(JSON.stringify(made)));
    fc.assert(
      fc.property(value, (made) => {
        const text = JSON.stringify(made);
        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('never changes a text inside a string', () => {
    fc.assert(
      fc.property(fc.string(), fc.bigInt(), (around, number) => {
        const text = JSON.stringify({ a: `${around}${number}:,${number}` });
        expect(quoteLongNumbers(text)).toBe(text);
      }),
    );
  });
});
