// Who may send when: one window per bucket of the venue, corrected by the venue's own headers, and
// in front of each a queue by priority. It must never send past a limit, not even a hedge: a venue
// answers that with a ban, and then nothing can be closed.
import type { Clock } from '../domain/ports.ts';
import type { RateLimits } from '../domain/venue-spec.ts';
import { RateWindow } from './rate-window.ts';

/** First to last: cancels, hedges, unwinds; exits and queries; entries; reads. */
export const priorities = ['urgent', 'exit', 'entry', 'read'] as const;
export type Priority = (typeof priorities)[number];

export interface RateLimitLimits {
  /** Jobs that wait, over all buckets. */
  readonly queueMax: number;
  /** Reads leave the rest of a bucket to orders that share it. */
  readonly readShareMax: number;
  /** Entries leave the rest to what closes: a cancel, hedge or unwind never waits for an entry. */
  readonly entryShareMax: number;
  /** Pause after a rate-limit answer that names none; doubles with each in a row. */
  readonly backOffMs: number;
  readonly backOffMsMax: number;
  /** Least pause of the whole venue after an address ban that neither it nor its spec times. */
  readonly banMs: number;
}

export const rateLimitLimits: RateLimitLimits = {
  queueMax: 512,
  readShareMax: 0.75,
  entryShareMax: 0.8,
  backOffMs: 1_000,
  backOffMsMax: 60_000,
  banMs: 10_000,
};

/** For a bucket that the venue does not list. */
const unlistedBucket = { capacity: 5, intervalMs: 1_000 };
const statusBanned: readonly number[] = [403, 418];

export type RefusalCode = 'queue-full' | 'deadline' | 'stopped';

export interface LimitedJob {
  readonly bucket: string;
  readonly weight: number;
  readonly priority: Priority;
  /** A job that cannot start by then is refused. */
  readonly deadlineWallMs: number;
  run(): void;
  refuse(code: RefusalCode, message: string): void;
}

export interface RateAnswer {
  readonly bucket: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body said so (OKX and Bybit answer 200). */
  readonly rateLimited: boolean;
}

interface Bucket {
  readonly name: string;
  readonly window: RateWindow;
  /** One list per priority, first in first out. */
  readonly waiting: LimitedJob[][];
  pausedUntilMs: number;
  refusalsInARow: number;
}

/**
 * A job runs at once, inside `submit`, when its bucket has room and nobody of its rank or above
 * waits in it. Otherwise it waits until one timer, set to the earliest moment at which anything can
 * change, drains the buckets: higher ranks first, and a job that does not fit blocks those behind
 * it, so that small reads cannot starve a heavy hedge.
 */
export class RateLimiter {
  private readonly spec: RateLimits;
  private readonly clock: Clock;
  private readonly limits: RateLimitLimits;
  private readonly buckets = new Map<string, Bucket>();
  private venuePausedUntilMs = 0;
  private waitingCount = 0;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private refusedCount = 0;

  constructor(spec: RateLimits, clock: Clock, limits: Partial<RateLimitLimits> = {}) {
    this.spec = spec;
    this.clock = clock;
    this.limits = { ...rateLimitLimits, ...limits };
  }

  submit(job: LimitedJob): void {
    if (this.stopped) {
      this.refuse(job, 'stopped', 'the driver is stopping');
      return;
    }
    const bucket = this.bucket(job.bucket);
    const wallMs = this.clock.wallMs();
    const waitMs = this.waitMs(bucket, job, wallMs);
    if (waitMs <= 0 && this.ahead(bucket, job.priority) === 0) {
      this.start(bucket, job, wallMs);
      return;
    }
    if (wallMs + waitMs > job.deadlineWallMs) {
      const message = `bucket ${bucket.name} is free only in ${Math.ceil(waitMs)} ms`;
      this.refuse(job, 'deadline', message);
      return;
    }
    if (this.waitingCount >= this.limits.queueMax && !this.evictBelow(job.priority)) {
      this.refuse(job, 'queue-full', `${this.waitingCount} requests wait already`);
      return;
    }
    this.list(bucket, job.priority).push(job);
    this.waitingCount++;
    this.arm();
  }

  /** Learns from an answer; see `RateLimits.readHeaders`. */
  observe(answer: RateAnswer): void {
    const wallMs = this.clock.wallMs();
    const { used, retryAfterMs } = this.spec.readHeaders(answer.headers, answer.bucket);
    for (const [name, weight] of Object.entries(used)) {
      if (Number.isFinite(weight)) this.bucket(name).window.raiseTo(weight, wallMs);
    }
    const bucket = this.bucket(answer.bucket);
    const banned = statusBanned.includes(answer.status);
    if (!banned && answer.status !== 429 && !answer.rateLimited) {
      bucket.refusalsInARow = 0;
      return;
    }
    const doubled = this.limits.backOffMs * 2 ** Math.min(bucket.refusalsInARow, 16);
    bucket.refusalsInARow++;
    const pauseMs = retryAfterMs ?? Math.min(doubled, this.limits.backOffMsMax);
    bucket.pausedUntilMs = Math.max(bucket.pausedUntilMs, wallMs + pauseMs);
    if (banned) {
      const leastMs = this.spec.bansMs?.[answer.status] ?? this.limits.banMs;
      const untilMs = wallMs + Math.max(retryAfterMs ?? leastMs, this.limits.banMs);
      this.venuePausedUntilMs = Math.max(this.venuePausedUntilMs, untilMs);
    }
    this.arm();
  }

