import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, makeDecoder, payloadsOf } from './decode.ts';
import { venueToDecode } from './decode-venue.ts';

function decoder(venue: string, overrides: Partial<DecodeOptions> = {}) {
  const spec = venueToDecode({ name: venue, plugin: null, configDir: null });
  return makeDecoder({ spec, request: null, market: null, instruments: null, ...overrides });
}

function fixture(path: string): string {
  return readFileSync(new URL(`../venues/fixtures/${path}`, import.meta.url), 'utf8');
}

describe('payloadsOf', () => {
  it('one JSON value over several lines is one payload', () => {
    expect(payloadsOf('{\n  "a": 1\n}\n')).toEqual(['{\n  "a": 1\n}']);
  });
  it('one frame a line is as many payloads, empty lines are none', () => {
    expect(payloadsOf('{"a":1}\n\n pong \r\n{broken\n')).toEqual(['{"a":1}', 'pong', '{broken']);
  });
  it('values that each take several lines are as many payloads', () => {
    const text = '{\n  "a": "}"\n}\n[\n  1\n]\n';
    expect(payloadsOf(text)).toEqual(['{\n  "a": "}"\n}', '[\n  1\n]']);
    expect(payloadsOf('{\n  "a": 1')).toEqual(['{', '"a": 1']);
  });
  it('a page is one payload, a byte order mark is none of it', () => {
    expect(payloadsOf('\uFEFF<html>\n<title>502</title>\n</html>')).toHaveLength(1);
  });
  it('nothing is no payload', () => {
    expect(payloadsOf(' \n ')).toEqual([]);
  });
});

describe('decode', () => {
  it('knows Binance’s instruments by their names, and converts multiples', () => {
    const frame =
      '{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,' +
      '"s":"1000PEPEUSDT","b":"0.0100","B":"31","a":"0.0101","A":"40"}';
    expect(decoder('binance').decode(frame)).toEqual([
      {
        kind: 'quote',
        venue: 'binance',
        symbol: '1000PEPEUSDT',
        instrument: 'binance:PEPE-USDT-PERP',
        venueTsMs: expect.any(Number),
        bid: '0.00001',
        bidQty: '31000',
        ask: '0.0000101',
        askQty: '40000',
      },
    ]);
  });

  it('--market decides where a frame alone does not', () => {
    const frame = fixture('bybit/ws-orderbook-1-linear.json');
    expect(decoder('bybit').decode(frame)[0]).toMatchObject({ instrument: null });
    const told = decoder('bybit', { market: 'linear' }).decode(frame)[0];
    expect(told).toMatchObject({ kind: 'quote', instrument: 'bybit:BTC-USDT-PERP' });
  });

  it('converts OKX contracts by the published size, or by the listing that it is given', () => {
    const frame =
      '{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},' +
      '"data":[{"asks":[["64000.1","200","0","3"]],"bids":[["64000","100","0","2"]],' +
      '"ts":"1700000000000","seqId":"9007199254740995"}]}';
    const [quote] = decoder('okx').decode(frame);
    // 100 contracts of 0.01 BTC
    expect(quote).toMatchObject({ kind: 'quote', bid: '64000', bidQty: '1', askQty: '2' });
    const listing = JSON.stringify({
      code: '0',
      data: [
        {
          ...{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', uly: 'BTC-USDT', ctVal: '0.5' },
          ...{ ctMult: '1', ctValCcy: 'BTC', ctType: 'linear', settleCcy: 'USDT' },
          ...{ tickSz: '0.1', lotSz: '1', minSz: '1', state: 'live', lever: '100' },
        },
      ],
    });
    const own = decoder('okx');
    own.learn(listing);
    expect(own.decode(frame)[0]).toMatchObject({ bidQty: '50', askQty: '100' });
    const given = decoder('okx', { instruments: listing });
    expect(given.decode(frame)[0]).toMatchObject({ bidQty: '50' });
  });

  it('flattens an instrument: its own kind is instrumentKind', () => {
    const [event] = decoder('bybit').decode(fixture('bybit/rest-instruments-linear.json'));
    expect(event).toMatchObject({
      kind: 'instrument',
      instrumentKind: 'linear-perp',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      tickSize: '0.1',
    });
  });

  it('reads a reply by the path that it answers, query included', () => {
    const options = { request: 'GET /v5/market/tickers?category=linear' };
    const events = decoder('bybit', options).decode(fixture('bybit/rest-tickers-linear.json'));
    expect(events.map(({ kind }) => kind)).toContain('funding-rate');
  });

  it('refuses a request that is no path', () => {
    const make = () => decoder('bybit', { request: 'tickers' });
    expect(make).toThrow('write it like "GET /path?a=b"');
  });

  it('a path that nobody knows is told a line, and read where the fields say what it is', () => {
    const own = decoder('bybit', { request: 'GET /v9/nothing' });
    expect(own.decode('{"retCode":0,"result":{"odd":1}}')).toMatchObject([
      { kind: 'unrecognized', reason: 'GET /v9/nothing is not a path of Bybit that farb reads' },
    ]);
    expect(own.decode(fixture('bybit/rest-tickers-linear.json'))[0]).toMatchObject({
      kind: 'quote',
    });
    expect(own.decode('{"retCode":10006,"retMsg":"Too many visits!"}')).toMatchObject([
      { kind: 'error', reaction: 'back-off' },
    ]);
  });

  it('takes a whole URL for its path', () => {
    const request = 'https://api.bybit.com/v5/market/time';
    const [time] = decoder('bybit', { request }).decode(fixture('bybit/rest-time.json'));
    expect(time).toMatchObject({ kind: 'control', name: 'server-time' });
  });

  it('a contract of unknown size keeps its quantities to itself until its listing comes', () => {
    const frame =
      '{"arg":{"channel":"trades","instId":"ODD-USDT-SWAP"},"data":[{"instId":"ODD-USDT-SWAP",' +
      '"tradeId":"6","px":"1.01","sz":"12","side":"buy","ts":"1785402000600"}]}';
    const own = decoder('okx');
    expect(own.decode(frame)).toMatchObject([{ kind: 'trade', price: '1.01', qty: null }]);
    own.learn(
      '{"code":"0","data":[{"instType":"SWAP","instId":"ODD-USDT-SWAP","uly":"ODD-USDT",' +
        '"ctVal":"5","ctMult":"1","ctType":"linear","settleCcy":"USDT","state":"live"}]}',
    );
    expect(own.decode(frame)).toMatchObject([{ kind: 'trade', qty: '60' }]);
  });

  it('names the venues that there are', () => {
    expect(() => decoder('kraken')).toThrow('no venue "kraken". Known: binance, okx, bybit');
  });

  it.each(['binance', 'okx', 'bybit'])('no text makes the decoder of %s throw', (venue) => {
    const own = decoder(venue);
    const frames = fixture('binance/usdm-order-trade-update.json') + fixture('bybit/ws-order.json');
    const cut = fc.tuple(fc.nat(frames.length), fc.nat(frames.length)).map(([a, b]) => {
      return frames.slice(Math.min(a, b), Math.max(a, b));
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), cut), (payload) => {
        own.learn(payload);
        for (const event of own.decode(payload)) expect(event['kind']).toEqual(expect.any(String));
      }),
    );
  });
});
