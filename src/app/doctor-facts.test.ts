// What the doctor says of an account, a listing and prices; and --fix against a venue that answers
// over a real socket.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instrumentOf, legOf } from '../../test/support/strategy-fixtures.ts';
import { doctorReportSchema } from '../api/doctor-report.ts';
import { present } from '../base/assert.ts';
import { decimal } from '../base/decimal.ts';
import { Catalog } from '../domain/instrument.ts';
import { type AccountFacts, accountReaderOf } from '../venues/account-facts.ts';
import { binance } from '../venues/binance/index.ts';
import { loadConfig } from './config.ts';
import { accountChecks } from './doctor-account.ts';
import { factChecks, feeCheck } from './doctor-facts.ts';
import { filtersCheck, identityCheck, type Seen } from './doctor-market.ts';

const good: AccountFacts = {
  ...{ canTrade: true, canWithdraw: false, isAddressBound: true, positionMode: 'one-way' },
  ...{ marginMode: 'cross', isolatedSymbols: [], isMultiAsset: false, feeTier: '0' },
};
const context = { venue: 'binance', adapter: 'binance', isTestnet: false, mayWithdraw: false };

describe('the facts of an account', () => {
  it('that are right are all well', () => {
    expect(factChecks(good, context).map(({ status }) => status)).toEqual(Array(6).fill('ok'));
  });

  it.each<[what: string, change: Partial<AccountFacts>, name: string, status: string]>([
    ['may withdraw', { canWithdraw: true }, 'binance withdrawals', 'fail'],
    ['may not trade', { canTrade: false }, 'binance permissions', 'fail'],
    ['works from anywhere', { isAddressBound: false }, 'binance addresses', 'warn'],
    ['is in hedge mode', { positionMode: 'hedge' }, 'binance position mode', 'fail'],
    ['is isolated', { marginMode: 'isolated' }, 'binance margin mode', 'warn'],
    ['is in multi-assets mode', { isMultiAsset: true }, 'binance collateral', 'warn'],
    ['does not say whether it may withdraw', { canWithdraw: null }, 'binance withdrawals', 'warn'],
  ])('an account that %s is told', (_what, change, name, status) => {
    const odd = factChecks({ ...good, ...change }, context).filter((c) => c.status !== 'ok');
    expect(odd).toMatchObject([{ name, status, mend: expect.any(String) }]);
  });

  it('a key that may withdraw is let through only by who was told', () => {
    const said = factChecks({ ...good, canWithdraw: true }, { ...context, mayWithdraw: true });
    expect(said.map(({ status }) => status)).not.toContain('fail');
  });

  it('fees are told in basis points with the tier', () => {
    const rate = { venue: 'binance', symbol: 'X', instrument: 'x', venueTsMs: null };
    const rates = [{ kind: 'fee-rate' as const, ...rate, taker: 0.0005, maker: 0.0002 }];
    expect(feeCheck(rates, '3', context).detail).toBe('tier 3; taker 5, maker 2 bps');
    expect(feeCheck([], null, context).status).toBe('warn');
  });
});

describe('what venues say of a key', () => {
  const read = (venue: string, replies: readonly (readonly [string, object])[]) =>
    accountReaderOf(venue)?.read(
      replies.map(([path, body]) => ({ path, body: JSON.stringify(body) })),
    );

  it('OKX: permissions, addresses, net mode', () => {
    const row = { perm: 'read_only,trade,withdraw', ip: '', posMode: 'long_short_mode' };
    const facts = read('okx', [['/api/v5/account/config', { data: [{ ...row, acctLv: '2' }] }]]);
    expect(facts).toMatchObject({
      ...{ canTrade: true, canWithdraw: true, isAddressBound: false, positionMode: 'hedge' },
      ...{ marginMode: 'per-order', isMultiAsset: false },
    });
  });

  it('Bybit: withdrawal among the wallet permissions, any address as a star', () => {
    const key = {
      readOnly: 0,
      ips: ['*'],
      permissions: { Wallet: ['AccountTransfer', 'Withdraw'] },
    };
    const facts = read('bybit', [
      ['/v5/account/info', { result: { marginMode: 'ISOLATED_MARGIN' } }],
      ['/v5/user/query-api', { result: key }],
      ['/v5/position/list', { result: { list: [{ positionIdx: 1 }] } }],
    ]);
    expect(facts).toMatchObject({
      ...{ canTrade: true, canWithdraw: true, isAddressBound: false, positionMode: 'hedge' },
      marginMode: 'isolated',
    });
  });

  it.each(['binance', 'okx', 'bybit'])('%s: nothing said is nothing known', (venue) => {
    expect(read(venue, [])).toMatchObject({ canWithdraw: null, positionMode: null });
  });
});

