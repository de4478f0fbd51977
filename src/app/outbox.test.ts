import { expect, it } from 'vitest';
import { toyOrder } from '../../test/support/toy-venue.ts';
import type { VenueEffect } from '../domain/event.ts';
import type { VenueDriver } from '../io/driver-types.ts';
import { Outbox } from './outbox.ts';

const order = (venue: string, clientOrderId: string): VenueEffect => ({
  kind: 'place-order',
  order: toyOrder({ venue, clientOrderId }),
});
const query = (venue: string, clientOrderId: string): VenueEffect => {
  return { kind: 'query-order', venue, instrument: 'x', clientOrderId };
};

it('hands each venue its effects at once, in their order, and tells of every one', () => {
  const said: string[] = [];
  const idOf = (effect: VenueEffect): string =>
    effect.kind === 'place-order' ? effect.order.clientOrderId : String(effect.kind);
  const driver = (venue: string): VenueDriver =>
    // Only what the outbox calls.
    ({ actAll: (all: readonly VenueEffect[]) => said.push(`${venue}: ${all.map(idOf)}`) }) as never;
  const drivers = new Map(['a', 'b'].map((venue) => [venue, driver(venue)]));
  const outbox = new Outbox(drivers, (effect) => said.push(idOf(effect)));
  for (const effect of [order('a', 'a1'), order('b', 'b1'), query('a', 'q'), order('a', 'a2')]) {
    outbox.add(effect);
  }
  expect(said).toEqual([]);
  outbox.flush();
  const all = ['a: a1,query-order,a2', 'a1', 'query-order', 'a2', 'b: b1', 'b1'];
  expect(said).toEqual(all);
  outbox.flush();
  expect(said).toEqual(all);
});

it('lets timers and views wait until the orders have left, and does each once', () => {
  const said: string[] = [];
  const driver = { actAll: () => said.push('sent') } as never; // only what the outbox calls
  const outbox = new Outbox(new Map([['a', driver]]), () => said.push('left'));
  outbox.afterwards(() => said.push('timer'));
  outbox.add(order('a', 'a1'));
  outbox.flush();
  expect(said).toEqual(['sent', 'left', 'timer']);
  outbox.afterwards(() => said.push('alert'));
  outbox.flush();
  expect(said).toEqual(['sent', 'left', 'timer', 'alert']);
});

it('does nothing twice when one of them fails', () => {
  const said: string[] = [];
  const outbox = new Outbox(new Map(), () => {});
  outbox.afterwards(() => said.push('timer'));
  outbox.afterwards(() => {
    throw new Error('a view failed');
  });
  expect(() => outbox.flush()).toThrow('a view failed');
  outbox.flush();
  expect(said).toEqual(['timer']);
});
