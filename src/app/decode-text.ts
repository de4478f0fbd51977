// A normalised event as one flat JSON object: `kind` first, money, prices, quantities and rates
// as plain decimal text, times as epoch ms. The form is part of the contract of `farb decode`.
import { type Decimal, formatDecimal } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';

/** Numbers that stay numbers: times, and the leverage, which is a plain ratio. */
const numberFields = /Ms$|^leverage(Max)?$/;

export function flatEvent(event: VenueEvent): Readonly<Record<string, unknown>> {
  const { kind, venue, symbol, instrument, venueTsMs, ...rest } = event;
  const stamp = { kind, venue, symbol, instrument, venueTsMs };
  if (event.kind === 'instrument') return { ...stamp, ...flatInstrument(event.spec) };
  if (event.kind === 'margin-tiers') {
    const { unit, tiers } = event.table;
    return { ...stamp, unit, tiers: tiers.map(flatFields) };
  }
  return { ...stamp, ...flatFields(rest) };
}

/** Of a contract whose size is not known: prices stay, quantities are null, not a guess. */
export function withoutQuantities(
  flat: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(flat).map(([name, value]) => {
      if (name === 'qty' || name.endsWith('Qty')) return [name, null];
      if (name === 'tiers' && flat['unit'] === 'quantity') return [name, null];
      if (name !== 'bids' && name !== 'asks') return [name, value];
      const levels = Array.isArray(value) ? value : [];
      return [name, levels.map((level) => [Array.isArray(level) ? level[0] : null, null])];
    }),
  );
}

/** Its own `kind` would hide the event's: it is told as `instrumentKind`. */
function flatInstrument(spec: Instrument): Readonly<Record<string, unknown>> {
  const { id: _id, venue: _venue, symbol: _symbol, kind: instrumentKind, ...rest } = spec;
  return { instrumentKind, ...flatFields(rest) };
}

function flatFields(fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, flatValue(name, value)]),
  );
}

function flatValue(name: string, value: unknown): unknown {
  // Decimals are the only bigints that events hold.
  if (typeof value === 'bigint') return formatDecimal(value as Decimal);
  if (typeof value === 'number') return numberFields.test(name) ? value : plainNumber(value);
  if (Array.isArray(value)) return value.map((item) => flatValue('', item));
  return value;
}

/** By how many digits shorter a text must be to show that the rest was noise of a division. */
const noiseDigitsMin = 3;

/**
 * The shortest decimal text of a number without an exponent: 1e-7 -> "0.0000001"; null for NaN. The
 * last bit of a converted price is noise: 0.01012 / 1000 is told as 0.00001012.
 */
export function plainNumber(value: number): string | null {
  if (!Number.isFinite(value)) return null;
  if (value === 0) return '0';
  const exact = String(value);
  const rounded = String(Number(value.toPrecision(15)));
  return withoutExponent(rounded.length <= exact.length - noiseDigitsMin ? rounded : exact);
}

function withoutExponent(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, whole = '', fraction = '', exponentText] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
