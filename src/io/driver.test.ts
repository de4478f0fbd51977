import { afterEach, describe, expect, it } from 'vitest';
import { type RigOptions, type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import type { DriverEvent } from '../domain/event.ts';
import { readCredentials } from './keys.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(options: RigOptions = {}): Promise<ToyRig> {
  rig = await toyRig(options);
  await rig.driver.start();
  return rig;
}

const toyCredentials = (key: string) =>
  readCredentials({ key, secret: 'toy-secret-123456' }, { venue: 'toy', needsPassphrase: false });

const snapshotEffect = {
  kind: 'request-snapshot',
  venue: 'toy',
  requestId: 'r1',
  sinceMs: 5,
} as const;
const isEvent =
  <K extends DriverEvent['kind']>(kind: K) =>
  (event: DriverEvent): event is Extract<DriverEvent, { kind: K }> =>
    event.kind === kind;

describe('the start of a driver', () => {
  it('lists what is wanted, with fees and intervals, and then says what is up', async () => {
    await started({ driver: { symbols: ({ base }) => base === 'BTC' } });
    expect(rig.catalog.all().map(({ symbol }) => symbol)).toEqual(['BTCP', 'BTCS']);
    const listed = await rig.next('instruments');
    expect(listed.instruments[0]).toMatchObject({ symbol: 'BTCP', fundingIntervalMs: 28_800_000 });
    expect(listed.feeRates['toy:BTC-USDT-PERP']).toEqual({ taker: 0.0005, maker: 0.0002 });
    const up = rig.events
      .filter(isEvent('venue-status'))
      .map(({ channel, status }) => `${channel} ${status}`);
    expect([...up].sort()).toEqual(['private up', 'public up', 'rest up']);
    expect(rig.toy.seen('POST /leverage')[0]?.query.get('x')).toBe('3');
  });

  it('follows the pages of the listing to the end', async () => {
    rig = await toyRig();
    rig.toy.on('GET /instruments', ({ query }) =>
      query.get('page') === null
        ? { text: '{"events":[{"kind":"instrument","symbol":"BTCP"}],"next":"2"}' }
        : { text: '{"events":[{"kind":"instrument","symbol":"ETHP"}]}' },
    );
    await rig.driver.start();
    expect(rig.catalog.all().map(({ symbol }) => symbol)).toEqual(['BTCP', 'ETHP']);
  });

  it('a listing without end is refused, not cut', async () => {
    rig = await toyRig({ limits: { pagesMax: 3 } });
    rig.toy.on('GET /instruments', () => ({ text: '{"events":[],"next":"2"}' }));
    await expect(rig.driver.start()).rejects.toThrow('over 3 pages');
  });

  it("signs with the venue's clock", async () => {
    rig = await toyRig();
    rig.toy.on('GET /time', () => ({
      events: [
        { kind: 'control', name: 'server-time', value: null, venueTsMs: Date.now() - 90_000 },
      ],
    }));
    await rig.driver.start();
    expect(rig.driver.stats().clock.offsetMs).toBeLessThan(-85_000);
    const stamped = Number(rig.toy.seen('GET /account')[0]?.headers['x-ts']);
    expect(stamped).toBeLessThan(Date.now() - 85_000);
  });

  it('"no change" in the set-up is success', async () => {
    rig = await toyRig();
    rig.toy.on('POST /leverage', () => ({
      status: 400,
      events: [
        { kind: 'error', code: 'REJECTED', reaction: 'unchanged', venueCode: '-4046', message: '' },
      ],
    }));
    await rig.driver.start();
  });

  it('reads are tried again, and a 429 is waited out', async () => {
    rig = await toyRig();
    const answers = [
      { status: 503, text: '' },
      {
        status: 429,
        events: [
          {
            kind: 'error',
            code: 'RATE_LIMITED',
            reaction: 'back-off',
            venueCode: '429',
            message: '',
          },
        ],
        headers: { 'retry-after-ms': '50' },
      },
    ];
    rig.toy.on('GET /account', () => answers.shift() ?? { events: [] });
    await rig.driver.start();
    expect(rig.toy.seen('GET /account')).toHaveLength(3);
  });

  const refusals: readonly (readonly [string, RigOptions, (r: ToyRig) => void, RegExp])[] = [
    [
      'a refused key',
      {},
      (r) =>
        r.toy.on('POST /leverage', () => ({
          status: 401,
          events: [
            {
              kind: 'error',
              code: 'AUTH',
              reaction: 'stop',
              venueCode: '-2015',
              message: 'Invalid API-key',
            },
          ],
        })),
      /toy: the API key was refused at set-up.*-2015 Invalid API-key.*exchanges.yaml/,
    ],
    [
      'a key refused by the private stream',
      { driver: { credentials: toyCredentials('wrong-key-123') } },
      () => {},
      /the API key was refused at the private stream/,
    ],
    [
      'symbols that are not listed',
      { driver: { symbols: () => false } },
      () => {},
      /none of the wanted symbols/,
    ],
    [
      'a set-up that fails',
      {},
      (r) =>
        r.toy.on('POST /leverage', () => ({
          events: [
            {
              kind: 'error',
              code: 'REJECTED',
              reaction: 'report',
              venueCode: 'X',
              message: 'too high',
            },
          ],
        })),
      /set-up \(\/leverage\) failed \(X too high\)/,
    ],
    [
      'a dead address',
      {
        limits: { clockSamples: 1 },
        driver: { endpoints: { http: { rest: 'http://127.0.0.1:9' }, ws: {} } },
      },
      () => {},
      /no server time from http:\/\/127.0.0.1:9/,
    ],
  ];
  it.each(refusals)(
    '%s ends it with a line that says so',
    async (_name, options, arrange, says) => {
      rig = await toyRig(options);
      arrange(rig);
      await expect(rig.driver.start()).rejects.toThrow(says);
      expect(JSON.stringify(rig.logs)).not.toContain('toy-secret');
    },
  );

  it('without a key there is public data and no order', async () => {
    await started({ driver: { credentials: null } });
    rig.toy.push('/public', 'q BTCP 1 1 2 1 5');
    await rig.until(() => rig.cell('BTCP', 'bid') === 1);
    rig.driver.act({
      kind: 'cancel-order',
      venue: 'toy',
      instrument: 'toy:BTC-USDT-PERP',
      clientOrderId: 'x',
    });
    expect(await rig.next('cancel-result')).toMatchObject({ error: { venueCode: 'no-key' } });
    expect(rig.toy.sockets.map(({ path }) => path)).toEqual(['/public']);
  });
});

