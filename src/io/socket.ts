// The lifetime of one WebSocket: connect, log in, subscribe, beat, watch for silence, come back.
// Frames go out as the bytes that arrived; a lost connection is data for the owner, never an
// exception. Who speaks the protocol is handed in: see connection.ts.
import { messageOf } from '../base/errors.ts';
import type { FrameBuffer } from '../base/frame.ts';
import type { Clock } from '../domain/ports.ts';
import type { Connect, Connection, ConnectionLimits } from './connection.ts';

export interface SocketLimits extends ConnectionLimits {
  /** From the login or the last subscription to its answer. */
  readonly answerMsMax: number;
  readonly backOffMs: number;
  readonly backOffMsMax: number;
  /** Up for this long = the next loss starts from the first back-off again. */
  readonly stableMs: number;
  readonly unsentBytesMax: number;
}

export const socketLimits: SocketLimits = {
  handshakeMsMax: 5_000,
  answerMsMax: 5_000,
  backOffMs: 250,
  backOffMsMax: 15_000,
  stableMs: 10_000,
  frameBytesMax: 8 * 1024 * 1024,
  unsentBytesMax: 1024 * 1024,
  closeMsMax: 1_000,
};

export interface SocketPlan {
  readonly name: string;
  /** Called for every attempt: may wait for a connect budget and fetch a listen key. */
  url(): Promise<string>;
  /** Made at the moment of sending; null = no login. */
  readonly login: (() => string) | null;
  readonly subscribe: readonly string[];
  readonly heartbeat: { readonly text: string; readonly everyMs: number } | null;
  readonly silenceMsMax: number;
}

export type SocketState =
  | 'idle'
  | 'connecting'
  | 'logging-in'
  | 'subscribing'
  | 'up'
  | 'waiting'
  | 'stopped';

export interface SocketOwner {
  /**
   * Bytes [from, to) of the buffer, valid during the call only; they came at `lastFrameWallMs`.
   */
  frame(buffer: FrameBuffer, from: number, to: number): void;
  up(): void;
  /** Every loss and every failed attempt. */
  down(reason: string): void;
}

/**
 * idle: not started. connecting: until the handshake is done. logging-in: the login is sent, until
 * `loggedIn`. subscribing: every subscription is sent, until as many answers came (`subscribed`) or
 * data proves it (`dataSeen`). up: works. waiting: lost or failed; a jittered, growing delay runs,
 * then connecting again. stopped: for good. From connecting, logging-in, subscribing and up, any
 * loss, silence or late answer leads to waiting. Each connection has a number; what an old one
 * still says is ignored.
 */
export class StreamSocket {
  private readonly plan: SocketPlan;
  private readonly owner: SocketOwner;
  private readonly clock: Clock;
  private readonly limits: SocketLimits;
  private readonly dial: Connect;
  private current: SocketState = 'idle';
  private socket: Connection | null = null;
  private connection = 0;
  private failures = 0;
  private answersLeft = 0;
  private upSinceMs = 0;
  private lastFrameMs = 0;
  private connects = 0;
  private losses = 0;
  private step: NodeJS.Timeout | null = null;
  private beat: NodeJS.Timeout | null = null;
  private watch: NodeJS.Timeout | null = null;

  constructor(options: {
    readonly plan: SocketPlan;
    readonly owner: SocketOwner;
    readonly clock: Clock;
    readonly connect: Connect;
    readonly limits?: Partial<SocketLimits>;
  }) {
    this.plan = options.plan;
    this.owner = options.owner;
    this.clock = options.clock;
    this.dial = options.connect;
    this.limits = { ...socketLimits, ...options.limits };
  }

  get state(): SocketState {
    return this.current;
  }

  get reconnects(): number {
    return Math.max(0, this.connects - 1);
  }

  get lossesSeen(): number {
    return this.losses;
  }

  /** When bytes came the last time; 0 = never. */
  get lastFrameWallMs(): number {
    return this.lastFrameMs;
  }

  start(): void {
    if (this.current === 'idle') void this.connect();
  }

  /** The venue accepted the login. */
  loggedIn(): void {
    if (this.current === 'logging-in') this.subscribe();
  }

  /** The venue accepted one subscription message. */
  subscribed(): void {
    if (this.current === 'subscribing' && --this.answersLeft <= 0) this.becomeUp();
  }

  /** Data of a subscription arrived: it stands, whatever became of its answer. */
  dataSeen(): void {
    if (this.current === 'subscribing') this.becomeUp();
  }

