import { afterEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../base/errors.ts';
import type { VenueDriver } from '../io/driver-types.ts';
import { bringUp } from './venues-up.ts';

const unreachable = new UserError('okx: no server time', { exitCode: 1 });
const refused = new UserError('okx: the API key was refused');

/** Starts of a venue end as listed; the last one stands for all that follow. */
type Script = Readonly<Record<string, readonly (UserError | 'up' | 'silent')[]>>;

function setUp(script: Script, onlyToClose = false) {
  const log: string[] = [];
  const starts = new Map<string, number>();
  const make = (venue: string): VenueDriver => ({
    venue,
    act: () => undefined,
    actAll: () => undefined,
    stop: () => Promise.resolve(),
    stats: () => {
      throw new Error('not asked for');
    },
    async start() {
      const at = starts.get(venue) ?? 0;
      starts.set(venue, at + 1);
      const steps = script[venue] ?? [];
      const step = steps[Math.min(at, steps.length - 1)];
      if (step === 'silent') await new Promise(() => undefined);
      if (step instanceof UserError) throw step;
      log.push(`${venue} up`);
    },
  });
  const up = bringUp({
    venues: Object.keys(script),
    make,
    onlyToClose,
    onDown: (venue, reason) => log.push(`${venue} down: ${reason}`),
    onRefused: (error) => log.push(`ended by ${(error as UserError).message}`),
    retryMs: 1_000,
  });
  up.catch(() => undefined);
  return { up, log };
}

vi.useFakeTimers();
afterEach(() => {
  vi.clearAllTimers();
});

describe('bringing the venues up', () => {
  it('runs on without a venue that cannot be reached, and gets it back', async () => {
    const { up, log } = setUp({ binance: ['up'], okx: [unreachable, unreachable, 'up'] });
    await up;
    expect(log).toEqual(['binance up', 'okx down: okx: no server time']);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(log.slice(2)).toEqual(['okx down: okx: no server time', 'okx up']);
  });

  it('does not wait for ever for one that stays silent', async () => {
    const { up, log } = setUp({ binance: ['up'], okx: ['silent'] });
    await vi.advanceTimersByTimeAsync(30_000);
    await up;
    expect(log).toEqual(['binance up']);
  });

  it('ends when none can be reached, and tries no more', async () => {
    const { up, log } = setUp({ okx: [unreachable] });
    await expect(up).rejects.toBe(unreachable);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log).toHaveLength(1);
  });

  it('ends when one refuses the key', async () => {
    const { up } = setUp({ binance: ['up'], okx: [refused] });
    await expect(up).rejects.toBe(refused);
  });

  it('tells when one that comes back refuses the key', async () => {
    const { up, log } = setUp({ binance: ['up'], okx: [unreachable, refused] });
    await up;
    await vi.advanceTimersByTimeAsync(1_500);
    expect(log.at(-1)).toBe('ended by okx: the API key was refused');
  });

  it('closes on the others although one refuses the key', async () => {
    const { up, log } = setUp({ binance: ['up'], okx: [refused] }, true);
    await up;
    expect(log).toEqual(['binance up', 'okx down: okx: the API key was refused']);
  });

  it('tries no more once it is stopped', async () => {
    const { up, log } = setUp({ binance: ['up'], okx: [unreachable] });
    (await up).stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log).toHaveLength(2);
  });
});
