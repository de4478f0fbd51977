import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import type { ToyAnswer } from '../../test/support/toy-server.ts';
import { toyOrder } from '../../test/support/toy-venue.ts';

let rig: ToyRig;
beforeEach(async () => {
  rig = await toyRig();
  await rig.driver.start();
});
afterEach(() => rig.stop());

const error = (code: string, reaction: string, status = 200): ToyAnswer => ({
  status,
  events: [{ kind: 'error', code, reaction, venueCode: 'E1', message: 'toy' }],
});

const order = (over: object = {}): object => ({
  kind: 'order',
  symbol: 'BTCP',
  clientOrderId: 'farb1',
  venueOrderId: '77',
  status: 'filled',
  side: 'buy',
  qty: '0.01',
  filledQty: '0.01',
  limit: '100',
  averagePrice: '99.9',
  reduceOnly: false,
  reason: null,
  ...over,
});

const fill = (over: object = {}): object => ({
  kind: 'fill',
  symbol: 'BTCP',
  fillId: 'f1',
  clientOrderId: null,
  venueOrderId: '77',
  side: 'buy',
  price: '99.9',
  qty: '0.01',
  fee: '-0.0005',
  feeAsset: 'USDT',
  liquidity: 'taker',
  realizedPnl: '0',
  forced: false,
  ...over,
});

function place(): void {
  rig.driver.act({ kind: 'place-order', order: toyOrder() });
}

const target = { venue: 'toy', instrument: 'toy:BTC-USDT-PERP', clientOrderId: 'farb1' };

describe('the answer to a placement', () => {
  const cases: readonly (readonly [string, ToyAnswer, 'acked' | 'rejected' | 'unknown'])[] = [
    ['an ack', { events: [{ kind: 'control', name: 'ack', value: null }] }, 'acked'],
    ['an order in the reply', { events: [order()] }, 'acked'],
    ['a refusal', error('REJECTED', 'report'), 'rejected'],
    ['no funds', error('REJECTED', 'funds', 400), 'rejected'],
    ['a rate limit', error('RATE_LIMITED', 'back-off', 429), 'rejected'],
    ['a rate limit with a server status', error('RATE_LIMITED', 'back-off', 501), 'unknown'],
    ['a bad key', error('AUTH', 'stop', 401), 'rejected'],
    ['our payload is bad', error('BAD_PAYLOAD', 'report', 400), 'rejected'],
    ['a refusal that may pass', error('TRANSIENT', 'retry'), 'rejected'],
    ['an open outcome', error('UNKNOWN_OUTCOME', 'query'), 'unknown'],
    ['a duplicate id', error('REJECTED', 'query'), 'unknown'],
    ['a server error', { status: 502, text: '<html>' }, 'unknown'],
    ['a success that is no JSON', { status: 200, text: '<html>' }, 'unknown'],
    ['a success without a word', { status: 200, events: [] }, 'unknown'],
    ['no answer', 'hang', 'unknown'],
    ['a cut connection', 'cut', 'unknown'],
  ];
  it.each(cases)('%s makes it %s -> %s', async (_name, answer, outcome) => {
    rig.toy.on('POST /order', () => answer);
    place();
    const result = await rig.next('place-result');
    expect(result).toMatchObject({ venue: 'toy', clientOrderId: 'farb1', outcome });
    expect(result.error === null).toBe(outcome === 'acked');
    expect(rig.toy.seen('POST /order')).toHaveLength(1);
  });

  it('brings the order and the fills of the reply, after the result', async () => {
    rig.toy.on('POST /order', () => ({ events: [order(), fill()] }));
    place();
    await rig.next('fill');
    const kinds = rig.events.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('place-result'))).toEqual(['place-result', 'order', 'fill']);
  });

  it("is signed over the bytes that leave, with the venue's own time", async () => {
    place();
    expect(await rig.next('place-result')).toMatchObject({ outcome: 'acked' });
    expect(rig.toy.seen('POST /order')[0]?.body).toBe('{"id":"farb1","symbol":"BTCP"}');
  });

  it('a refused timestamp measures the clock again and sends once more, once only', async () => {
    const refused: ToyAnswer = error('REJECTED', 'resync-clock', 400);
    let ahead = 0;
    rig.toy.on('GET /time', () => ({
      events: [
        { kind: 'control', name: 'server-time', value: null, venueTsMs: Date.now() + ahead },
      ],
    }));
    ahead = 3_600_000;
    rig.toy.on('POST /order', ({ headers }) =>
      Number(headers['x-ts']) > Date.now() + 3_000_000
        ? { events: [{ kind: 'control', name: 'ack', value: null }] }
        : refused,
    );
    place();
    expect(await rig.next('place-result')).toMatchObject({ outcome: 'acked' });
    expect(rig.toy.seen('POST /order')).toHaveLength(2);
    rig.toy.on('POST /order', () => refused);
    rig.driver.act({ kind: 'place-order', order: toyOrder({ clientOrderId: 'farb2' }) });
    const second = await rig.next('place-result', ({ clientOrderId }) => clientOrderId === 'farb2');
    expect(second).toMatchObject({ outcome: 'rejected' });
    expect(rig.toy.seen('POST /order')).toHaveLength(4);
  });

  it('an open outcome is never sent again, even when the clock is named', async () => {
    rig.toy.on('POST /order', () => error('UNKNOWN_OUTCOME', 'resync-clock'));
    place();
    expect(await rig.next('place-result')).toMatchObject({ outcome: 'unknown' });
    expect(rig.toy.seen('POST /order')).toHaveLength(1);
  });

  it('an instrument of no listing is refused unsent', async () => {
    rig.driver.act({ kind: 'place-order', order: toyOrder({ instrument: 'toy:XYZ-USDT-PERP' }) });
    const result = await rig.next('place-result');
    expect(result).toMatchObject({ outcome: 'rejected', error: { venueCode: 'not-listed' } });
    expect(rig.toy.seen('POST /order')).toHaveLength(0);
  });

  it('a venue that cannot be reached is a refusal: nothing left', async () => {
    await rig.toy.stop();
    // The first may still be written to a warm socket whose end is not yet known here.
    place();
    await rig.next('place-result');
    rig.driver.act({ kind: 'place-order', order: toyOrder({ clientOrderId: 'farb2' }) });
    const second = await rig.next('place-result', ({ clientOrderId }) => clientOrderId === 'farb2');
    expect(second).toMatchObject({
      outcome: 'rejected',
      error: { code: 'TRANSIENT', venueCode: 'connect' },
    });
  });

  it('after a 429 an entry is refused unsent while the venue wants quiet', async () => {
    rig.toy.on('POST /order', () => ({
      ...(error('RATE_LIMITED', 'back-off', 429) as object),
      headers: { 'retry-after-ms': '60000' },
    }));
    place();
    await rig.next('place-result');
    rig.driver.act({ kind: 'place-order', order: toyOrder({ clientOrderId: 'farb2' }) });
    const second = await rig.next('place-result', ({ clientOrderId }) => clientOrderId === 'farb2');
    expect(second).toMatchObject({ outcome: 'rejected', error: { venueCode: 'deadline' } });
    expect(rig.toy.seen('POST /order')).toHaveLength(1);
  });
});

