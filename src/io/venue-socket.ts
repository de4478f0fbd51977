// Our own WebSocket client: frames are read where the kernel wrote them and leave in one write, no
// compression, no Nagle, no redirects. It speaks RFC 6455 as far as a client needs it and opens a
// connection once; who comes back and when is socket.ts's.
import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { FrameBuffer } from '../base/frame.ts';
import type { Connection, ConnectionLimits, ConnectionOwner } from './connection.ts';
import { type FrameHandler, FrameReader } from './frame-reader.ts';

export function connectToVenue(
  url: string,
  limits: ConnectionLimits,
  owner: ConnectionOwner,
): Connection {
  return new VenueSocket(new URL(url), limits, owner);
}

/** The server's answer to the handshake may be so long. */
const handshakeBytesMax = 16 * 1024;
/** Pings are not answered while so much is unsent: a server that does not read gets no more. */
const unsentPongBytesMax = 64 * 1024;
/** RFC 6455, 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const headEnd = '\r\n\r\n';
const normalClosure = 1_000;
/** Codes that stand for none: the server closed without one, or the connection just ended. */
const [noCode, noConnection] = [1_005, 1_006];
const op = { text: 1, close: 8, pong: 10 } as const;
const [finalBit, maskBit, maskBytes] = [0x80, 0x80, 4];
const ports = { 'ws:': 80, 'wss:': 443 } as const;

/**
 * connecting: until the server accepted the handshake. open: frames flow. closing: a close was
 * sent, ours or the answer to the server's; within `closeMsMax` the connection ends. over: it is
 * told.
 */
type State = 'connecting' | 'open' | 'closing' | 'over';

class VenueSocket implements Connection, FrameHandler {
  private readonly owner: ConnectionOwner;
  private readonly limits: ConnectionLimits;
  private readonly reader: FrameReader;
  private readonly socket: Socket;
  private readonly key = randomBytes(16).toString('base64');
  private state: State = 'connecting';
  /** What came of the answer to the handshake. */
  private answer = '';
  private timer: NodeJS.Timeout;
  private reason = `closed ${noConnection} `;
  private done: (() => void) | null = null;

  constructor(url: URL, limits: ConnectionLimits, owner: ConnectionOwner) {
    this.owner = owner;
    this.limits = limits;
    this.reader = new FrameReader(this, limits.frameBytesMax);
    const onread = { buffer: this.reader.area, callback: (count: number) => this.read(count) };
    this.socket = dial(url, onread, () => this.socket.write(requestOf(url, this.key)));
    this.socket.setNoDelay(true);
    this.socket.on('error', (error) => this.tell(error.message));
    this.socket.on('close', () => this.gone());
    const { handshakeMsMax } = limits;
    this.timer = setTimeout(() => {
      this.fail(`the handshake took longer than ${handshakeMsMax} ms`);
    }, handshakeMsMax);
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  send(text: string): void {
    if (this.state === 'open') this.write(op.text, text);
  }

  close(done: () => void): void {
    if (this.socket.closed) return done();
    this.done = done;
    if (this.state === 'connecting' || this.state === 'over') return this.cut();
    if (this.state === 'open') this.write(op.close, closePayload(normalClosure));
    this.closing();
  }

  cut(): void {
    this.reader.stop();
    this.socket.destroy();
  }

  // ---- what the reader finds --------------------------------------------------------------------

  message(buffer: FrameBuffer, from: number, to: number): void {
    this.owner.frame(buffer, from, to);
  }

  pinged(payload: Uint8Array): void {
    if (this.state === 'open' && this.unsentBytes <= unsentPongBytesMax) {
      this.write(op.pong, payload);
    }
  }

  /** The answer is the same code; then the server ends the connection, or we do. */
  closed(code: number, reason: string): void {
    this.reason = `closed ${code} ${reason}`;
    if (this.state === 'open') {
      this.write(op.close, code === noCode ? new Uint8Array(0) : closePayload(code));
    }
    this.closing();
    this.socket.end();
  }

  broken(code: number, reason: string): void {
    if (this.state === 'open') this.write(op.close, closePayload(code));
    this.fail(`not a WebSocket frame: ${reason}`);
  }

  // ---- the connection ---------------------------------------------------------------------------

  private read(count: number): boolean {
    if (this.state === 'connecting') {
      this.shakeHands(count);
    } else {
      this.owner.arrived();
      this.reader.take(count);
    }
    return true;
  }

  private shakeHands(count: number): void {
    const { area } = this.reader;
    const before = this.answer.length;
    this.answer += Buffer.from(area.buffer, area.byteOffset, count).toString('latin1');
    const end = this.answer.indexOf(headEnd);
    if (end < 0) {
      if (this.answer.length > handshakeBytesMax) this.fail('the handshake has no end');
      return;
    }
    const refusal = refusalIn(this.answer.slice(0, end), this.key);
    if (refusal !== null) return this.fail(refusal);
    clearTimeout(this.timer);
    this.state = 'open';
    this.answer = '';
    this.owner.opened();
    const used = end + headEnd.length - before;
    if (used < count) this.reader.takeFrom(used, count);
  }

  private write(code: number, payload: string | Uint8Array): void {
    this.socket.write(maskedFrame(code, payload));
  }

  private closing(): void {
    this.state = 'closing';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.socket.destroy(), this.limits.closeMsMax);
  }

