import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectKey,
  FrameBuffer,
  hasKey,
  keyDoubles,
  keyWords,
  readInteger,
  readScaled,
  SymbolWords,
  skipInteger,
  word,
} from './frame.ts';

const out = new Float64Array(1);

/** The text, with digits of an earlier frame behind it. */
function frameOf(text: string): FrameBuffer {
  const frame = new FrameBuffer(text.length + 40);
  frame.bytes.fill(57, 0, frame.capacity);
  frame.load(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  return frame;
}

describe('readScaled', () => {
  it('reads what Number() reads, to the last bit, with the dot moved', () => {
    const whole = fc.bigInt({ min: 0n, max: 10n ** 20n });
    const part = fc.stringMatching(/^\d{0,12}$/);
    let read = 0;
    fc.assert(
      fc.property(whole, part, fc.constantFrom(0, 0, 3, -3, 6), (n, decimals, shift) => {
        const text = decimals === '' ? String(n) : `${n}.${decimals}`;
        const end = readScaled(frameOf(`${text}"`).bytes, 0, out, 0, shift);
        if (end < 0) return;
        read++;
        expect(end).toBe(text.length);
        expect(out[0]).toBe(Number(`${text}e${shift}`));
      }),
      { numRuns: 2_000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  it.each(['"', '."', '-1"', '9007199254740993"', '9007199254740.993"', `${'0'.repeat(40)}1"`])(
    'gives up on %s instead of guessing',
    (text) => {
      expect(readScaled(frameOf(text).bytes, 0, out, 0, 0)).toBe(-1);
    },
  );

  it('gives up on more digits than the text of a double keeps, where the dot moves', () => {
    const text = '67110000.01000003"';
    expect(readScaled(frameOf(text).bytes, 0, out, 0, 0)).toBe(text.length - 1);
    expect(readScaled(frameOf(text).bytes, 0, out, 0, 3)).toBe(-1);
  });
});

describe('integers', () => {
  it('are read as JSON has them: no sign, no leading zero, at most 15 digits', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{1,20}$/),
        fc.constantFrom(',', '"', '}', '/', ':'),
        (t, c) => {
          const frame = frameOf(`${t}${c}`);
          const isJson = t === '0' || !t.startsWith('0');
          expect(skipInteger(frame, 0)).toBe(isJson ? t.length : -1);
          const end = readInteger(frame, 0, out, 0);
          expect(end).toBe(isJson && t.length <= 15 ? t.length : -1);
          if (end >= 0) expect(out[0]).toBe(Number(t));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('end at every byte that is no digit', () => {
    for (let byte = 0; byte < 256; byte++) {
      if (byte >= 48 && byte <= 57) continue;
      for (let digits = 1; digits <= 14; digits++) {
        const text = '1764000000123456'.slice(0, digits) + String.fromCharCode(byte);
        expect(skipInteger(frameOf(text), 0)).toBe(digits);
        expect(readInteger(frameOf(text), 0, out, 0)).toBe(digits);
        expect(out[0]).toBe(Number(text.slice(0, digits)));
      }
    }
  });
});

describe('keys', () => {
  it('match themselves, and no text with one byte changed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z",:{]{4,30}$/),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (key, at, change) => {
          const words = keyWords(key);
          const frame = frameOf(key);
          expect(expectKey(frame.words, 0, words, key.length)).toBe(key.length);
          const changed = at % key.length;
          frame.bytes[changed] = (frame.bytes[changed] as number) ^ change;
          expect(expectKey(frame.words, 0, words, key.length)).toBe(-1);
        },
      ),
    );
    const frame = frameOf('","b":"1');
    expect(hasKey(frame.words, 0, word('","b'), word('b":"'), 3)).toBe(true);
    expect(hasKey(frame.words, 0, word('","b'), word('B":"'), 3)).toBe(false);
  });
});

describe('keys as doubles', () => {
  it('match themselves, and no text with one byte changed to whatever byte', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9",:{}[\]._@!-]{8,40}$/),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (key, at, change) => {
          const doubles = keyDoubles(key);
          const starts = [...doubles.keys()].map((i) => Math.min(8 * i, key.length - 8));
          const frame = frameOf(key);
          const isKey = () =>
            starts.every((from, i) => frame.words.getFloat64(from, true) === doubles[i]);
          expect(isKey()).toBe(true);
          const changed = at % key.length;
          frame.bytes[changed] = (frame.bytes[changed] as number) ^ change;
          expect(isKey()).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('SymbolWords', () => {
  it('finds every symbol that it holds and nothing else', () => {
    const symbol = fc.stringMatching(/^[A-Z0-9-]{1,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(symbol, { minLength: 1 }), symbol, (list, other) => {
        const table = new SymbolWords(list.map((one, i) => [one, i]));
        for (const one of [...list, other]) {
          const { words } = frameOf(`"${one}"`);
          expect(table.find(words, 1, one.length + 1)).toBe(list.indexOf(one));
        }
        expect(table.find(frameOf('"').words, 0, 0)).toBe(-1);
      }),
    );
  });
});

it('a frame that is longer than the buffer is not loaded', () => {
  const frame = new FrameBuffer(4);
  expect(frame.load(new Uint8Array(4))).toBe(true);
  expect(frame.load(new Uint8Array(5))).toBe(false);
});