describe('the answer to a cancel', () => {
  const cases: readonly (readonly [string, ToyAnswer, 'acked' | 'gone' | 'unknown'])[] = [
    ['an ack', { events: [{ kind: 'control', name: 'ack', value: null }] }, 'acked'],
    ['no such order', error('REJECTED', 'reconcile', 400), 'gone'],
    ['another refusal', error('REJECTED', 'report'), 'unknown'],
    ['a server error', { status: 500, text: '' }, 'unknown'],
    ['a gateway that says gone', error('REJECTED', 'reconcile', 503), 'unknown'],
    ['no answer', 'hang', 'unknown'],
  ];
  it.each(cases)('%s makes it %s -> %s', async (_name, answer, outcome) => {
    rig.toy.on('DELETE /order', () => answer);
    rig.driver.act({ kind: 'cancel-order', ...target });
    expect(await rig.next('cancel-result')).toMatchObject({ clientOrderId: 'farb1', outcome });
  });
});

describe('the answer to a query', () => {
  const ask = async () => {
    rig.driver.act({ kind: 'query-order', ...target });
    return rig.next('query-result');
  };

  it('is not-found only when every source says so', async () => {
    expect(await ask()).toMatchObject({ outcome: 'not-found', order: null, fills: [] });
  });

  it('is unknown when one source does not answer', async () => {
    rig.toy.on('GET /order-history', () => 'cut');
    expect(await ask()).toMatchObject({ outcome: 'unknown' });
  });

  it('is unknown when a source refuses for another reason', async () => {
    rig.toy.on('GET /order', () => error('AUTH', 'stop'));
    expect(await ask()).toMatchObject({ outcome: 'unknown' });
  });

  it('is found with its fills, the later of two states counting', async () => {
    rig.toy.on('GET /order', () => ({ events: [order({ status: 'open', filledQty: '0.004' })] }));
    rig.toy.on('GET /order-history', () => ({ events: [order({ status: 'canceled' })] }));
    rig.toy.on('GET /fills', () => ({
      events: [fill(), fill({ fillId: 'f2', venueOrderId: '78', clientOrderId: 'other' })],
    }));
    const result = await ask();
    expect(result).toMatchObject({ outcome: 'found', order: { status: 'canceled' } });
    expect(result.fills.map(({ fillId }) => fillId)).toEqual(['f1']);
  });

  it('a fill without its order is not "not found"', async () => {
    rig.toy.on('GET /fills', () => ({ events: [fill({ clientOrderId: 'farb1' })] }));
    expect(await ask()).toMatchObject({ outcome: 'unknown', fills: [{ fillId: 'f1' }] });
  });

  it('tries again what may pass', async () => {
    let calls = 0;
    rig.toy.on('GET /order', () =>
      ++calls === 1 ? { status: 503, text: '' } : { events: [order()] },
    );
    expect(await ask()).toMatchObject({ outcome: 'found' });
  });
});

it('stop answers what is under way and sends nothing after', async () => {
  rig.toy.on('POST /order', () => 'hang');
  place();
  await rig.toy.until(() => rig.toy.seen('POST /order').length === 1);
  const stopped = rig.driver.stop();
  rig.driver.act({ kind: 'place-order', order: toyOrder({ clientOrderId: 'farb2' }) });
  await stopped;
  const results = rig.events.filter((event) => event.kind === 'place-result');
  const outcomes = new Map(results.map((event) => [event.clientOrderId, event.outcome]));
  expect(outcomes.get('farb1')).toBe('unknown');
  expect(outcomes.get('farb2')).toBe('rejected');
  expect(rig.toy.seen('POST /order')).toHaveLength(1);
});

it('headers of the endpoints go with every request, beside its own', async () => {
  await rig.stop();
  rig = await toyRig();
  const endpoints = { ...rig.toy.endpoints, headers: { 'x-simulated-trading': '1' } };
  await rig.driver.stop();
  const { toy } = rig;
  rig = { ...(await toyRig({ driver: { endpoints } })), toy };
  await rig.driver.start();
  expect(toy.requests.length).toBeGreaterThan(5);
  for (const { headers } of toy.requests) expect(headers['x-simulated-trading']).toBe('1');
  expect(toy.seen('GET /account')[0]?.headers).toHaveProperty('x-sign');
});
