// Plugins of the configuration: found as packages and as modules, checked with messages that say
// what is missing and how to mend it, not evaluated before they are needed, part of the digest.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { venueSetups } from './compose.ts';
import { loadConfig, loadConfigToClose } from './config.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-plugins-'));
  write('exchanges.yaml', 'symbols: [BTC]\nvenues: {}\n');
  write('strategies.yaml', 'strategies:\n  - name: perp-perp\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
}
const strategies = (plugin: string, name = 'mine') =>
  write('strategies.yaml', `strategies:\n  - { name: ${name}, plugin: "${plugin}" }\n`);
const venues = (plugin: string, id = 'myvenue') =>
  write(
    'exchanges.yaml',
    `symbols: [BTC]\nvenues:\n  ${id}: { plugin: "${plugin}", key: k, secret: s }\n`,
  );
const load = () => loadConfig(dir, {});

const strategyText = (change = '') => `
const none = () => ({ ok: false, code: 'too-small', edge: null });
const strategy = {
  name: 'mine', defaults: { notionalUsd: 1 }, pairs: () => [],
  parseParams: (record) => 'bad' in record
    ? { ok: false, field: 'bad', message: 'is bad' } : { ok: true, params: { notionalUsd: 1 } },
  entry: none, exit: () => ({ exit: false, code: 'hold', expectedCarry: 0 }),
};
${change}
export const plugin = { contractVersion: 1, strategy };
`;
const requests =
  'serverTime instruments fundingRates fundingHistory quotes depth feeRates setup place cancel ' +
  'queryOrder openOrders orderHistory fills balances positions fundingPayments accountConfig';
const venueText = (change = '') => `
const f = () => [];
const venue = {
  id: 'myvenue', name: 'Mine', orderValidityMs: 5000, needsPassphrase: false,
  endpoints: { live: { http: { rest: 'https://example.org' }, ws: {} } },
  rateLimits: { buckets: {}, readHeaders: () => ({ used: {}, retryAfterMs: null }) },
  publicStreams: f, privateStreams: f, decode: f, quoteScanner: () => () => -1,
  bookVerdict: () => 'apply', nextPage: () => null, sign: (request) => request, decodeReply: f,
  requests: Object.fromEntries('${requests}'.split(' ').map((name) => [name, f])),
};
${change}
export const plugin = { contractVersion: 1, venue };
`;

