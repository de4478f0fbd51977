// Every payload class of Binance, OKX and Bybit that farb meets -> what `farb decode` tells of it.
// The samples are test/payloads/*.yaml, composed by hand from the venues' documentation.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Market } from '../domain/instrument.ts';
import { makeDecoder, payloadsOf } from './decode.ts';
import { venueToDecode } from './decode-venue.ts';

interface Sample {
  readonly name: string;
  readonly payload: string;
  readonly request?: string;
  readonly market?: Market;
  /** Every event, in order; `expectFirst` where more follow. */
  readonly expect?: readonly object[];
  readonly expectFirst?: readonly object[];
}

function samplesOf(venue: string): readonly Sample[] {
  const file = new URL(`../../test/payloads/${venue}.yaml`, import.meta.url);
  return parse(readFileSync(file, 'utf8')) as readonly Sample[]; // a file of ours
}

function decodeText(venue: string, { request, market, payload }: Sample) {
  const spec = venueToDecode({ name: venue, plugin: null, configDir: null });
  const options = { request: request ?? null, market: market ?? null, instruments: null };
  const decoder = makeDecoder({ spec, ...options });
  return payloadsOf(payload).flatMap((one) => decoder.decode(one));
}

describe.each(['binance', 'okx', 'bybit'])('%s', (venue) => {
  const samples = samplesOf(venue);

  it.each(samples.map((sample) => [sample.name, sample] as const))('%s', (_name, sample) => {
    const events = decodeText(venue, sample);
    const wanted = sample.expect ?? sample.expectFirst ?? [];
    if (sample.expect !== undefined) expect(events).toHaveLength(wanted.length);
    expect(events.slice(0, wanted.length)).toMatchObject(wanted);
  });

  it.each(samples.map((sample) => [sample.name, sample] as const))(
    '%s, printed over several lines, says the same',
    (_name, sample) => {
      const hasReason = sample.expect?.some(
        (event) => 'kind' in event && event.kind === 'unrecognized',
      );
      if (!/^[[{]/.test(sample.payload) || hasReason === true) return;
      const printed = prettyExact(sample.payload);
      expect(decodeText(venue, { ...sample, payload: printed })).toEqual(decodeText(venue, sample));
    },
  );
});

describe.each(['binance', 'okx', 'bybit'])('a damaged payload of %s', (venue) => {
  it('is told, whatever was cut or changed in it', () => {
    const samples = samplesOf(venue);
    const damaged = fc
      .tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(), fc.json())
      .map(([sample, from, length, value]) => {
        const { payload } = sample;
        const at = from % payload.length;
        const end = at + (length % 12);
        return { ...sample, payload: payload.slice(0, at) + value + payload.slice(end) };
      });
    fc.assert(
      fc.property(damaged, (sample) => {
        for (const event of decodeText(venue, sample)) {
          expect(event['kind']).toEqual(expect.any(String));
          expect(String(event['reason'])).not.toMatch(/^the decoder failed/);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** Line breaks after every comma and bracket outside of texts: numbers keep all their digits. */
function prettyExact(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|[,{[]/g, (found) =>
    found.startsWith('"') ? found : `${found}\n  `,
  );
}
