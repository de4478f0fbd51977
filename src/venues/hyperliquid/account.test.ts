import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  decodeFixture,
  decodeReplyFixture,
  fixture,
  fixtureCatalog,
  requestOf,
} from '../../../test/support/hyperliquid-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { knownErrors, readSentence, readStatus } from './errors.ts';
import { hyperliquid } from './index.ts';

const eth = 'hyperliquid:ETH-USDC-PERP';
const ours = 'farb1A2B0001L';

describe('orders', () => {
  it('say what is filled and under which id; "filled" with a rest has ended', () => {
    expect(decodeFixture('ws-order-updates')).toMatchObject([
      {
        ...{ kind: 'order', instrument: eth, clientOrderId: ours, venueOrderId: '3991946565' },
        ...{ status: 'open', side: 'buy', qty: decimal('0.1'), filledQty: 0n, reason: null },
        limit: decimal('2000'),
      },
      { status: 'filled', filledQty: decimal('0.1'), clientOrderId: null },
      { status: 'canceled', filledQty: decimal('0.06') },
      { status: 'canceled', side: 'sell', reason: 'marginCanceled' },
      {
        ...{ status: 'rejected', reason: 'iocCancelRejected' },
        clientOrderId: '0x1234567890abcdef1234567890abcdef',
      },
    ]);
  });

  it('that the venue has no such word for are unknown, never guessed', () => {
    const text = fixture('ws-order-updates').replace('"status":"open"', '"status":"frozen"');
    const source = { stream: 't', market: null };
    const [first] = hyperliquid.decode(bytesOf(text), source, fixtureCatalog());
    expect(first).toMatchObject({ kind: 'order', status: 'unknown', reason: 'frozen' });
  });

  it('of the history count with their last state, oldest first', () => {
    expect(decodeReplyFixture('rest-historical-orders')).toMatchObject([
      { venueOrderId: '2', status: 'filled' },
      { venueOrderId: '3991946565', status: 'canceled', reduceOnly: true },
    ]);
  });

  it('that are open, asked for, or not there', () => {
    expect(decodeReplyFixture('rest-frontend-open-orders')).toMatchObject([
      { status: 'open', clientOrderId: ours },
      {
        ...{ instrument: 'hyperliquid:PEPE-USDC-PERP', qty: decimal('1500000') },
        ...{ filledQty: decimal('500000'), limit: decimal('0.0000093'), side: 'sell' },
      },
    ]);
    expect(decodeReplyFixture('rest-order-status')).toMatchObject([
      { status: 'canceled', filledQty: decimal('0.04'), venueTsMs: 1_724_361_546_645 },
    ]);
    expect(decodeReplyFixture('rest-order-status-unknown')).toMatchObject([
      { kind: 'error', code: 'REJECTED', reaction: 'reconcile', clientOrderId: ours },
    ]);
  });
});

describe('fills', () => {
  it('have fees as cash: a cost is negative, a rebate positive', () => {
    expect(decodeFixture('ws-user-fills')).toMatchObject([
      {
        ...{ kind: 'fill', fillId: '128423918764978', clientOrderId: ours, side: 'sell' },
        ...{ price: decimal('2381.1'), qty: decimal('0.0841'), fee: decimal('-0.050062') },
        ...{ feeAsset: 'USDC', liquidity: 'taker', realizedPnl: decimal('0.19343') },
        forced: false,
      },
      { fee: decimal('0.001'), liquidity: 'maker', clientOrderId: null },
    ]);
  });

  it('that the venue made are forced; multiples and bridged fees are converted', () => {
    expect(decodeFixture('ws-user-events-fills')).toMatchObject([
      { qty: decimal('5000000'), price: decimal('0.0000085'), forced: false },
      { forced: true, instrument: 'hyperliquid:BTC-USDC-PERP' },
    ]);
    expect(decodeReplyFixture('rest-user-fills')[1]).toMatchObject({
      ...{ instrument: 'hyperliquid:BTC-USDC-SPOT', feeAsset: 'BTC', fee: decimal('-0.000035') },
      realizedPnl: null,
    });
  });
});

