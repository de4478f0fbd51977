// One WebSocket of the testnet between the network and a protocol's handler. What is queued for a
// consumer is bounded: one that does not read is cut off. A handler that throws loses its socket,
// and never takes the process down.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { messageOf } from '../base/errors.ts';
import type { SocketHandler, TestnetSocket } from './protocol.ts';

/** Bytes that may wait for one consumer. */
export const outboundBytesMax = 4 * 1024 * 1024;
/** Texts that may wait for the end of the handshake. */
const pendingMax = 1_000;
/** The server pings every socket this often and cuts it when no pong came for the longer time. */
export const pingEveryWallMs = 20_000;
export const pongWithinWallMs = 60_000;

type Log = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

export class ServedSocket implements TestnetSocket {
  readonly id: number;
  readonly path: string;
  readonly query: string;
  readonly openedWallMs: number;
  private readonly log: Log;
  private readonly onGone: () => void;
  private readonly pending: string[] = [];
  private socket: WebSocket | null = null;
  private raw: Duplex | null = null;
  private corked = false;
  private gone = false;
  private handler: SocketHandler | null = null;
  private closing: { readonly code: number; readonly reason: string } | null = null;
  private pongWallMs: number;
  private pingWallMs: number;

  constructor(options: {
    readonly id: number;
    readonly path: string;
    readonly query: string;
    readonly wallMs: number;
    readonly log: Log;
    readonly onGone: () => void;
  }) {
    this.id = options.id;
    this.path = options.path;
    this.query = options.query;
    this.openedWallMs = options.wallMs;
    this.pingWallMs = options.wallMs;
    this.pongWallMs = options.wallMs;
    this.log = options.log;
    this.onGone = options.onGone;
  }

  handleWith(handler: SocketHandler): void {
    this.handler = handler;
  }

  /** The handshake is done: frames flow. */
  attach(socket: WebSocket, raw: Duplex, wallMs: () => number): void {
    this.socket = socket;
    this.raw = raw;
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.close(1003, 'text frames only');
      else this.guarded(() => this.handler?.message(String(data)));
    });
    socket.on('pong', () => {
      this.pongWallMs = wallMs();
    });
    socket.on('error', (error) => this.log('socket error', { id: this.id, error: error.message }));
    socket.on('close', () => this.vanished());
    for (const text of this.pending.splice(0)) this.send(text);
    if (this.closing !== null) this.close(this.closing.code, this.closing.reason);
  }

  send(text: string): void {
    if (this.gone) return;
    if (this.socket === null) {
      if (this.pending.length < pendingMax) this.pending.push(text);
      return;
    }
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > outboundBytesMax) {
      this.log('slow consumer cut off', { id: this.id, path: this.path });
      this.terminate();
      return;
    }
    this.cork();
    this.socket.send(text);
  }

  close(code: number, reason: string): void {
    if (this.socket === null) this.closing = { code, reason };
    else this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket?.terminate();
    this.raw?.destroy();
  }

  /** Pings, and cuts a consumer that stopped answering. */
  second(wallMs: number): void {
    if (this.socket === null || this.socket.readyState !== this.socket.OPEN) return;
    if (wallMs - this.pongWallMs > pongWithinWallMs) {
      this.terminate();
    } else if (wallMs - this.pingWallMs >= pingEveryWallMs) {
      this.pingWallMs = wallMs;
      this.socket.ping();
    }
  }

  /** The connection ended, at whatever stage; told once. */
  vanished(): void {
    if (this.gone) return;
    this.gone = true;
    this.onGone();
    this.guarded(() => this.handler?.closed());
  }

  /** Frames of one turn of the event loop leave in one write. */
  private cork(): void {
    const { raw } = this;
    if (this.corked || raw === null) return;
    this.corked = true;
    raw.cork();
    process.nextTick(() => {
      this.corked = false;
      raw.uncork();
    });
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.log('socket handler failed', { id: this.id, path: this.path, error: messageOf(error) });
      this.socket?.close(1011, 'internal error');
    }
  }
}
