import { describe, expect, it } from 'vitest';
import { cell, countdown, pct, signedUsd, usd, wrap } from './terminal-text.ts';

describe('texts of the terminal', () => {
  it.each([
    [1234567.891, '1,234,567.89'],
    [-1234.5, '-1,234.50'],
    [-0.001, '0.00'],
    [0, '0.00'],
    [999.999, '1,000.00'],
  ])('%d USD reads %s', (value, expected) => {
    expect(usd(value)).toBe(expected);
  });

  it('a sign is shown for what was received and for what was paid', () => {
    expect(signedUsd(5)).toBe('+5.00');
    expect(signedUsd(-5)).toBe('-5.00');
    expect(signedUsd(0)).toBe('0.00');
  });

  it('a fraction becomes percent, and a rounded zero has no sign', () => {
    expect(pct(0.0001, 4)).toBe('+0.0100%');
    expect(pct(-0.00000001, 4)).toBe('0.0000%');
  });

  it('a cell is exactly as wide as asked', () => {
    expect(cell('abc', 5)).toBe('abc  ');
    expect(cell('abc', 5, 'right')).toBe('  abc');
    expect(cell('abcdef', 4)).toBe('abc…');
  });

  it('a settlement that is due is now', () => {
    expect(countdown(0)).toBe('now');
    expect(countdown(61_000)).toBe('1m 01s');
  });

  it('a text is wrapped at words and cut at the last line', () => {
    expect(wrap('one two three', 7, 3)).toEqual(['one two', 'three']);
    expect(wrap('one two three four', 7, 2)).toEqual(['one two', 'three …']);
  });
});
