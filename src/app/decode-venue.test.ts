// Payloads of a venue that a plugin brings: the example's, and what is said where there is none.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tidewater } from '../../examples/venue/src/index.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { venues } from '../venues/registry.ts';
import { makeDecoder } from './decode.ts';
import { purposeByRequests, venueToDecode } from './decode-venue.ts';

const market = 'BTC-USDT-PERP';
const listing = {
  ...{ type: 'market', market, kind: 'perp', base: 'BTC', quote: 'USDT', tick: '0.1' },
  ...{ lot: '0.001', min: '0.002', max: '9', notional: '5', state: 'open', hours: 8 },
  leverage: 50,
};
const text = (...items: readonly object[]): string => JSON.stringify({ items });
const decoder = (request: string | null, instruments: string | null = null) =>
  makeDecoder({ spec: tidewater, request, market: null, instruments });

describe('payloads of a plugin', () => {
  it('frames are read, with the instruments of a listing in the input or in a file', () => {
    const frame = text({ type: 'fee', market: null, maker: '0.0001', taker: '0.0005' });
    const mark = text({ type: 'mark', market, mark: '100.1', index: '100', ts: 1_700 });
    const instrument = `tidewater:${market}`;
    const own = decoder(null);
    expect(own.decode(mark)).toMatchObject([{ kind: 'mark-price', instrument, mark: '100.1' }]);
    expect(own.decode(text(listing))).toMatchObject([{ kind: 'instrument', instrument }]);
    const given = decoder(null, text(listing));
    expect(given.decode(mark)).toMatchObject([{ kind: 'mark-price', venue: 'tidewater' }]);
    expect(() => decoder(null, frame)).toThrow('--instruments: no listing of Tidewater in it');
  });

  it('an answer is read as that of the request which the adapter makes of the path', () => {
    const found = decoder(`GET /v1/orders?market=${market}&id=a1`);
    expect(found.decode(text())).toMatchObject([{ kind: 'error', reaction: 'reconcile' }]);
    const open = decoder('GET /v1/orders?open=1');
    expect(open.decode(text())).toMatchObject([{ kind: 'control', name: 'ack' }]);
    const refused = '{"code":"margin","message":"not enough"}';
    expect(decoder('POST /v1/orders').decode(refused)).toMatchObject([{ kind: 'error' }]);
  });

  it('a path that it never asks is told', () => {
    const [event] = decoder('GET /v1/nothing').decode(text({ type: 'rain' }));
    expect(event).toMatchObject({
      kind: 'unrecognized',
      reason: 'GET /v1/nothing is not a path of Tidewater that farb reads',
    });
  });
});

describe('the request of a path', () => {
  it.each([
    ['GET', '/v1/time', '', 'server-time'],
    ['GET', '/v1/settlements', 'market=X&from=1&to=2', 'funding-history'],
    ['GET', '/v1/orders', 'since=7', 'order-history'],
    ['GET', '/v1/orders', 'market=X&id=7', 'query-order'],
    ['DELETE', '/v1/orders', 'market=X&id=7', 'cancel'],
    ['GET', '/v1/orders/7', '', null],
  ])('%s %s %s is %s', (method, path, query, purpose) => {
    expect(purposeByRequests(tidewater, { method, path, query })).toBe(purpose);
  });

  it('is found by a part of the path that names the order or the symbol', () => {
    const { requests } = tidewater;
    const cancel: VenueSpec['requests']['cancel'] = (id, of) => {
      return { ...requests.cancel(id, of), path: `/v1/orders/${of.symbol}/${id}`, query: '' };
    };
    const spec = { ...tidewater, requests: { ...requests, cancel } };
    const asked = { method: 'DELETE', path: '/v1/orders/BTC/77', query: '' };
    expect(purposeByRequests(spec, asked)).toBe('cancel');
  });

  it('an adapter that fails on an instrument of nowhere still has its other paths', () => {
    const fails = () => {
      throw new Error('not listed');
    };
    const spec = { ...tidewater, requests: { ...tidewater.requests, quotes: fails } };
    const asked = { method: 'GET', path: '/v1/time', query: '' };
    expect(purposeByRequests(spec, asked)).toBe('server-time');
  });

  it('agrees with the tables of our own venues where a path has one reading', () => {
    const asked = { method: 'GET', path: '/api/v5/public/time', query: '' };
    const okx = venues.find(({ id }) => id === 'okx') ?? tidewater;
    expect(purposeByRequests(okx, asked)).toBe('server-time');
  });
});

describe('the venue', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'farb-decode-'));
    writeFileSync(
      join(dir, 'exchanges.yaml'),
      'symbols: [BTC]\nvenues:\n  binance-b: { driver: binance }\n  gate: { driver: ccxt }\n' +
        '  absent: { plugin: ./absent.mjs }\n',
    );
    writeFileSync(join(dir, 'strategies.yaml'), 'strategies:\n  - name: perp-perp\n');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const of = (name: string, plugin: string | null = null) =>
    venueToDecode({ name, plugin, configDir: dir });

  it('is ours, or one that the configuration names', () => {
    expect(of('okx').name).toBe('OKX');
    expect(of('binance-b').name).toBe('Binance');
  });

  it.each([
    ['kraken', null, 'no venue "kraken". Known: binance, okx, bybit'],
    ['kraken', null, 'name it with --plugin'],
    ['gate', null, 'speaks through ccxt'],
    ['absent', null, 'venues.absent: plugin ./absent.mjs: there is no'],
    ['mine', './nowhere.mjs', '--plugin: plugin ./nowhere.mjs: there is no'],
  ])('%s %s: %s', (name, plugin, says) => {
    expect(() => of(name, plugin)).toThrow(says);
  });
});
