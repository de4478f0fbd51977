// What of the conformance suite fits Hyperliquid: every error has its reaction, orders over its
// socket say what REST says, and its payloads crash nothing under any damage. Its figures are not
// all in the payload as they come out (filled is the order without its rest, cash the value without
// its profits, the tick follows the price), so "no figure that the payload does not say" is tested
// with worked examples in account.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Catalog } from '../../src/domain/instrument.ts';
import type { VenueEvent } from '../../src/domain/venue-event.ts';
import { quoteSlots } from '../../src/domain/venue-spec.ts';
import { bareNumbers, damaged, type Mutated, oddValues } from '../../src/testing/mutate.ts';
import { scanBytes } from '../../src/testing/scan-bytes.ts';
import { isReply } from '../../src/testing/subject.ts';
import { errorCases } from '../../src/testing/suite-errors.ts';
import { orderCases } from '../../src/testing/suite-orders.ts';
import { malformed } from '../../src/testing/values.ts';
import { hyperliquidSubject } from './subjects/hyperliquid.ts';

const runs = 1_500;
const { spec, samples } = hyperliquidSubject;
const known = hyperliquidSubject.catalog();

function read({ sample: { from }, text }: Mutated, catalog: Catalog): readonly VenueEvent[] {
  if (isReply(from)) return spec.decodeReply(from, { status: 200, body: text }, catalog);
  return spec.decode(new TextEncoder().encode(text), from, catalog);
}

describe('hyperliquid conforms', () => {
  errorCases(hyperliquidSubject);
  orderCases(hyperliquidSubject);

  it.each(samples.map((sample) => [sample.name, sample] as const))('%s is read', (_n, sample) => {
    const events = read({ sample, text: sample.text }, known);
    expect(events.filter(({ kind }) => kind === 'unrecognized')).toEqual([]);
    expect(events.flatMap((event) => malformed(event, spec.id))).toEqual([]);
  });

  it('samples cover every kind of event', () => {
    const kinds = new Set(
      samples.flatMap((sample) => read({ sample, text: sample.text }, known)).map((e) => e.kind),
    );
    for (const kind of [
      ...['quote', 'depth', 'mark-price', 'funding-rate', 'trade', 'instrument', 'fee-rate'],
      ...['order', 'fill', 'balance', 'position', 'funding-payment', 'error', 'control'],
    ] as const) {
      expect(kinds).toContain(kind);
    }
  });

  it.each([
    ['with odd values', oddValues(samples)],
    ['with figures as bare numbers', bareNumbers(samples)],
    ['cut, overwritten or doubled', damaged(samples)],
  ])('payloads %s crash nothing, with and without a catalog', (_name, mutations) => {
    fc.assert(
      fc.property(mutations, (mutated) => {
        for (const catalog of [known, new Catalog()]) {
          const wrong = read(mutated, catalog).flatMap((event) => malformed(event, spec.id));
          expect(wrong, `${mutated.sample.name}: ${mutated.text}`).toEqual([]);
        }
      }),
      { numRuns: runs },
    );
  });

  it('frames that the byte scanner reads say the same by decode', () => {
    const frames = samples.filter(({ name }) => name.startsWith('ws-bbo'));
    const out = new Float64Array(quoteSlots.size);
    const scan = spec.quoteScanner({ stream: 's', market: null }, known);
    let scanned = 0;
    fc.assert(
      fc.property(fc.oneof(oddValues(frames), bareNumbers(frames), damaged(frames)), (mutated) => {
        const bytes = new TextEncoder().encode(mutated.text);
        const index = scanBytes(scan, bytes, out);
        if (index < 0) return;
        scanned++;
        expect(read(mutated, known)).toMatchObject([
          {
            ...{ kind: 'quote', instrument: known.at(index).id, bid: out[0], bidQty: out[1] },
            ...{ ask: out[2], askQty: out[3], venueTsMs: out[quoteSlots.venueTsMs] },
          },
        ]);
      }),
      { numRuns: 3_000 },
    );
    expect(scanned).toBeGreaterThan(0);
  });
});
