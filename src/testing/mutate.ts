// Ways in which a payload goes wrong, as fast-check arbitraries over golden texts: a value replaced
// or left out, a string turned into a bare number, text cut, overwritten or doubled.
import fc from 'fast-check';
import type { Sample } from './subject.ts';

/** JSON texts that a value may turn into. */
const odd = [
  'null',
  'true',
  '""',
  '" "',
  '"0x10"',
  '"NaN"',
  '"Infinity"',
  '"1e999"',
  '1e999',
  '"-"',
  '-1',
  '"-7.25"',
  '12345678901234567890',
  '"99999999999999999999999999.99"',
  `"0.${'0'.repeat(30)}1"`,
  '0.12345678901234567',
  '9007199254740993',
  '"SOMETHING_NEW"',
  '"__proto__"',
  '"constructor"',
  '[]',
  '[[]]',
  '{}',
  '{"a":{"a":null}}',
];

/** Strings whole, so that a key is seen as one and left out. */
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

export interface Mutated {
  readonly sample: Sample;
  readonly text: string;
}

/** One value of the payload replaced by something that does not belong there. */
export function oddValues(samples: readonly Sample[]): fc.Arbitrary<Mutated> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.nat(), fc.constantFrom(...odd))
    .map(([sample, pick, to]) => ({ sample, text: replaced(sample.text, pick, () => to) }));
}

/** A quoted figure sent as a bare number, as venues sometimes begin to do. */
export function bareNumbers(samples: readonly Sample[]): fc.Arbitrary<Mutated> {
  const digits = fc.stringMatching(/^[1-9]\d{0,17}\.\d{1,9}$/);
  return fc
    .tuple(fc.constantFrom(...samples), fc.nat(), fc.option(digits))
    .map(([sample, pick, figure]) => ({
      sample,
      text: replaced(sample.text, pick, (value) => {
        const bare = value.replaceAll('"', '');
        return /^-?\d+(?:\.\d+)?$/.test(bare) ? (figure ?? bare.replace(/^0+(?=\d)/, '')) : value;
      }),
    }));
}

/** Text cut short, overwritten or doubled in places. */
export function damaged(samples: readonly Sample[]): fc.Arbitrary<Mutated> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(), fc.string({ maxLength: 4 }))
    .map(([sample, at, way, noise]) => {
      const { text } = sample;
      const place = at % text.length;
      const [head, tail] = [text.slice(0, place), text.slice(place)];
      const made = [head, head + noise + tail.slice(1), text + tail, tail + head][way % 4];
      return { sample, text: made as string };
    });
}

/** The positions of a payload's values, for cases that go through all of them. */
export function valuesIn(text: string): readonly { readonly at: number; readonly value: string }[] {
  return [...text.matchAll(token)]
    .filter((match) => match[2] === undefined)
    .map((match) => ({ at: match.index, value: match[0] }));
}

/** The text with the value at a position replaced. */
export function withValue(
  text: string,
  place: { readonly at: number; readonly value: string },
  to: string,
): string {
  return text.slice(0, place.at) + to + text.slice(place.at + place.value.length);
}

function replaced(text: string, pick: number, to: (value: string) => string): string {
  const places = valuesIn(text);
  const place = places[pick % Math.max(1, places.length)];
  return place === undefined ? text : withValue(text, place, to(place.value));
}