  /** Drops the connection and comes back after the back-off. */
  reconnect(reason: string): void {
    if (this.current === 'idle' || this.current === 'waiting' || this.current === 'stopped') return;
    this.lose(reason);
  }

  /** False when it cannot be sent now. */
  send(text: string): boolean {
    const socket = this.socket;
    if (socket === null || !socket.isOpen) return false;
    if (socket.unsentBytes > this.limits.unsentBytesMax) {
      this.lose(`${socket.unsentBytes} bytes are unsent`);
      return false;
    }
    socket.send(text);
    return true;
  }

  /** Resolves when the socket is closed, at the latest after `closeMsMax`. */
  async stop(): Promise<void> {
    this.current = 'stopped';
    this.clearTimers();
    this.connection++;
    const socket = this.socket;
    this.socket = null;
    if (socket !== null) await new Promise<void>((resolve) => socket.close(resolve));
  }

  private async connect(): Promise<void> {
    this.current = 'connecting';
    const connection = ++this.connection;
    let url: string;
    try {
      url = await this.plan.url();
    } catch (thrown) {
      if (connection === this.connection) this.lose(messageOf(thrown));
      return;
    }
    if (connection !== this.connection || this.current !== 'connecting') return;
    const isCurrent = (): boolean => connection === this.connection;
    try {
      this.socket = this.dial(url, this.limits, {
        opened: () => {
          if (isCurrent()) this.opened();
        },
        arrived: () => {
          this.lastFrameMs = this.clock.wallMs();
        },
        frame: (buffer, from, to) => {
          if (isCurrent()) this.owner.frame(buffer, from, to);
        },
        ended: (reason) => {
          if (isCurrent()) this.lose(reason);
        },
      });
    } catch (thrown) {
      this.lose(messageOf(thrown));
    }
  }

  private opened(): void {
    this.connects++;
    this.lastFrameMs = this.clock.wallMs();
    this.watchSilence();
    const { heartbeat, login } = this.plan;
    if (heartbeat !== null) {
      this.beat = setInterval(() => this.send(heartbeat.text), heartbeat.everyMs);
    }
    if (login === null) {
      this.subscribe();
      return;
    }
    this.current = 'logging-in';
    this.awaitAnswer('login');
    this.send(login());
  }

  private subscribe(): void {
    this.answersLeft = this.plan.subscribe.length;
    if (this.answersLeft === 0) {
      this.becomeUp();
      return;
    }
    this.current = 'subscribing';
    this.awaitAnswer('subscription');
    for (const text of this.plan.subscribe) this.send(text);
  }

  private becomeUp(): void {
    if (this.step !== null) clearTimeout(this.step);
    this.current = 'up';
    this.upSinceMs = this.clock.wallMs();
    this.owner.up();
  }

  private awaitAnswer(what: string): void {
    if (this.step !== null) clearTimeout(this.step);
    const { answerMsMax } = this.limits;
    this.step = setTimeout(() => {
      this.lose(`no answer to the ${what} within ${answerMsMax} ms`);
    }, answerMsMax);
  }

  private watchSilence(): void {
    const { silenceMsMax } = this.plan;
    this.watch = setInterval(() => {
      const silentMs = this.clock.wallMs() - this.lastFrameMs;
      if (silentMs > silenceMsMax) this.lose(`silent for ${Math.round(silentMs)} ms`);
    }, silenceMsMax / checksPerSilence);
  }

  private lose(reason: string): void {
    this.connection++;
    this.losses++;
    this.clearTimers();
    const socket = this.socket;
    this.socket = null;
    socket?.cut();
    const wasStable =
      this.current === 'up' && this.clock.wallMs() - this.upSinceMs >= this.limits.stableMs;
    if (wasStable) this.failures = 0;
    this.current = 'waiting';
    const { backOffMs, backOffMsMax } = this.limits;
    const fullMs = Math.min(backOffMsMax, backOffMs * 2 ** Math.min(this.failures, 16));
    this.failures++;
    this.step = setTimeout(() => void this.connect(), fullMs * (0.5 + Math.random() / 2));
    this.owner.down(reason);
  }

  private clearTimers(): void {
    if (this.step !== null) clearTimeout(this.step);
    if (this.beat !== null) clearInterval(this.beat);
    if (this.watch !== null) clearInterval(this.watch);
    this.step = null;
    this.beat = null;
    this.watch = null;
  }
}

const checksPerSilence = 8;