it('money that came as a number with more digits than a double holds is unreadable', () => {
  const source = { stream: 't', market: null };
  const read = (fee: string) =>
    hyperliquid.decode(
      bytesOf(fixture('ws-user-fills').replace('"0.050062"', fee)),
      source,
      fixtureCatalog(),
    )[0];
  expect(read('0.050062')).toMatchObject({ kind: 'fill', fee: decimal('-0.050062') });
  expect(read('12345678901234.567')).toMatchObject({ kind: 'unrecognized' });
});

describe('funding', () => {
  it('is one payment per coin and hour, on the streams and in the ledger alike', () => {
    const fromStream = decodeFixture('ws-user-events-funding');
    expect(fromStream).toMatchObject([
      {
        ...{ kind: 'funding-payment', instrument: 'hyperliquid:SOL-USDC-PERP' },
        // 2024-12-12T18:00:00.057Z belongs to 18:00.
        ...{ id: '1734026400000', amount: decimal('75.635093'), asset: 'USDC', wallet: 'perp' },
      },
    ]);
    const ledger = decodeReplyFixture('rest-user-funding');
    expect(ledger[0]).toEqual(fromStream[0]);
    expect(decodeFixture('ws-user-fundings')).toEqual(fromStream);
    expect(ledger[1]).toMatchObject({ id: '1734030000000', amount: decimal('-3.625312') });
  });
});

describe('the account', () => {
  it('has the cash that is left of its value without the profits', () => {
    // 13109.482328 - (0.14 + 1.2)
    expect(decodeReplyFixture('rest-clearinghouse-state', { purpose: 'balances' })).toMatchObject([
      {
        ...{ kind: 'balance', wallet: 'perp', asset: 'USDC', total: decimal('13108.142328') },
        available: decimal('13047.040728'),
      },
    ]);
  });

  it('has signed positions in base units', () => {
    const positions = decodeReplyFixture('rest-clearinghouse-state', { purpose: 'positions' });
    expect(positions).toMatchObject([
      {
        ...{ kind: 'position', instrument: eth, qty: decimal('0.2259'), leverage: 20 },
        ...{ entryPrice: decimal('2213.9'), liquidationPrice: 2125.00856238 },
      },
      { qty: decimal('-32000000'), entryPrice: decimal('0.0000088'), liquidationPrice: null },
    ]);
    const [first] = positions;
    // 500.12001 / 0.2259
    expect(first?.kind === 'position' && first.markPrice).toBeCloseTo(2213.9, 1);
    expect(decodeFixture('ws-clearinghouse-state').slice(1)).toEqual(positions);
  });

  it('has spot balances under the names of the assets', () => {
    const balances = decodeReplyFixture('rest-spot-clearinghouse-state');
    expect(balances).toMatchObject([
      { asset: 'USDC', total: decimal('14.625485'), available: decimal('12.125485') },
      { asset: 'BTC', wallet: 'spot', total: decimal('0.05') },
      { asset: 'PURR', total: decimal('2000') },
    ]);
    expect(decodeFixture('ws-spot-state')).toEqual(balances);
  });

  it('has the fee rates of its own, spot apart', () => {
    const rates = decodeReplyFixture('rest-user-fees');
    expect(rates).toHaveLength(fixtureCatalog().size);
    expect(rates[0]).toMatchObject({ kind: 'fee-rate', taker: 0.000315, maker: 0.000105 });
    expect(rates.at(-1)).toMatchObject({ symbol: '@142', taker: 0.00049, maker: 0.00028 });
  });

  it('of a unified kind is refused: its dollars are in another wallet', () => {
    expect(decodeReplyFixture('rest-user-abstraction')).toMatchObject([{ name: 'ack' }]);
    const request = requestOf('rest-user-abstraction');
    for (const mode of ['unifiedAccount', 'portfolioMargin']) {
      const reply = { status: 200, body: JSON.stringify(mode) };
      expect(hyperliquid.decodeReply(request, reply, fixtureCatalog())).toMatchObject([
        { kind: 'error', reaction: 'restricted', venueCode: mode },
      ]);
    }
  });
});

