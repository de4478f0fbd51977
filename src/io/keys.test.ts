import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readCredentials, redactText } from './keys.ts';

const config = { key: 'key-abcdef', secret: 'secret-abcdef', passphrase: 'phrase-abcdef' };
const okx = { venue: 'okx', needsPassphrase: true };
const binance = { venue: 'binance', needsPassphrase: false };

describe('credentials', () => {
  it('give their fields to who asks for them by name', () => {
    const credentials = readCredentials(config, okx);
    expect(credentials?.key).toBe('key-abcdef');
    expect(credentials?.secret).toBe('secret-abcdef');
    expect(credentials?.passphrase).toBe('phrase-abcdef');
  });

  it.each([
    ['JSON', (c: object) => JSON.stringify({ c })],
    ['inspection', (c: object) => inspect({ c }, { depth: 5, showHidden: true })],
    ['text', (c: object) => `${c}`],
    ['a spread', (c: object) => JSON.stringify({ ...c })],
    ['own keys', (c: object) => Reflect.ownKeys(c).join(' ')],
  ])('are not shown by %s', (_name, show) => {
    expect(show(readCredentials(config, okx) as object)).not.toMatch(/abcdef/);
  });

  it('are null when nothing is given', () => {
    expect(readCredentials({}, okx)).toBeNull();
    expect(readCredentials({ key: '', secret: null }, binance)).toBeNull();
  });

  it.each([
    [{ key: 'k' }, binance, 'binance: secret is missing: set it in the environment'],
    [{ key: 'k', secret: 's' }, okx, 'okx: passphrase is missing'],
    [{ key: '${' + 'KEY}', secret: 's' }, binance, 'binance: key is not substituted'],
    [{ key: 'k k', secret: 's' }, binance, 'binance: key has spaces'],
    [{ key: 'k'.repeat(600), secret: 's' }, binance, 'too long'],
  ])('%j is refused and the message holds no secret', (given, venue, says) => {
    expect(() => readCredentials(given, venue)).toThrow(says);
  });

  it('are cut out of a message that echoes them', () => {
    const credentials = readCredentials(config, okx);
    const text = redactText('GET /x?k=key-abcdef&s=secret-abcdef refused', credentials);
    expect(text).toBe('GET /x?k=[redacted]&s=[redacted] refused');
    expect(redactText('as it is', null)).toBe('as it is');
  });
});
