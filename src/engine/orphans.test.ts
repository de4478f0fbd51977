import { describe, expect, it } from 'vitest';
import { decimal, formatDecimal, zero } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { FillEvent } from '../domain/venue-event.ts';
import type { EdgeBreakdown } from '../domain/view.ts';
import { makeOrderId } from '../execution/order-id.ts';
import { allotExternalFill, allotFill, foldPairCreated } from './evolve-pairs.ts';
import { addOrphan, offsetOrphan, unownedQty } from './orphans.ts';
import { emptyState } from './state.ts';

function listed(venue: string): Instrument {
  return {
    id: `${venue}:BTC-USDT-PERP`,
    venue,
    symbol: 'BTCUSDT',
    kind: 'linear-perp',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: decimal('0.001'),
    qtyMax: null,
    notionalMin: null,
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

const long = listed('okx');
const short = listed('bybit');

/** One pair `p` that is being opened, long on okx, short on bybit, 0.1 each. */
function opening() {
  const state = emptyState();
  state.installation = 'aaaaaa';
  for (const instrument of [long, short]) state.instruments.set(instrument.id, instrument);
  foldPairCreated(state, {
    kind: 'pair-created',
    pairId: 'p',
    intent: {
      kind: 'open',
      key: { strategy: 'perp-perp', long: long.id, short: short.id },
      qty: decimal('0.1'),
      longQty: null,
      longLimit: 100,
      shortLimit: 100,
      edge: {} as EdgeBreakdown, // not read here
    },
  });
  const pair = state.pairs.get('p');
  if (pair === undefined) throw new Error('no pair');
  return { state, pair };
}

function fill(qty: string, changes: Partial<FillEvent> = {}) {
  const netQty = decimal(qty);
  const event = { forced: false, clientOrderId: null, price: decimal('100'), ...changes };
  return { fill: event as FillEvent, netQty }; // the fields that are read here
}

// the fields that are read here
const ours = { pairId: 'p', instrument: short.id } as ApprovedOrder;
const lostId = makeOrderId({ installation: 'aaaaaa', epoch: 1, serial: 7, leg: 'short' });

describe('a forced close', () => {
  it('that overtakes the fill of what it closed reduces the leg when that fill comes', () => {
    const { state, pair } = opening();
    allotExternalFill(state, short, fill('0.04', { forced: true }));
    expect(pair.short.qty).toBe(zero);
    allotFill(state, ours, { price: 100, netQty: decimal('-0.1') });
    expect(formatDecimal(pair.short.qty)).toBe('-0.06');
    expect(state.forcedAhead.size).toBe(0);
  });

  it('in the usual order reduces the leg at once', () => {
    const { state, pair } = opening();
    allotFill(state, ours, { price: 100, netQty: decimal('-0.1') });
    allotExternalFill(state, short, fill('0.04', { forced: true }));
    expect(formatDecimal(pair.short.qty)).toBe('-0.06');
  });
});

describe('the fill of an order whose record is lost', () => {
  it('belongs to the pair that is being opened there', () => {
    const { state, pair } = opening();
    allotExternalFill(state, short, fill('-0.1', { clientOrderId: lostId }));
    expect(formatDecimal(pair.short.qty)).toBe('-0.1');
    expect(state.orphans.size).toBe(0);
  });

  it('is an orphan where no pair can own it, and of another installation it is none', () => {
    const { state } = opening();
    state.pairs.clear();
    allotExternalFill(state, short, fill('-0.1', { clientOrderId: lostId }));
    expect(state.orphans.get(short.id)).toBe(decimal('-0.1'));
    state.installation = 'bbbbbb';
    allotExternalFill(state, long, fill('0.1', { clientOrderId: lostId }));
    expect(state.orphans.has(long.id)).toBe(false);
  });
});

describe('an orphan', () => {
  it('shrinks when others trade against it, and never passes zero', () => {
    const { state } = opening();
    addOrphan(state, short.id, decimal('-0.1'));
    offsetOrphan(state, short.id, decimal('0.04'));
    expect(state.orphans.get(short.id)).toBe(decimal('-0.06'));
    offsetOrphan(state, short.id, decimal('0.2'));
    expect(state.orphans.size).toBe(0);
  });

  it('is left when a fill comes after its pair has closed', () => {
    const { state, pair } = opening();
    pair.phase = 'closed';
    allotFill(state, ours, { price: 100, netQty: decimal('-0.1') });
    expect(state.orphans.get(short.id)).toBe(decimal('-0.1'));
  });
});

describe('what nobody owns', () => {
  it('is the exact difference of the books and the live pairs', () => {
    const { state, pair } = opening();
    pair.short.qty = decimal('-0.1');
    state.positions.set(short.id, { qty: decimal('-0.07'), cost: zero });
    expect(formatDecimal(unownedQty(state, short.id))).toBe('0.03');
  });
});