  private fail(reason: string): void {
    this.tell(reason);
    this.cut();
  }

  private tell(reason: string): void {
    if (this.state === 'over') return;
    this.state = 'over';
    clearTimeout(this.timer);
    this.owner.ended(reason);
  }

  private gone(): void {
    this.reader.stop();
    this.tell(this.reason);
    this.done?.();
  }
}

function dial(url: URL, onread: OnReadOpts, connected: () => void): Socket {
  const { protocol } = url;
  if (protocol !== 'ws:' && protocol !== 'wss:') {
    throw new Error(`"${protocol}" is neither ws: nor wss:`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port === '' ? ports[protocol] : url.port);
  const to = { host, port, onread };
  if (protocol === 'ws:') return connectTcp(to, connected);
  return connectTls({ ...to, servername: isIP(host) === 0 ? host : '' }, connected);
}

function requestOf(url: URL, key: string): string {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...(url.username === '' ? [] : [`Authorization: Basic ${basicOf(url)}`]),
    headEnd.slice(2),
  ].join('\r\n');
}

function basicOf({ username, password }: URL): string {
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return Buffer.from(plain).toString('base64');
}

/** Why this answer does not open a WebSocket; null = it does. */
function refusalIn(head: string, key: string): string | null {
  const [status = '', ...lines] = head.split('\r\n');
  const code = /^HTTP\/1\.1 (\d{3})/.exec(status)?.[1];
  if (code === undefined) return 'the server does not answer in HTTP/1.1';
  if (code !== '101') return `Unexpected server response: ${code}`;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return `the handshake has the line ${JSON.stringify(line)}`;
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return 'no upgrade to websocket';
  const options =
    headers
      .get('connection')
      ?.toLowerCase()
      .split(/\s*,\s*/) ?? [];
  if (!options.includes('upgrade')) return 'the connection is not upgraded';
  const expected = createHash('sha1').update(`${key}${acceptSuffix}`).digest('base64');
  if (headers.get('sec-websocket-accept') !== expected) return 'a wrong Sec-WebSocket-Accept';
  for (const name of ['sec-websocket-extensions', 'sec-websocket-protocol']) {
    if (headers.has(name)) return `the server chose ${name} ${headers.get(name)}, unasked`;
  }
  return null;
}

function closePayload(code: number): Uint8Array {
  return Uint8Array.of(code >>> 8, code & 0xff);
}

/** A final frame with its payload masked, as a client must: one buffer, one write. */
function maskedFrame(code: number, payload: string | Uint8Array): Uint8Array {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const from = head + maskBytes;
  const frame = Buffer.allocUnsafe(from + length);
  frame[0] = finalBit | code;
  if (head === 2) {
    frame[1] = maskBit | length;
  } else if (head === 4) {
    frame[1] = maskBit | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = maskBit | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  if (typeof payload === 'string') frame.write(payload, from);
  else frame.set(payload, from);
  const mask = nextMask();
  for (let i = 0; i < maskBytes; i++) frame[head + i] = masks[mask + i] as number;
  for (let i = 0; i < length; i++) {
    frame[from + i] = (frame[from + i] as number) ^ (masks[mask + (i & 3)] as number);
  }
  return frame;
}

/** Masks are random and each is used once; drawing many at once costs what drawing one does. */
const masks = Buffer.alloc(maskBytes * 1_024);
let masksUsed = masks.length;

/** Where the next mask stands in `masks`. */
function nextMask(): number {
  if (masksUsed === masks.length) {
    randomFillSync(masks);
    masksUsed = 0;
  }
  masksUsed += maskBytes;
  return masksUsed - maskBytes;
}
