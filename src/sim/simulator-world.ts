// Time and randomness of one simulated run: a queue of things that are due, a wall clock that jumps
// from one to the next, and a venue clock that runs faster. No clock of the machine.
import { Heap } from '../base/heap.ts';
import { Prng, textHash } from '../base/prng.ts';
import type { SimNow } from './api.ts';

/** Wall time at which every virtual run starts: any fixed number. */
export const wallStartMs = 1_000_000;

export class World {
  readonly startTsMs: number;
  readonly speed: number;
  private readonly seed: number;
  private readonly queue = new Heap<() => void>();
  private wall = wallStartMs;

  constructor(options: {
    readonly seed: number;
    readonly startTsMs: number;
    readonly speed: number;
  }) {
    this.seed = options.seed;
    this.startTsMs = options.startTsMs;
    this.speed = options.speed;
  }

  get wallMs(): number {
    return this.wall;
  }

  /** Wall ms since the start. */
  get sinceMs(): number {
    return this.wall - wallStartMs;
  }

  get tsMs(): number {
    return Math.floor(this.startTsMs + this.sinceMs * this.speed);
  }

  now(): SimNow {
    return { wallMs: this.wall, tsMs: this.tsMs };
  }

  wallOfTs(tsMs: number): number {
    return wallStartMs + (tsMs - this.startTsMs) / this.speed;
  }

  /** A stream of randomness of its own: drawing from one changes no other. */
  prng(name: string): Prng {
    return new Prng(this.seed ^ textHash(name));
  }

  after(delayMs: number, action: () => void): void {
    this.queue.push(this.wall + Math.max(0, delayMs), action);
  }

  at(wallMs: number, action: () => void): void {
    this.queue.push(Math.max(this.wall, wallMs), action);
  }

  /** Again and again; the period may change from one time to the next. */
  every(periodMs: () => number, action: () => void): void {
    const again = (): void => {
      action();
      this.after(periodMs(), again);
    };
    this.after(0, again);
  }

  /** Lets time pass until `sinceMs`, or until it is done. */
  runUntil(sinceMs: number, done: () => boolean): void {
    const endMs = wallStartMs + sinceMs;
    for (let next = this.queue.peekKey(); next !== null && next <= endMs; ) {
      this.wall = Math.max(this.wall, next);
      this.queue.pop()?.();
      if (done()) return;
      next = this.queue.peekKey();
    }
    this.wall = Math.max(this.wall, endMs);
  }
}