describe('answers to actions', () => {
  it.each([
    ['rest-order-resting', { kind: 'control', name: 'ack', value: '77738308' }],
    ['rest-order-filled', { kind: 'control', name: 'ack', value: '77747314' }],
    ['rest-order-error', { kind: 'error', reaction: 'below-minimum', clientOrderId: ours }],
    ['rest-cancel-success', { kind: 'control', name: 'ack' }],
    ['rest-cancel-error', { kind: 'error', code: 'REJECTED', reaction: 'reconcile' }],
    ['rest-update-leverage', { kind: 'control', name: 'ack' }],
    ['rest-wallet-unknown', { kind: 'error', code: 'AUTH', reaction: 'stop' }],
  ])('%s is read', (name, expected) => {
    expect(decodeReplyFixture(name)).toMatchObject([expected]);
  });

  it.each([
    ['{"status":"ok"}'],
    ['{"status":"ok","response":{"type":"order","data":{}}}'],
    ['{"status":"ok","response":{"type":"order","data":{"statuses":[]}}}'],
    ['{"status":"ok","response":{"type":"order","data":{"statuses":[{"queued":{}}]}}}'],
    ['null'],
    ['<html>'],
  ])('%s leaves the outcome open', (body) => {
    const request = requestOf('rest-order-resting');
    expect(hyperliquid.decodeReply(request, { status: 200, body }, fixtureCatalog())).toMatchObject(
      [{ kind: 'error', code: 'UNKNOWN_OUTCOME', reaction: 'query' }],
    );
  });

  it('control frames are told apart', () => {
    expect(decodeFixture('ws-subscription-response')).toMatchObject([{ name: 'subscribed' }]);
    expect(decodeFixture('ws-pong')).toMatchObject([{ name: 'pong' }]);
    expect(decodeFixture('ws-error')).toMatchObject([{ kind: 'error', code: 'BAD_PAYLOAD' }]);
    expect(decodeFixture('ws-post-order')).toMatchObject([{ name: 'ack', value: '88383' }]);
    expect(decodeFixture('ws-user-events-cancel')).toMatchObject([{ kind: 'control' }]);
  });
});

describe('sentences of refusal', () => {
  it.each([
    ['Price must be divisible by tick size. asset=4', 'Tick', 'reload-instruments'],
    ['Order must have minimum value of $10.', 'MinTradeNtl', 'below-minimum'],
    ['Insufficient margin to place order. asset=4', 'PerpMargin', 'funds'],
    ['Reduce only order would increase position.', 'ReduceOnly', 'refresh-position'],
    ['Post only order would have immediately matched, bbo was 1@2.', 'BadAloPx', 're-price'],
    [
      'Order could not immediately match against any resting orders. asset=0',
      ...['IocCancel', 'not-filled'],
    ],
    ['Insufficient spot balance asset=10142', 'InsufficientSpotBalance', 'funds'],
    ['Order was never placed, already canceled, or filled.', ...['MissingOrder', 'reconcile']],
    ['Invalid nonce: duplicate nonce 1754948518549', 'Nonce', 'resync-clock'],
    ['Too many cumulative requests sent (37986 > 10436)', 'RateLimited', 'back-off'],
    ['Order has zero size.', 'Size', 'reload-instruments'],
    ['something new', 'Other', 'report'],
  ])('"%s" is %s: %s', (sentence, name, reaction) => {
    expect(readSentence(sentence)).toMatchObject({ name, reaction });
  });

  it('are told from transport failures, which leave an action open and a read retried', () => {
    expect(readStatus(502, true)).toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    expect(readStatus(502, false)).toMatchObject({ code: 'TRANSIENT', reaction: 'retry' });
    expect(readStatus(429, true)).toMatchObject({ code: 'RATE_LIMITED' });
    expect(readStatus(422, true)).toMatchObject({ code: 'BAD_PAYLOAD' });
    expect(knownErrors.length).toBeGreaterThan(15);
  });
});
