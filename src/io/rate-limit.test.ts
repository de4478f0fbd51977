import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RateLimits } from '../domain/venue-spec.ts';
import { type LimitedJob, RateLimiter, type RateLimitLimits } from './rate-limit.ts';
import { RateWindow } from './rate-window.ts';

const clock = { wallMs: () => Date.now(), venueMs: () => Date.now() };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function limits(capacity: number, intervalMs: number): RateLimits {
  return {
    buckets: { orders: { capacity, intervalMs }, other: { capacity, intervalMs } },
    orderBuckets: ['orders'],
    bansMs: { 403: 600_000 },
    readHeaders: (headers) => ({
      used: headers['used'] === undefined ? {} : { orders: Number(headers['used']) },
      retryAfterMs: headers['retry'] === undefined ? null : Number(headers['retry']),
    }),
  };
}

function setUp(capacity: number, over: Partial<RateLimitLimits> = {}) {
  const limiter = new RateLimiter(limits(capacity, 1_000), clock, over);
  const log: string[] = [];
  const submit = (name: string, job: Partial<LimitedJob> = {}): void => {
    limiter.submit({
      bucket: 'orders',
      weight: 1,
      priority: 'exit',
      deadlineWallMs: Date.now() + 60_000,
      run: () => log.push(name),
      refuse: (code) => log.push(`${name} ${code}`),
      ...job,
    });
  };
  return { limiter, log, submit };
}

