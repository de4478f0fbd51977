// Readers of option values: each says which option, the value, and what would be right.
import { UserError } from '../base/errors.ts';
import { tryDuration, tryTime } from '../base/time.ts';

/** "90s", "3d", "1h30m" in ms. */
export function durationOf(option: string): (text: string) => number {
  return (text) => {
    const ms = tryDuration(text);
    if (ms !== null && ms > 0) return ms;
    throw new UserError(`${option} ${text}: write a duration like 90s, 15m or 3d`);
  };
}

/** "2024-02-28", "2024-02-28T16:00Z" or epoch ms, in epoch ms. */
export function timeOf(option: string): (text: string) => number {
  return (text) => {
    const tsMs = tryTime(text);
    if (tsMs !== null) return tsMs;
    throw new UserError(`${option} ${text}: write a UTC time like 2024-02-28 or 2024-02-28T16:00Z`);
  };
}

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

export function numberOf(option: string, bounds: NumberBounds): (text: string) => number {
  const { min, max, integer = false } = bounds;
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const whole = !integer || Number.isInteger(value);
    if (whole && value >= min && value <= max) return value;
    const kind = integer ? 'a whole number' : 'a number';
    throw new UserError(`${option} ${text}: write ${kind} between ${min} and ${max}`);
  };
}

/** "BTC,ETH" -> ["BTC", "ETH"]. */
export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** One of a closed set of words. */
export function oneOf<T extends string>(option: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new UserError(`${option} ${text}: write one of ${words.join(', ')}`);
  };
}

export const seedBounds: NumberBounds = { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true };
export const speedBounds: NumberBounds = { min: 0.001, max: 100_000 };
