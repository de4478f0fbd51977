// Cases about payloads: the goldens are read, whatever is changed in them never crashes a decoder,
// and no figure comes out that the payload does not say. Empty is never zero.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFrame } from '../domain/depth-frame.ts';
import { Catalog } from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import { quoteSlots } from '../domain/venue-spec.ts';
import { bareNumbers, damaged, type Mutated, oddValues, valuesIn, withValue } from './mutate.ts';
import { levelsOf, scanBytes, scannedLevels } from './scan-bytes.ts';
import { type ConformanceSubject, isReply, type Sample } from './subject.ts';
import { malformed, unfounded, zerosOf } from './values.ts';

const runs = 1_500;

export function payloadCases(subject: ConformanceSubject): void {
  const { spec, samples } = subject;
  const catalog = subject.catalog();

  const read = (from: Sample['from'], text: string, known = catalog): readonly VenueEvent[] => {
    if (isReply(from)) return spec.decodeReply(from, { status: 200, body: text }, known);
    return spec.decode(new TextEncoder().encode(text), from, known);
  };
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  /** No crash, no malformed event, no figure or id that the payload does not say. */
  const expectSound = ({ sample, text }: Mutated, known = catalog): void => {
    const events = read(sample.from, text, known);
    const wrong = events.flatMap((event) => malformed(event, spec.id));
    const silent = isJson(text) ? events.flatMap((event) => unfounded(event, text, known)) : [];
    expect([...wrong, ...silent], `${sample.name}: ${text}`).toEqual([]);
  };

  describe('payloads', () => {
    it.each(samples.map((sample) => [sample.name, sample] as const))(
      '%s is read',
      (_name, sample) => {
        const lost = read(sample.from, sample.text).filter(({ kind }) => kind === 'unrecognized');
        if (!subject.unreadable.includes(sample.name)) expect(lost).toEqual([]);
        expectSound({ sample, text: sample.text });
      },
    );

    it('cover every kind of market and account event', () => {
      const kinds = new Set(samples.flatMap((s) => read(s.from, s.text).map(({ kind }) => kind)));
      for (const kind of [
        ...['quote', 'depth', 'mark-price', 'funding-rate', 'instrument', 'fee-rate'],
        ...['order', 'fill', 'balance', 'position', 'funding-payment', 'error', 'control'],
      ] as const) {
        expect(kinds).toContain(kind);
      }
    });

    it('with one odd value crash nothing and say nothing wrong', () => {
      fc.assert(
        fc.property(oddValues(samples), (m) => expectSound(m)),
        { numRuns: runs },
      );
    });

    it('with figures sent as bare numbers crash nothing and lose no digit', () => {
      fc.assert(
        fc.property(bareNumbers(samples), (m) => expectSound(m)),
        { numRuns: runs },
      );
    });

    it('with any one figure sent long and bare say it exactly, or not at all', () => {
      for (const sample of samples) {
        for (const place of valuesIn(sample.text)) {
          if (!/^"?-?\d+(?:\.\d+)?"?$/.test(place.value)) continue;
          for (const figure of [
            '123456789012345.123456789',
            '0.1234567890123457',
            '9007199254740993',
          ]) {
            expectSound({ sample, text: withValue(sample.text, place, figure) });
          }
        }
      }
    });

    it('with any price of the grid keep it on the grid, through every conversion of units', () => {
      const prices = Array.from({ length: 60 }, (_, k) => `"${(0.0011 + k * 0.1337).toFixed(4)}"`);
      const quoted = samples.filter(({ from, text }) =>
        read(from, text).some(({ kind }) => kind === 'quote' || kind === 'mark-price'),
      );
      for (const sample of quoted) {
        for (const place of valuesIn(sample.text)) {
          if (!/^"\d+\.\d+"$/.test(place.value)) continue;
          for (const price of prices) {
            expectSound({ sample, text: withValue(sample.text, place, price) });
          }
        }
      }
    });

    it('cut, overwritten or doubled crash nothing', () => {
      fc.assert(
        fc.property(damaged(samples), (m) => expectSound(m)),
        { numRuns: runs },
      );
    });

    it('are no worse without a catalog', () => {
      const none = new Catalog();
      fc.assert(
        fc.property(oddValues(samples), (m) => expectSound(m, none)),
        { numRuns: 500 },
      );
    });

    it('that are any bytes crash nothing, in any stream or reply', () => {
      const from = fc.constantFrom(...samples.map((sample) => sample.from));
      fc.assert(
        fc.property(from, fc.uint8Array({ maxLength: 120 }), (source, bytes) => {
          const text = new TextDecoder().decode(bytes);
          const events = isReply(source) ? read(source, text) : spec.decode(bytes, source, catalog);
          expect(events.flatMap((event) => malformed(event, spec.id))).toEqual([]);
        }),
        { numRuns: 500 },
      );
    });

    it('with an empty or missing value never say 0 in its place', () => {
      const problems: string[] = [];
      for (const sample of samples) {
        const before = zerosOf(read(sample.from, sample.text));
        for (const place of valuesIn(sample.text)) {
          for (const [to, what] of [
            ['""', 'empty'],
            ['null', 'null'],
          ] as const) {
            const text = withValue(sample.text, place, to);
            for (const [name, count] of zerosOf(read(sample.from, text))) {
              if (count <= (before.get(name) ?? 0)) continue;
              if (what === 'null' && subject.absentIsZero.includes(name)) continue;
              const near = sample.text.slice(Math.max(0, place.at - 20), place.at + 20);
              problems.push(`${sample.name}: ${name} is 0 with ${what} at ...${near}...`);
            }
          }
        }
      }
      expect(problems).toEqual([]);
    });

    it('read by the byte scanner say the same as by decode, or are declined', () => {
      const frames = samples.filter(({ from }) => !isReply(from));
      const out = new Float64Array(quoteSlots.size);
      let scanned = 0;
      const agree = ({ sample, text }: Mutated): void => {
        const { from } = sample;
        if (isReply(from)) return;
        const bytes = new TextEncoder().encode(text);
        const depth = new DepthFrame();
        const book = scanBytes(spec.depthScanner?.(from, catalog) ?? declines, bytes, depth);
        if (book >= 0) {
          scanned++;
          expect(spec.decode(bytes, from, catalog).map(levelsOf), text).toEqual([
            scannedLevels(depth, catalog.at(book).id),
          ]);
        }
        const index = scanBytes(spec.quoteScanner(from, catalog), bytes, out);
        if (index < 0) return;
        scanned++;
        const [event, ...more] = spec.decode(bytes, from, catalog);
        expect(more).toEqual([]);
        const ts = out[quoteSlots.venueTsMs] as number;
        expect(event, text).toMatchObject({
          kind: 'quote',
          instrument: catalog.at(index).id,
          bid: out[quoteSlots.bid],
          bidQty: out[quoteSlots.bidQty],
          ask: out[quoteSlots.ask],
          askQty: out[quoteSlots.askQty],
          venueTsMs: Number.isNaN(ts) ? null : ts,
        });
      };
      for (const sample of frames) {
        agree({ sample, text: sample.text });
        // Figures at the edge of what a double holds.
        for (const place of valuesIn(sample.text)) {
          if (!/^"[\d.]+"$/.test(place.value)) continue;
          for (const figure of [
            '"9007199254740993"',
            '"900719925474099.3"',
            '"0.1234567890123457"',
          ]) {
            agree({ sample, text: withValue(sample.text, place, figure) });
          }
        }
      }
      expect(scanned, 'frames that the scanner reads').toBeGreaterThan(0);
      fc.assert(fc.property(oddValues(frames), agree), { numRuns: 500 });
      fc.assert(fc.property(damaged(frames), agree), { numRuns: 500 });
    });

    it('that are damaged never page on for ever', () => {
      const replies = samples.filter(({ from }) => isReply(from));
      fc.assert(
        fc.property(fc.oneof(oddValues(replies), damaged(replies)), ({ sample, text }) => {
          if (!isReply(sample.from)) return;
          const next = spec.nextPage(sample.from, text);
          if (next === null) return;
          expect(next.query).not.toBe(sample.from.query);
          // The same answer to the next request must not send the reader back.
          const after = spec.nextPage(next, text);
          if (after !== null) expect(after.query).not.toBe(sample.from.query);
        }),
        { numRuns: 500 },
      );
    });
  });
}

const declines = (): number => -1;