describe('a rate window', () => {
  it('never lets more than its capacity into any span of its interval', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 50, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (waits, capacity) => {
        const window = new RateWindow({ capacity, intervalMs: 1_000 });
        const sent: number[] = [];
        let now = 1_700_000_000_000;
        for (const wait of waits) {
          now += wait;
          const waitMs = window.waitMs(capacity - 1, now);
          if (waitMs > 0) continue;
          window.add(1, now);
          sent.push(now);
        }
        for (const from of sent) {
          expect(sent.filter((t) => t >= from && t < from + 1_000).length).toBeLessThanOrEqual(
            capacity,
          );
        }
      }),
    );
  });

  it('after the wait that it names there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 40 }), (waits) => {
        const window = new RateWindow({ capacity: 5, intervalMs: 1_000 });
        let now = 1_700_000_000_000;
        for (const wait of waits) {
          now += wait;
          window.add(1, now);
        }
        const waitMs = window.waitMs(4, now);
        expect(waitMs).toBeLessThanOrEqual(1_050);
        if (waitMs > 0) expect(window.used(now + waitMs - 1)).toBeGreaterThan(4);
        expect(window.used(now + waitMs)).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe('the rate limiter', () => {
  it('runs at once, inside submit, while there is room', () => {
    const { log, submit } = setUp(2);
    submit('a');
    submit('b');
    submit('c');
    expect(log).toEqual(['a', 'b']);
    vi.advanceTimersByTime(1_100);
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('lets cancels and hedges pass entries, and entries pass reads', () => {
    const { log, submit } = setUp(4);
    for (const name of ['1', '2', '3', '4']) submit(name);
    submit('read', { priority: 'read' });
    submit('entry', { priority: 'entry' });
    submit('exit', { priority: 'exit' });
    submit('hedge', { priority: 'urgent' });
    vi.advanceTimersByTime(2_200);
    expect(log).toEqual(['1', '2', '3', '4', 'hedge', 'exit', 'entry', 'read']);
  });

  it('keeps a share of a bucket from entries, so that a hedge finds room at once', () => {
    const { log, submit } = setUp(10);
    for (let i = 1; i <= 10; i++) submit(`e${i}`, { priority: 'entry' });
    expect(log).toEqual(['e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8']);
    submit('cancel', { priority: 'urgent' });
    submit('unwind', { priority: 'urgent' });
    expect(log.slice(8)).toEqual(['cancel', 'unwind']);
    vi.advanceTimersByTime(1_100);
    expect(log.slice(10)).toEqual(['e9', 'e10']);
  });

  it('says what is left for orders: of the fullest bucket, nothing while paused', () => {
    const { limiter, submit } = setUp(4);
    expect(limiter.stats().orderHeadroom).toBe(1);
    submit('a');
    submit('elsewhere', { bucket: 'other' });
    expect(limiter.stats().orderHeadroom).toBe(0.75);
    const told = { bucket: 'orders', status: 200, rateLimited: false };
    limiter.observe({ ...told, headers: { used: '3' } });
    expect(limiter.stats().orderHeadroom).toBe(0.25);
    limiter.observe({ ...told, rateLimited: true, headers: { retry: '2000' } });
    expect(limiter.stats().orderHeadroom).toBe(0);
    vi.advanceTimersByTime(2_100);
    expect(limiter.stats().orderHeadroom).toBe(1);
  });

  it('keeps a share of a bucket from reads', () => {
    const { log, submit } = setUp(4, { readShareMax: 0.5 });
    for (const name of ['r1', 'r2', 'r3']) submit(name, { priority: 'read' });
    submit('order');
    expect(log).toEqual(['r1', 'r2', 'order']);
  });

  it('one bucket does not hold up another', () => {
    const { log, submit } = setUp(1);
    submit('a');
    submit('b');
    submit('c', { bucket: 'other' });
    expect(log).toEqual(['a', 'c']);
  });

  it('something heavier than the bucket goes alone', () => {
    const { log, submit } = setUp(2);
    submit('heavy', { weight: 50, priority: 'read' });
    submit('next');
    expect(log).toEqual(['heavy']);
    vi.advanceTimersByTime(1_100);
    expect(log).toEqual(['heavy', 'next']);
  });

  it('refuses at once what cannot start by its deadline, and later what waited for nothing', () => {
    const { limiter, log, submit } = setUp(1);
    submit('a');
    submit('hopeless', { deadlineWallMs: Date.now() + 100 });
    expect(log).toEqual(['a', 'hopeless deadline']);
    submit('b', { priority: 'urgent' });
    submit('c', { deadlineWallMs: Date.now() + 1_200 });
    limiter.observe({
      bucket: 'orders',
      status: 429,
      headers: { retry: '5000' },
      rateLimited: true,
    });
    vi.advanceTimersByTime(1_300);
    expect(log).toEqual(['a', 'hopeless deadline', 'c deadline']);
    vi.advanceTimersByTime(4_000);
    expect(log.at(-1)).toBe('b');
  });

  it('a full queue refuses the newcomer, but a hedge takes the place of a read', () => {
    const { log, submit } = setUp(1, { queueMax: 2 });
    submit('a');
    submit('r1', { priority: 'read' });
    submit('r2', { priority: 'read' });
    submit('r3', { priority: 'read' });
    expect(log).toEqual(['a', 'r3 queue-full']);
    submit('hedge', { priority: 'urgent' });
    expect(log.at(-1)).toBe('r2 queue-full');
    vi.advanceTimersByTime(1_100);
    expect(log.at(-1)).toBe('hedge');
  });

  it('waits as long as the venue says after a 429, hedges too', () => {
    const { limiter, log, submit } = setUp(10);
    limiter.observe({
      bucket: 'orders',
      status: 429,
      headers: { retry: '3000' },
      rateLimited: false,
    });
    submit('hedge', { priority: 'urgent' });
    submit('elsewhere', { bucket: 'other' });
    vi.advanceTimersByTime(2_999);
    expect(log).toEqual(['elsewhere']);
    vi.advanceTimersByTime(2);
    expect(log).toEqual(['elsewhere', 'hedge']);
  });

  it('doubles its own pause with each refusal and forgets it after a success', () => {
    const { limiter } = setUp(10, { backOffMs: 100, backOffMsMax: 350 });
    const refused = () =>
      limiter.observe({ bucket: 'orders', status: 200, headers: {}, rateLimited: true });
    const pauses: number[] = [];
    for (let i = 0; i < 4; i++) {
      refused();
      pauses.push(limiter.stats().pausedMs);
      vi.advanceTimersByTime(1_000);
    }
    limiter.observe({ bucket: 'orders', status: 200, headers: {}, rateLimited: false });
    refused();
    pauses.push(limiter.stats().pausedMs);
    expect(pauses).toEqual([100, 200, 350, 350, 100]);
  });

  it('an address ban stops every bucket', () => {
    const { limiter, log, submit } = setUp(10, { banMs: 2_000 });
    limiter.observe({ bucket: 'orders', status: 418, headers: {}, rateLimited: false });
    submit('elsewhere', { bucket: 'other' });
    expect(log).toEqual([]);
    vi.advanceTimersByTime(2_001);
    expect(log).toEqual(['elsewhere']);
  });

  it('a ban without a time lasts as long as the venue says that such bans last', () => {
    const { limiter, log, submit } = setUp(10);
    limiter.observe({ bucket: 'other', status: 403, headers: {}, rateLimited: true });
    submit('hedge', { priority: 'urgent', deadlineWallMs: Date.now() + 700_000 });
    submit('hopeless', { priority: 'urgent', deadlineWallMs: Date.now() + 5_000 });
    expect(log).toEqual(['hopeless deadline']);
    vi.advanceTimersByTime(599_000);
    expect(log).toHaveLength(1);
    vi.advanceTimersByTime(1_100);
    expect(log).toEqual(['hopeless deadline', 'hedge']);
  });

  it('believes the venue when it counted more, and itself when it counted less', () => {
    const { limiter, log, submit } = setUp(10);
    limiter.observe({ bucket: 'orders', status: 200, headers: { used: '9' }, rateLimited: false });
    limiter.observe({ bucket: 'orders', status: 200, headers: { used: '1' }, rateLimited: false });
    submit('a');
    submit('b');
    expect(log).toEqual(['a']);
  });

  it('stop refuses what waits and what comes', () => {
    const { limiter, log, submit } = setUp(1);
    submit('a');
    submit('b');
    limiter.stop();
    submit('c');
    expect(log).toEqual(['a', 'b stopped', 'c stopped']);
    vi.advanceTimersByTime(5_000);
    expect(log).toHaveLength(3);
  });
});
