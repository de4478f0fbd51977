import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testRun } from '../../test/support/in-process-run.ts';
import { evolve } from '../engine/evolve.ts';
import { emptyState } from '../engine/state.ts';
import { stateHashOf } from '../engine/summary.ts';
import { encode } from './codec.ts';
import { BinaryDecoder, BinaryDictionary } from './codec-decoder.ts';
import { BinaryEncoder } from './codec-encoder.ts';
import { type RecordBytes, readFacts, readRecord, writeRecord } from './codec-record.ts';
import { shapeKeysMax, stringsMax } from './codec-tags.ts';
import type { JournalRecord } from './event.ts';

function pieces(write: readonly ((encoder: BinaryEncoder) => void)[], encoder: BinaryEncoder) {
  const ends = write.map((each) => {
    each(encoder);
    return encoder.at;
  });
  const bytes = encoder.bytes.slice(0, encoder.at);
  return ends.map((to, i): RecordBytes => ({ bytes, from: ends[i - 1] ?? 0, to }));
}

function roundTrip(value: unknown): unknown {
  const encoder = new BinaryEncoder(16);
  encoder.piece(() => encoder.value(value));
  const decoder = new BinaryDecoder(encoder.bytes.slice(0, encoder.at), new BinaryDictionary());
  decoder.openPiece(0, encoder.at);
  return decoder.value();
}

const run = testRun(7, { tradeMs: 15_000, windDownMs: 6_000 });
const encoder = new BinaryEncoder();
const stored = pieces(
  run.records.map((record) => () => writeRecord(encoder, record)),
  encoder,
);

describe('binary codec', () => {
  it('gives back every value that a record or state can hold', () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constant(-0));
    const level = fc.tuple(number, number);
    const price = fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((n) => n / 10_000);
    const leaf = fc.oneof(
      number,
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.bigInt({ min: -(2n ** 160n), max: 2n ** 160n }),
      fc.constantFrom(null, undefined, true, false),
    );
    const key = fc.string({ maxLength: 8 }).filter((text) => text !== '__proto__');
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(level, { maxLength: 5 }),
        fc.array(fc.tuple(price, price), { maxLength: 5 }),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(key, tie('any'), { maxKeys: 5, noNullPrototype: true }),
        fc.array(fc.tuple(leaf, tie('any')), { maxLength: 4 }).map((rows) => new Map(rows)),
        fc.array(leaf, { maxLength: 4 }).map((rows) => new Set(rows)),
      ),
    })).any;
    fc.assert(
      fc.property(value, (item) => isDeepStrictEqual(roundTrip(item), item)),
      { numRuns: 500 },
    );
  });

  it('keeps the order of keys, of maps and of sets, and minus zero', () => {
    expect(encode(roundTrip({ b: 1, a: { d: 1, c: 2 } }))).toBe('{"b":1,"a":{"d":1,"c":2}}');
    expect([...(roundTrip(new Set(['b', 'a'])) as Set<string>)]).toEqual(['b', 'a']);
    expect(roundTrip([-0, 0, [[-0, 1]]])).toStrictEqual([-0, 0, [[-0, 1]]]);
  });

  it('writes objects with many keys and strings beyond the dictionary in full', () => {
    const wide = Object.fromEntries(
      Array.from({ length: shapeKeysMax + 1 }, (_, i) => [`k${i}`, i]),
    );
    const many = Array.from({ length: stringsMax + 10 }, (_, i) => `s${i}`);
    expect(roundTrip([wide, many, wide])).toStrictEqual([wide, many, wide]);
  });

  it('takes a key for a key whatever stands in it, and none for a prototype', () => {
    const keys = ['"a": 1, "b', "'; throw 1; '", '\\', '\u2028', '${x}', 'constructor', ''];
    const item = Object.fromEntries(keys.map((key, i) => [key, i]));
    expect(roundTrip(item)).toEqual(item);
    const writer = new BinaryEncoder(64);
    writer.piece(() => writer.value({ __prot0__: { polluted: 1 } }));
    const bytes = writer.bytes.slice(0, writer.at);
    const text = Buffer.from(bytes.buffer);
    bytes[text.indexOf('__prot0__') + 6] = 'o'.charCodeAt(0);
    const decoder = new BinaryDecoder(bytes, new BinaryDictionary());
    expect(() => decoder.openPiece(0, bytes.length)).toThrow('no key __proto__');
  });

  it('refuses what is no plain data, and goes on as if it had not been asked', () => {
    const other = new BinaryEncoder();
    const [piece] = pieces(
      [
        () => {
          expect(() => other.piece(() => other.value({ name: 'x', f: () => 0 }))).toThrow(
            'a record holds no function',
          );
          expect(other.at).toBe(0);
          other.piece(() => other.value({ name: 'x' }));
        },
      ],
      other,
    );
    const decoder = new BinaryDecoder((piece as RecordBytes).bytes, new BinaryDictionary());
    decoder.openPiece(0, (piece as RecordBytes).to);
    expect(decoder.value()).toEqual({ name: 'x' });
    expect(() => roundTrip(JSON.parse('{"__proto__":1}'))).toThrow('no key __proto__');
  });
});

describe('records in the binary codec', () => {
  it('come back as they were, from a third of the bytes of their text', () => {
    const dictionary = new BinaryDictionary();
    const wrong = stored.filter(
      (at, i) => !isDeepStrictEqual(readRecord(at, dictionary), run.records[i]),
    );
    expect(wrong).toEqual([]);
    const text = run.lines.reduce((sum, line) => sum + line.length, 0);
    expect(encoder.at).toBeLessThan(text * 0.35);
  });

  it('fold to the same state without their quotes, which are there when they are asked for', () => {
    const state = emptyState();
    const dictionary = new BinaryDictionary();
    const facts: JournalRecord[] = stored.map((at) => readFacts(at, dictionary));
    for (const record of facts) evolve(state, record);
    expect(stateHashOf(state)).toBe(stateHashOf(run.state));
    let quotes = 0;
    for (const [i, record] of facts.entries()) {
      const was = run.records[i];
      if (was === undefined || !('input' in was) || !('input' in record)) continue;
      expect(isDeepStrictEqual(record.legs, was.legs)).toBe(true);
      quotes += was.legs.length;
      if (was.input.kind !== 'pair-seen' || record.input.kind !== 'pair-seen') continue;
      expect(isDeepStrictEqual(record.input.view, was.input.view)).toBe(true);
    }
    expect(quotes).toBeGreaterThan(0);
  });
});