  /** Refuses what waits and all that comes. */
  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const bucket of this.buckets.values()) {
      for (const list of bucket.waiting) {
        for (const job of list.splice(0)) this.refuse(job, 'stopped', 'the driver is stopping');
      }
    }
    this.waitingCount = 0;
  }

  stats(): {
    readonly waiting: number;
    readonly refused: number;
    readonly pausedMs: number;
    readonly used: Readonly<Record<string, number>>;
    /** Share left of the fullest bucket of orders, 0 while paused; null = the venue names none. */
    readonly orderHeadroom: number | null;
  } {
    const wallMs = this.clock.wallMs();
    const used: Record<string, number> = {};
    let pausedUntilMs = this.venuePausedUntilMs;
    for (const bucket of this.buckets.values()) {
      used[bucket.name] = bucket.window.used(wallMs);
      pausedUntilMs = Math.max(pausedUntilMs, bucket.pausedUntilMs);
    }
    const pausedMs = Math.max(0, pausedUntilMs - wallMs);
    const orderHeadroom = this.orderHeadroom();
    return {
      waiting: this.waitingCount,
      refused: this.refusedCount,
      pausedMs,
      used,
      orderHeadroom,
    };
  }

  /** Share left of the fullest bucket of orders, 0 while paused; null = the venue names none. */
  orderHeadroom(): number | null {
    const wallMs = this.clock.wallMs();
    let least: number | null = null;
    for (const name of this.spec.orderBuckets ?? []) {
      const { window, pausedUntilMs } = this.bucket(name);
      const paused = Math.max(pausedUntilMs, this.venuePausedUntilMs) > wallMs;
      const left = paused ? 0 : 1 - window.used(wallMs) / window.capacity;
      least = Math.min(least ?? 1, Math.max(0, left));
    }
    return least;
  }

  private start(bucket: Bucket, job: LimitedJob, wallMs: number): void {
    bucket.window.add(job.weight, wallMs);
    job.run();
  }

  private refuse(job: LimitedJob, code: RefusalCode, message: string): void {
    this.refusedCount++;
    job.refuse(code, message);
  }

  private waitMs(bucket: Bucket, job: LimitedJob, wallMs: number): number {
    const pausedMs = Math.max(bucket.pausedUntilMs, this.venuePausedUntilMs) - wallMs;
    const { capacity } = bucket.window;
    const share = capacity * this.shareOf(job.priority);
    // What is heavier than the share still goes, alone.
    const level = Math.max(0, share - job.weight);
    return Math.max(pausedMs, bucket.window.waitMs(level, wallMs));
  }

  private shareOf(priority: Priority): number {
    if (priority === 'read') return this.limits.readShareMax;
    return priority === 'entry' ? this.limits.entryShareMax : 1;
  }

  private ahead(bucket: Bucket, priority: Priority): number {
    let count = 0;
    for (let rank = 0; rank <= priorities.indexOf(priority); rank++) {
      count += (bucket.waiting[rank] as LimitedJob[]).length;
    }
    return count;
  }

  /** Makes room for a job by refusing the youngest of the lowest rank below it. */
  private evictBelow(priority: Priority): boolean {
    for (let rank = priorities.length - 1; rank > priorities.indexOf(priority); rank--) {
      for (const bucket of this.buckets.values()) {
        const job = (bucket.waiting[rank] as LimitedJob[]).pop();
        if (job === undefined) continue;
        this.waitingCount--;
        this.refuse(job, 'queue-full', `gave way to a request of rank ${priority}`);
        return true;
      }
    }
    return false;
  }

  private drain(): void {
    this.timer = null;
    for (const bucket of this.buckets.values()) this.drainBucket(bucket);
    this.arm();
  }

  private drainBucket(bucket: Bucket): void {
    for (const list of bucket.waiting) this.refuseLate(list);
    for (const list of bucket.waiting) {
      for (let job = list[0]; job !== undefined; job = list[0]) {
        const wallMs = this.clock.wallMs();
        if (this.waitMs(bucket, job, wallMs) > 0) {
          // A read waits for its share only; nothing but reads stands behind it.
          return;
        }
        list.shift();
        this.waitingCount--;
        this.start(bucket, job, wallMs);
        if (this.stopped) return;
      }
    }
  }

  private refuseLate(list: LimitedJob[]): void {
    const wallMs = this.clock.wallMs();
    const late = list.filter((job) => job.deadlineWallMs < wallMs);
    if (late.length === 0) return;
    list.splice(0, list.length, ...list.filter((job) => job.deadlineWallMs >= wallMs));
    this.waitingCount -= late.length;
    for (const job of late) this.refuse(job, 'deadline', 'waited for its turn until its deadline');
  }

  private arm(): void {
    if (this.stopped || this.waitingCount === 0) return;
    const wallMs = this.clock.wallMs();
    let dueMs = Number.POSITIVE_INFINITY;
    for (const bucket of this.buckets.values()) {
      const first = bucket.waiting.find((list) => list.length > 0)?.[0];
      if (first !== undefined) dueMs = Math.min(dueMs, this.waitMs(bucket, first, wallMs));
      for (const list of bucket.waiting) {
        for (const job of list) dueMs = Math.min(dueMs, job.deadlineWallMs + 1 - wallMs);
      }
    }
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drain(), Math.max(1, Math.ceil(dueMs)));
  }

  private list(bucket: Bucket, priority: Priority): LimitedJob[] {
    return bucket.waiting[priorities.indexOf(priority)] as LimitedJob[];
  }

  private bucket(name: string): Bucket {
    const known = this.buckets.get(name);
    if (known !== undefined) return known;
    const bucket: Bucket = {
      name,
      window: new RateWindow(this.spec.buckets[name] ?? unlistedBucket),
      waiting: priorities.map(() => []),
      pausedUntilMs: 0,
      refusalsInARow: 0,
    };
    this.buckets.set(name, bucket);
    return bucket;
  }
}
