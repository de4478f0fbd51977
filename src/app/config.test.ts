import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { messageOf } from '../base/errors.ts';
import { defaultLimits } from '../risk/limits.ts';
import { strategies } from '../strategy/registry.ts';
import { loadConfig } from './config.ts';
import { shippedConfigDir } from './config-places.ts';
import { mainSchema } from './config-schema.ts';

const dirs: string[] = [];

/** The shipped configuration with one text of one file replaced. */
function changed(file: string, from: string, to: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'farb-config-'));
  dirs.push(dir);
  cpSync(shippedConfigDir(), dir, { recursive: true });
  const text = readFileSync(join(dir, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
  writeFileSync(join(dir, file), text.replace(from, to));
  return dir;
}

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

describe('the shipped configuration', () => {
  const config = loadConfig(shippedConfigDir(), {});

  it('loads, and its limits and strategies are the defaults of the code', () => {
    expect(config.limits).toEqual(defaultLimits);
    expect(config.strategies.map(({ strategy }) => strategy.name)).toEqual(
      strategies.map(({ name }) => name),
    );
    for (const { strategy, params } of config.strategies) expect(params).toEqual(strategy.defaults);
  });

  it('main.yaml says the defaults: a file without it means the same', () => {
    expect(config.main).toEqual(mainSchema.parse({}));
  });

  it('names every field of the limits', () => {
    const text = readFileSync(join(shippedConfigDir(), 'risk.yaml'), 'utf8');
    for (const field of Object.keys(defaultLimits)) expect(text).toContain(`${field}:`);
  });
});

describe('a wrong configuration', () => {
  it.each([
    ['main.yaml', 'answerMax: 1500ms', 'answerMax: soon', ['execution.answerMax', '"soon"', '15s']],
    ['main.yaml', 'port: 8000', 'port: 80000', ['api.port', '80000']],
    ['main.yaml', 'mode: testnet', 'mode: lvie', ['mode', '"lvie"']],
    ['main.yaml', 'mode: testnet', 'mode: [', ['main.yaml', 'not YAML']],
    ['exchanges.yaml', 'leverage: 3', 'leverage: 300', ['venues.binance.leverage', '300']],
    ['exchanges.yaml', '[USDT]', '${QUOTES}', ['quotes', 'QUOTES', 'Export it']],
    [
      'strategies.yaml',
      'name: perp-perp',
      'name: perp',
      ['strategies[0].name', 'Known: perp-perp'],
    ],
    ['strategies.yaml', 'netEdgeMin: 0.001', 'netEdgeMin: 1.5', ['params.netEdgeMin', '1.5']],
    ['strategies.yaml', 'netEdgeMin:', 'netEdgeMinn:', ['params.netEdgeMinn', 'unknown field']],
    ['risk.yaml', 'drawdownMax: 0.05', 'drawdownMax: 5', ['drawdownMax', '5']],
    ['risk.yaml', 'pairsOpenMax: 6', 'pairsOpenMax: 6.5', ['pairsOpenMax', '6.5']],
  ])('in %s: %s -> %s is told with file, path and value', (file, from, to, says) => {
    const dir = changed(file, from, to);
    let message = '';
    try {
      loadConfig(dir, {});
    } catch (thrown) {
      message = messageOf(thrown);
    }
    expect(message).toContain(join(dir, file));
    for (const text of says) expect(message).toContain(text);
    expect(message).not.toContain('\n');
  });

  it.each([
    ['key: ${BINANCE_KEY:-}', 'key: { x: hunter2-x }', 'venues.binance.key'],
    ['secret: ${BINANCE_SECRET:-}', 'secret: [hunter2-x]', 'venues.binance.secret'],
  ])('never repeats a key: %s -> %s', (from, to, path) => {
    const dir = changed('exchanges.yaml', from, to);
    const env = { BINANCE_KEY: 'hunter2-key', BINANCE_SECRET: 'hunter2-secret' };
    let message = '';
    try {
      loadConfig(dir, env);
    } catch (thrown) {
      message = messageOf(thrown);
    }
    expect(message).toContain(path);
    expect(message).not.toContain('hunter2');
  });

  // A known defect: the value at the path of an unknown field is the whole venue, keys included,
  // and `shown` of config.ts prints it. Turn this into a plain `it` together with the mend.
  it('an unknown field of a venue does not show the fields beside it', () => {
    const dir = changed('exchanges.yaml', 'profile: live', 'profil: live');
    let message = '';
    try {
      loadConfig(dir, { BINANCE_KEY: 'hunter2-key', BINANCE_SECRET: 'hunter2-secret' });
    } catch (thrown) {
      message = messageOf(thrown);
    }
    expect(message).not.toContain('hunter2');
  });

  it('a missing directory and a missing file say where to get one', () => {
    expect(() => loadConfig('/nowhere/config', {})).toThrow('Copy the shipped config/');
  });

  it('takes a value of the environment, and a default where it is not set', () => {
    const dir = changed('main.yaml', 'stateDir: ./state', 'stateDir: ${FARB_STATE:-./here}');
    expect(loadConfig(dir, {}).main.stateDir).toBe('./here');
    expect(loadConfig(dir, { FARB_STATE: '/data' }).main.stateDir).toBe('/data');
  });
});