it('stop closes every socket and says nothing more', async () => {
  await started();
  await rig.driver.stop();
  const said = rig.events.length;
  rig.driver.act(snapshotEffect);
  await rig.until(() => rig.toy.sockets.every(({ socket }) => socket.readyState === socket.CLOSED));
  expect(rig.events).toHaveLength(said);
  expect(rig.driver.stats().streams.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
});

it('a stop in the middle of a start ends the start', async () => {
  rig = await toyRig({ limits: { streamsUpMsMax: 600_000 } });
  rig.toy.onText = () => [];
  const starting = rig.driver.start();
  await rig.toy.until(() => rig.toy.sockets.length === 2);
  await rig.driver.stop();
  await expect(starting).rejects.toThrow('stopped while it started');
});

it('three failures of the transport in a row are reported, and its return too', async () => {
  await started({ limits: { restFailuresMax: 3, readAttemptsMax: 1 } });
  for (const line of ['GET /balances', 'GET /positions']) rig.toy.on(line, () => 'cut');
  for (const requestId of ['a', 'b', 'c']) rig.driver.act({ ...snapshotEffect, requestId });
  await rig.next('venue-status', (s) => s.channel === 'rest' && s.status === 'down');
  const from = rig.events.length;
  for (const line of ['GET /balances', 'GET /positions']) rig.toy.on(line, () => ({ events: [] }));
  rig.driver.act(snapshotEffect);
  await rig.next('venue-status', (s) => s.channel === 'rest' && s.status === 'up', from);
});
