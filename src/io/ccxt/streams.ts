// One ccxt.pro `watch` call repeated for as long as the driver lives. A rejected call is a lost
// stream: it is told, waited out with growing pauses, and asked again; ccxt reconnects by itself.
import type { StreamStats } from '../driver-types.ts';
import { isA, textOf } from './errors.ts';
import type { CcxtContext } from './session.ts';

export interface WatchPlan {
  readonly name: string;
  readonly access: 'public' | 'private';
  readonly watch: () => Promise<unknown>;
  readonly data: (value: unknown, wallMs: number) => void;
  readonly up: () => void;
  readonly lost: (reason: string) => void;
  /** The venue refuses the key, or has no such stream: it is not asked again. */
  readonly refused: (thrown: unknown) => void;
  /** Counts as up when nothing refused it for so long; null = with the first data only. */
  readonly settleMs: number | null;
}

/**
 * waiting: asked, nothing came. up: data came (or it was not refused for `settleMs`). lost: the
 * last call was rejected; asked again after a pause. ended: refused, or the driver stops.
 */
export class WatchLoop {
  readonly plan: WatchPlan;
  private readonly context: CcxtContext;
  private state: 'waiting' | 'up' | 'lost' | 'ended' = 'waiting';
  private frames = 0;
  private errors = 0;
  private losses = 0;
  private dataWallMs = Number.NaN;
  private settle: NodeJS.Timeout | undefined;
  private wake: () => void = () => undefined;

  constructor(context: CcxtContext, plan: WatchPlan) {
    this.context = context;
    this.plan = plan;
  }

  get isUp(): boolean {
    return this.state === 'up';
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.state = 'ended';
    clearTimeout(this.settle);
    this.wake();
  }

  stats(): StreamStats {
    const ageMs = Number.isNaN(this.dataWallMs)
      ? null
      : this.context.clock.wallMs() - this.dataWallMs;
    return {
      name: this.plan.name,
      access: this.plan.access,
      state: this.isUp ? 'up' : this.state === 'ended' ? 'stopped' : 'connecting',
      frames: this.frames,
      scanned: 0,
      unrecognized: 0,
      errors: this.errors,
      reconnects: this.losses,
      frameAgeMs: ageMs,
      dataAgeMs: ageMs,
    };
  }

  private async run(): Promise<void> {
    const { limits, clock, isStopped } = this.context;
    let pauseMs = limits.streamRetryMs;
    while (!this.isEnded() && !isStopped()) {
      this.settles();
      try {
        const value = await this.plan.watch();
        if (this.isEnded() || isStopped()) return;
        this.frames++;
        this.dataWallMs = clock.wallMs();
        this.becameUp();
        pauseMs = limits.streamRetryMs;
        this.plan.data(value, this.dataWallMs);
      } catch (thrown) {
        if (this.isEnded() || isStopped()) return;
        this.failed(thrown);
        if (this.isEnded()) return;
        await this.pause(pauseMs * (0.5 + Math.random() / 2));
        pauseMs = Math.min(pauseMs * 2, limits.streamRetryMsMax);
      }
    }
  }

  private isEnded(): boolean {
    return this.state === 'ended';
  }

  private settles(): void {
    const { settleMs } = this.plan;
    if (settleMs === null || this.state === 'up') return;
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.becameUp(), settleMs);
  }

  private becameUp(): void {
    clearTimeout(this.settle);
    if (this.state === 'up' || this.isEnded()) return;
    this.state = 'up';
    this.plan.up();
  }

  private failed(thrown: unknown): void {
    clearTimeout(this.settle);
    this.errors++;
    const { log, venue, metrics } = this.context;
    const reason = textOf(thrown);
    if (isA(thrown, 'AuthenticationError') || isA(thrown, 'NotSupported')) {
      this.state = 'ended';
      this.plan.refused(thrown);
      return;
    }
    if (this.state === 'up') {
      this.losses++;
      metrics.count('reconnect', this.plan.name);
    }
    log.warn({ venue, stream: this.plan.name, reason }, 'stream lost');
    this.state = 'lost';
    this.plan.lost(reason);
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
