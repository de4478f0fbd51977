// One WebSocket connection as its owner sees it, whoever speaks the protocol: our own client
// (venue-socket.ts); in tests and benchmarks also the package `ws`. Nothing is thrown: a connection
// that fails says so and is over.
import type { FrameBuffer } from '../base/frame.ts';

export interface ConnectionLimits {
  readonly handshakeMsMax: number;
  readonly frameBytesMax: number;
  /** Orderly close, then the connection is cut. */
  readonly closeMsMax: number;
}

export interface ConnectionOwner {
  /** The handshake is done: texts may be sent. */
  opened(): void;
  /** Bytes came, pings among them: before the frames that they hold. */
  arrived(): void;
  /** A whole message: bytes [from, to) of the buffer, valid during the call only. */
  frame(buffer: FrameBuffer, from: number, to: number): void;
  /** It is over, and why; told once, at the latest when the connection is gone. */
  ended(reason: string): void;
}

export interface Connection {
  readonly isOpen: boolean;
  /** Bytes that wait for the network. */
  readonly unsentBytes: number;
  /** Only while it is open. */
  send(text: string): void;
  /** In order where there is a connection; `done` is called when it is gone. */
  close(done: () => void): void;
  /** At once. */
  cut(): void;
}

/** Throws on a URL that is none. */
export type Connect = (url: string, limits: ConnectionLimits, owner: ConnectionOwner) => Connection;
