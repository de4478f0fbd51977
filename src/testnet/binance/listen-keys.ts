// User data of USD-M or COIN-M: listenKeys that live 60 minutes of wall time, and the sockets that
// hold one. There is one key per account and market: asking again gives the same and prolongs it.
import { sha256Hex } from '../../base/hmac.ts';
import { minuteMs } from '../../base/time.ts';
import type { SocketHandler, TestnetContext, TestnetSocket } from '../protocol.ts';
import { type Answer, answer, refused } from './answer.ts';
import type { FuturesMarket } from './listed.ts';
import type { UserData, UserSubscriber } from './user-data.ts';

export const listenKeyLifeMs = 60 * minuteMs;

/** A path names a listenKey, not a stream. */
export function isListenKey(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

export class ListenKeys {
  private readonly context: TestnetContext;
  private readonly user: UserData;
  private readonly market: FuturesMarket;
  private readonly sockets = new Set<PrivateSocket>();
  private key: string | null = null;
  private expiresWallMs = 0;
  private made = 0;

  constructor(context: TestnetContext, user: UserData, market: FuturesMarket) {
    this.context = context;
    this.user = user;
    this.market = market;
  }

  create(): Answer {
    if (this.key === null) {
      this.made++;
      this.key = sha256Hex(`listen key ${this.market} ${this.made} ${this.context.now().wallMs}`);
    }
    this.expiresWallMs = this.context.now().wallMs + listenKeyLifeMs;
    return answer({ listenKey: this.key });
  }

  prolong(): Answer {
    if (this.key === null) return refused(-1125, 'This listenKey does not exist.');
    return this.create();
  }

  close(): Answer {
    this.expire();
    return answer({});
  }

  second(): void {
    const { wallMs } = this.context.now();
    if (this.key === null) return;
    if (wallMs >= this.expiresWallMs || this.context.fault('listen-key-expired')) this.expire();
  }

  /** With a key that is not alive the socket opens, says so, and stays silent. */
  open(socket: TestnetSocket, listenKey: string, combined: boolean): SocketHandler {
    const { market } = this;
    const as = { market, listenKey, combined };
    const handler = new PrivateSocket(socket, as, () => this.leave(handler));
    if (listenKey === this.key) {
      this.sockets.add(handler);
      this.user.add(handler);
    } else {
      handler.push(this.expiredEvent(listenKey));
    }
    return handler;
  }

  private leave(handler: PrivateSocket): void {
    this.sockets.delete(handler);
    this.user.remove(handler);
  }

  private expire(): void {
    const { key } = this;
    if (key === null) return;
    this.key = null;
    for (const socket of [...this.sockets]) {
      socket.push(this.expiredEvent(key));
      this.leave(socket);
    }
  }

  private expiredEvent(listenKey: string): unknown {
    return { e: 'listenKeyExpired', E: this.context.now().tsMs, listenKey };
  }
}

class PrivateSocket implements SocketHandler, UserSubscriber {
  readonly market: FuturesMarket;
  private readonly socket: TestnetSocket;
  private readonly listenKey: string;
  private readonly combined: boolean;
  private readonly onClosed: () => void;

  constructor(
    socket: TestnetSocket,
    as: {
      readonly market: FuturesMarket;
      readonly listenKey: string;
      readonly combined: boolean;
    },
    onClosed: () => void,
  ) {
    this.socket = socket;
    this.market = as.market;
    this.listenKey = as.listenKey;
    this.combined = as.combined;
    this.onClosed = onClosed;
  }

  push(event: unknown): void {
    const frame = this.combined ? { stream: this.listenKey, data: event } : event;
    this.socket.send(JSON.stringify(frame));
  }

  message(text: string): void {
    let id: unknown = null;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && 'id' in value) id = value.id;
    } catch {
      this.socket.send(JSON.stringify({ error: { code: 3, msg: 'Invalid JSON' }, id: null }));
      return;
    }
    this.socket.send(JSON.stringify({ result: [this.listenKey], id }));
  }

  closed(): void {
    this.onClosed();
  }
}
