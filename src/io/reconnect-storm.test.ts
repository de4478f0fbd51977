// All sockets of three venues are cut at once while orders are on their way, against the local
// testnet: everything comes back, and no order lives twice.
import { expect, it } from 'vitest';
import { orderStorm } from '../../test/support/storm.ts';

it('a reconnect storm loses no result and doubles no order', async () => {
  const { sent, results, atVenue, seen, socketsCut } = await orderStorm(12);
  expect(sent).toBe(36);
  // Public and private streams and the order sockets of three venues.
  expect(socketsCut).toBeGreaterThanOrEqual(9);
  const outcomes = new Set<string>();
  for (const [id, told] of results) {
    expect([id, told]).toEqual([id, [expect.any(String)]]);
    const [outcome = ''] = told;
    outcomes.add(outcome);
    expect([id, seen.get(id) ?? 0]).toEqual([id, Math.min(seen.get(id) ?? 0, 1)]);
    const lives = atVenue.get(id) ?? 0;
    expect([id, lives]).toEqual([id, Math.min(lives, 1)]);
    if (outcome === 'acked') expect([id, lives]).toEqual([id, 1]);
    if (outcome === 'rejected') expect([id, lives]).toEqual([id, 0]);
  }
  expect(outcomes).toContain('acked');
});