describe('instruments of one name', () => {
  const seen = (venue: string, price: number, base = 'PEPE'): Seen => {
    const instrument = instrumentOf(venue, 'linear-perp', { base });
    const view = legOf(instrument, { bid: price, ask: price, changes: { index: price } });
    return { instrument, view };
  };

  it('that cost the same are one asset', () => {
    expect(identityCheck([seen('a', 0.00001), seen('b', 0.0000101)])).toMatchObject({
      status: 'ok',
    });
  });

  it.each([
    ['a thousand times as much', 0.01],
    ['another asset of the same ticker', 0.000023],
  ])('of which one costs %s are refused', (_what, price) => {
    const check = identityCheck([seen('a', 0.00001), seen('b', price), seen('a', 50, 'SOL')]);
    expect(check).toMatchObject({ status: 'fail', detail: expect.stringContaining('PEPE') });
    expect(check.detail).not.toContain('SOL');
  });

  it('a size below the smallest order is told by name', () => {
    const config = loadConfig('config', {});
    const big = instrumentOf('a', 'linear-perp', { base: 'BTC', qtyMin: decimal('10') });
    const view = legOf(big, { bid: 60_000, ask: 60_000 });
    expect(filtersCheck([{ instrument: big, view }], config)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('a:BTC-USDT-PERP'),
    });
  });
});

describe('--fix', () => {
  let server: Server;
  let dir = '';
  let posted: string[] = [];
  const account = { dualSidePosition: true, multiAssetsMargin: true, marginType: 'ISOLATED' };
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'farb-doctor-'));
    posted = [];
    Object.assign(account, {
      ...{ dualSidePosition: true, multiAssetsMargin: true, marginType: 'ISOLATED' },
    });
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://venue');
      response.end(JSON.stringify(answer(request.method ?? '', url)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    // Every host is the local one.
    const names = Object.keys(present(binance.endpoints['live'], 'endpoints').http);
    const http = names.map((name) => `${name}: "http://127.0.0.1:${port}"`).join(', ');
    writeFileSync(
      join(dir, 'exchanges.yaml'),
      `symbols: [BTC]\nvenues:\n  binance:\n    key: kkkkkkkk\n    secret: ssssssss\n` +
        `    endpoints: { http: { ${http} } }\n`,
    );
    writeFileSync(join(dir, 'strategies.yaml'), 'strategies: [{ name: perp-perp }]\n');
  });
  afterEach(async () => {
    rmSync(dir, { recursive: true, force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function answer(method: string, { pathname, searchParams }: URL): unknown {
    if (method === 'POST') {
      posted.push(pathname);
      if (pathname.endsWith('/dual')) account.dualSidePosition = false;
      if (pathname.endsWith('/multiAssetsMargin')) account.multiAssetsMargin = false;
      if (pathname.endsWith('/marginType')) {
        if (searchParams.get('symbol') !== 'BTCUSDT')
          return { code: -1121, msg: 'Invalid symbol.' };
        account.marginType = 'CROSSED';
      }
      return { code: 200, msg: 'success' };
    }
    const { dualSidePosition, multiAssetsMargin, marginType } = account;
    if (pathname.endsWith('/time')) return { serverTime: Date.now() };
    if (pathname.endsWith('/accountConfig')) {
      return { feeTier: 2, canTrade: true, canWithdraw: true, dualSidePosition, multiAssetsMargin };
    }
    if (pathname.endsWith('/symbolConfig')) return [{ symbol: 'BTCUSDT', marginType, leverage: 3 }];
    if (pathname.endsWith('/apiRestrictions')) {
      return { ipRestrict: true, enableFutures: true, enableWithdrawals: false };
    }
    if (pathname.endsWith('/commissionRate')) {
      return { symbol: 'BTCUSDT', makerCommissionRate: '0.0002', takerCommissionRate: '0.0005' };
    }
    if (pathname.endsWith('/leverageBracket')) {
      const bracket = { initialLeverage: 20, notionalCap: 50_000, maintMarginRatio: 0.01, cum: 0 };
      return [{ symbol: 'BTCUSDT', brackets: [bracket] }];
    }
    if (pathname.endsWith('/balance')) return [];
    if (pathname.endsWith('/account')) return { balances: [] };
    return { code: -5000, msg: `no path ${pathname}` };
  }
  const check = async (fix: boolean) => {
    const catalog = new Catalog();
    catalog.put(instrumentOf('binance', 'linear-perp'));
    const config = loadConfig(dir, {});
    const priceOf = () => 50_000;
    return accountChecks({ config, testnet: null, catalog, priceOf, fix, mayWithdraw: false });
  };

  it('is not needed to be told: nothing is set without it', async () => {
    const { checks, changed } = await check(false);
    expect(changed).toEqual([]);
    expect(posted).toEqual([]);
    const odd = checks.filter(({ status }) => status !== 'ok');
    expect(odd.map(({ name, status }) => [name, status])).toEqual([
      ['binance position mode', 'fail'],
      ['binance margin mode', 'warn'],
      ['binance collateral', 'warn'],
    ]);
  });

  it('sets what is wrong, tells it, and then all is well', async () => {
    const { checks, changed } = await check(true);
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(changed.map((text) => text.split(' ')[1])).toEqual(posted);
    expect(posted).toEqual([
      '/fapi/v1/positionSide/dual',
      '/fapi/v1/marginType',
      '/fapi/v1/multiAssetsMargin',
    ]);
    expect(checks.find(({ name }) => name === 'binance fees')?.detail).toContain('tier 2; taker 5');
    expect(doctorReportSchema.parse({ ok: true, checks, changed }).ok).toBe(true);
    // Nothing is set twice.
    posted = [];
    expect((await check(true)).changed).toEqual([]);
    expect(posted).toEqual([]);
  });
});