describe('a strategy of a plugin', () => {
  it('is loaded from a module beside the configuration', () => {
    write('mine.mjs', strategyText());
    strategies('./mine.mjs');
    expect(load().strategies).toMatchObject([{ strategy: { name: 'mine' } }]);
  });

  it('is loaded from a package, which is looked for from the configuration upwards', () => {
    write(
      'node_modules/farb-mine/package.json',
      '{"name":"farb-mine","exports":"./x.js","type":"module"}',
    );
    write('node_modules/farb-mine/x.js', strategyText());
    strategies('farb-mine');
    expect(load().strategies).toMatchObject([{ strategy: { name: 'mine' } }]);
  });

  it('is loaded from the folder of a package by what its package.json exports', () => {
    write('plug/package.json', '{"type":"module","exports":{".":{"import":"./lib/x.js"}}}');
    write('plug/lib/x.js', strategyText());
    strategies('./plug');
    expect(load().strategies).toHaveLength(1);
  });

  it('is not evaluated until it is needed', () => {
    write('mine.mjs', "throw new Error('evaluated');");
    strategies('./mine.mjs');
    const config = load();
    expect(config.main.mode).toBe('testnet');
    expect(config.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(() => config.strategies).toThrow(
      /strategies\[0\]: plugin .\/mine.mjs: cannot be loaded/,
    );
  });

  it('has its parameters judged by itself, with the place of the configuration', () => {
    write('mine.mjs', strategyText());
    write(
      'strategies.yaml',
      'strategies:\n  - { name: mine, plugin: "./mine.mjs", params: { bad: 1 } }\n',
    );
    expect(() => load().strategies).toThrow(/strategies\[0\].params.bad: is bad/);
  });

  it.each<[what: string, text: string, says: RegExp]>([
    ['no export', 'export const other = 1;', /exports no "plugin": add export const plugin = \{/],
    [
      'another contract',
      'export const plugin = { contractVersion: 2 };',
      /contractVersion is 2, this farb speaks 1/,
    ],
    ['no contract', 'export const plugin = { strategy: {} };', /contractVersion is none/],
    [
      'a venue',
      'export const plugin = { contractVersion: 1, venue: {} };',
      /it is a venue: name it in exchanges.yaml/,
    ],
    ['neither', 'export const plugin = { contractVersion: 1 };', /plugin.strategy is missing/],
    [
      'members',
      strategyText('delete strategy.exit; strategy.pairs = 3;'),
      /strategy.pairs is a number, it must be a function; strategy.exit is missing/,
    ],
    [
      'another name',
      strategyText("strategy.name = 'yours';"),
      /strategy.name is "yours", configured as "mine"/,
    ],
    [
      'a name of ours',
      strategyText("strategy.name = 'perp-perp';"),
      /is the name of a strategy of farb/,
    ],
    ['no JavaScript', 'export const plugin: number = 1;', /cannot be loaded/],
    ['a top-level await', 'await 0; export const plugin = 1;', /awaits at its top level/],
  ])('with %s is refused', (_what, text, says) => {
    write('mine.mjs', text);
    strategies('./mine.mjs');
    expect(() => load().strategies).toThrow(says);
  });

  it('that is not there is told with the way to it', () => {
    strategies('./none.mjs');
    expect(() => load().strategies).toThrow(/there is no .*none.mjs. Paths are relative to/);
    strategies('farb-no-such-plugin');
    expect(() => load().strategies).toThrow(/npm install farb-no-such-plugin beside/);
    write('plug/package.json', '{"exports":"./dist/index.js"}');
    strategies('./plug');
    expect(() => load().strategies).toThrow(/there is no .*dist\/index.js: build it/);
  });
});

describe('a venue of a plugin', () => {
  const setups = () => venueSetups(load(), null);

  it('is set up with its own endpoints', () => {
    write('venue.mjs', venueText());
    venues('./venue.mjs');
    expect(setups()).toMatchObject([
      { id: 'myvenue', driver: 'native', endpoints: { http: { rest: 'https://example.org' } } },
    ]);
  });

  it('is not evaluated by reading the configuration', () => {
    write('venue.mjs', "throw new Error('evaluated');");
    venues('./venue.mjs');
    expect(load().strategies).toHaveLength(1);
    expect(setups).toThrow(/venues.myvenue: plugin .\/venue.mjs: cannot be loaded: evaluated/);
  });

  it.each<[what: string, change: string, says: RegExp]>([
    ['a missing request', 'delete venue.requests.cancel;', /venue.requests.cancel is missing/],
    ['a missing member', 'delete venue.decode;', /venue.decode is missing, it must be a function/],
    ['no live endpoints', 'venue.endpoints = {};', /has no "live": add/],
    ['another id', "venue.id = 'other';", /venue.id is "other", configured as "myvenue"/],
    ['an id of ours', "venue.id = 'okx';", /"okx" is the name of a venue of farb/],
    ['odd letters', "venue.id = 'My:Venue';", /write small letters/],
  ])('with %s is refused', (_what, change, says) => {
    write('venue.mjs', venueText(change));
    venues('./venue.mjs');
    expect(setups).toThrow(says);
  });
});

describe('a flatten', () => {
  it('does without the strategies when the plugin of one cannot be loaded', () => {
    write('mine.mjs', "throw new Error('broken');");
    strategies('./mine.mjs');
    write('exchanges.yaml', 'symbols: [BTC]\nvenues: { okx: {} }\n');
    const { config, broken } = loadConfigToClose(dir, {});
    expect(config.strategies).toEqual([]);
    expect(broken).toEqual([]);
  });
});

describe('the digest of the configuration', () => {
  it('changes with any file of a plugin, and not with its packages', () => {
    write('plug/package.json', '{"name":"p","version":"1.0.0","exports":"./a.js","type":"module"}');
    write('plug/a.js', strategyText());
    write('plug/b.js', 'export const b = 1;');
    strategies('./plug');
    const first = load().digest;
    expect(load().digest).toBe(first);
    write('plug/node_modules/x/index.js', 'x');
    expect(load().digest).toBe(first);
    write('plug/b.js', 'export const b = 2;');
    const second = load().digest;
    expect(second).not.toBe(first);
    write('plug/package.json', '{"name":"p","version":"1.0.1","exports":"./a.js","type":"module"}');
    expect(load().digest).not.toBe(second);
  });

  it('is what it was where no plugin is configured', () => {
    const plain = load().digest;
    write('unused.mjs', strategyText());
    expect(load().digest).toBe(plain);
  });
});
