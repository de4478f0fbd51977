// Our own WebSocket client against servers on loopback: `ws` as the server, `ws` as the other
// client of the same bytes, and servers that break the protocol.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { selfSigned } from '../../test/support/self-signed.ts';
import {
  digest,
  encoded,
  endings,
  messageBytesMax,
  payloadOf,
  type ServerFrame,
  scripts,
} from '../../test/support/server-frames.ts';
import { connectWithWs } from '../../test/support/ws-connection.ts';
import type { Connect, Connection, ConnectionLimits } from './connection.ts';
import { connectToVenue } from './venue-socket.ts';

const limits: ConnectionLimits = {
  handshakeMsMax: 2_000,
  frameBytesMax: messageBytesMax,
  closeMsMax: 500,
};
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Client {
  readonly connection: Connection;
  readonly log: string[];
  readonly opened: Promise<void>;
  readonly ended: Promise<string>;
  /** Resolves once so many messages came. */
  messages(count: number): Promise<void>;
}

function open(url: string, connect: Connect = connectToVenue, over = {}): Client {
  const log: string[] = [];
  let tellOpened = (): void => undefined;
  let tellEnded: (reason: string) => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    tellOpened = resolve;
  });
  const ended = new Promise<string>((resolve) => {
    tellEnded = resolve;
  });
  const watchers: (() => void)[] = [];
  const connection = connect(
    url,
    { ...limits, ...over },
    {
      opened: tellOpened,
      arrived: () => undefined,
      frame: (buffer, from, to) => {
        log.push(digest(buffer.bytes.subarray(from, to)));
        for (const watcher of watchers.splice(0)) watcher();
      },
      ended: tellEnded,
    },
  );
  closers.push(() => new Promise((resolve) => connection.close(resolve)));
  const messages = async (count: number): Promise<void> => {
    while (log.length < count) await new Promise<void>((resolve) => watchers.push(resolve));
  };
  return { connection, log, opened, ended, messages };
}

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server of `ws`; told of every client. */
async function wsServer(client: (socket: WebSocket, head: string) => void): Promise<string> {
  const http = createHttpServer();
  new WebSocketServer({ server: http }).on('connection', (socket, { headers, url }) => {
    client(socket, JSON.stringify({ url, ...headers }));
  });
  return `ws://${await listening(http)}`;
}

const accept = (request: string): string => {
  const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
};
const shaken = (request: string): string =>
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${accept(request)}\r\n\r\n`;

/** A server that answers the request for an upgrade with what it is told, and then writes. */
async function rawServer(answer: (request: string, socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => answer(data.toString('latin1'), socket));
  });
  return `ws://${await listening(server)}`;
}

/** Writes the bytes in parts of these sizes, each in a turn of its own. */
async function writeInParts(socket: Socket, bytes: Buffer, sizes: readonly number[]) {
  socket.setNoDelay(true);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    if (!socket.write(bytes.subarray(at, at + size))) await once(socket, 'drain');
    await new Promise((resolve) => setImmediate(resolve));
    at += size;
  }
}

describe('our own client hears what ws hears', () => {
  /** What a client made of the bytes: the messages, and the kind of the end. */
  async function heard(url: string, connect: Connect): Promise<readonly string[]> {
    const { log, ended } = open(url, connect);
    const reason = await ended;
    const closed = /^closed (\d+)/.exec(reason)?.[1];
    return [...log, closed === undefined ? 'broken' : `closed ${closed}`];
  }

  async function expectSame(frames: readonly ServerFrame[], sizes: readonly number[]) {
    const bytes = Buffer.concat(frames.map(encoded));
    const url = await rawServer((request, socket) => {
      // The first frames may come with the answer to the handshake.
      const first = Math.min(bytes.length, sizes[0] ?? 0);
      socket.write(Buffer.concat([Buffer.from(shaken(request)), bytes.subarray(0, first)]));
      void writeInParts(socket, bytes.subarray(first), sizes);
    });
    const [ours, reference] = await Promise.all([
      heard(url, connectToVenue),
      heard(url, connectWithWs),
    ]);
    expect(ours).toEqual(reference);
    return ours;
  }

  const close: ServerFrame = { opcode: 8, payload: Uint8Array.of(3, 0xe8) };

  it('in any fragments and any coalescing', { timeout: 60_000 }, async () => {
    const sizes = fc.array(fc.integer({ min: 100, max: 80_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(scripts, sizes, async ({ frames, expected }, parts) => {
        const said = await expectSame([...frames, close], parts);
        const messages = expected.filter((line) => line.startsWith('message '));
        expect(said).toEqual([...messages.map((line) => line.slice(8)), 'closed 1000']);
      }),
      { numRuns: 25 },
    );
  });

  it.each(endings)('%s', async (_name, frames) => {
    await expectSame([{ opcode: 1, payload: payloadOf(70, 1) }, ...frames], [70_000]);
    await expectSame([{ opcode: 1, payload: payloadOf(70, 1) }, ...frames], [30]);
  });

  it('until the connection ends without a close', async () => {
    const url = await rawServer((request, socket) => {
      const frame = encoded({ opcode: 1, payload: payloadOf(40, 1) });
      socket.end(Buffer.concat([Buffer.from(shaken(request)), frame, frame.subarray(0, 9)]));
    });
    const both = [connectToVenue, connectWithWs].map((connect) => heard(url, connect));
    const [ours, reference] = await Promise.all(both);
    expect(ours).toEqual(reference);
    expect(ours).toEqual([digest(payloadOf(40, 1)), 'closed 1006']);
  });
});

describe('our own client', () => {
  it('is heard by ws, texts of every size and pongs', async () => {
    const texts: string[] = [];
    const pongs: string[] = [];
    const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
    let done = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    let head = '';
    const url = await wsServer((socket, request) => {
      head = request;
      socket.on('message', (data, isBinary) => {
        expect(isBinary).toBe(false);
        texts.push(String(data));
        if (texts.length === lengths.length) socket.ping('beat');
      });
      socket.on('pong', (data) => {
        pongs.push(data.toString());
        done();
      });
    });
    const { connection, opened } = open(`${url}/public/ws?a=1&b=%20`);
    expect(connection.isOpen).toBe(false);
    connection.send('too early');
    await opened;
    for (const length of lengths) connection.send('€'.repeat(length / 3) + 'x'.repeat(length % 3));
    await all;
    expect(texts.map((text) => Buffer.byteLength(text))).toEqual(lengths);
    expect(texts.at(-1)).toBe(`${'€'.repeat(23_333)}x`);
    expect(pongs).toEqual(['beat']);
    expect(JSON.parse(head)).toMatchObject({
      url: '/public/ws?a=1&b=%20',
      host: new URL(url).host,
      'sec-websocket-version': '13',
    });
    expect(head).not.toContain('sec-websocket-extensions');
  });

  it('closes in order, and cuts a server that does not answer', async () => {
    const codes: number[] = [];
    const url = await wsServer((socket) => socket.on('close', (code) => codes.push(code)));
    const first = open(url);
    await first.opened;
    await new Promise<void>((resolve) => first.connection.close(resolve));
    await expect(first.ended).resolves.toMatch(/^closed 1000/);
    expect(codes).toEqual([1_000]);
    expect(first.connection.isOpen).toBe(false);

    const deaf = await rawServer((request, socket) => void socket.write(shaken(request)));
    const second = open(deaf, connectToVenue, { closeMsMax: 30 });
    await second.opened;
    await new Promise<void>((resolve) => second.connection.close(resolve));
    await expect(second.ended).resolves.toMatch(/^closed 1006/);
  });

  it('answers a close of the server with its code', async () => {
    const codes: number[] = [];
    const url = await wsServer((socket) => {
      socket.on('close', (code) => codes.push(code));
      socket.close(4_321, 'maintenance');
    });
    const { ended } = open(url);
    await expect(ended).resolves.toBe('closed 4321 maintenance');
    while (codes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(codes).toEqual([4_321]);
  });

  it('closes with 1009 over the bound and with 1002 on a frame that is none', async () => {
    const codes: number[] = [];
    let text = Buffer.alloc(messageBytesMax + 1);
    const url = await wsServer((socket) => {
      socket.on('close', (code) => codes.push(code));
      socket.send(text);
    });
    await expect(open(url).ended).resolves.toContain('longer than 200000 bytes');
    while (codes.length < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(codes).toEqual([1_009]);
    text = Buffer.alloc(0);
    const raw = await rawServer((request, socket) => {
      socket.write(shaken(request));
      socket.write(encoded({ opcode: 7, payload: text }));
      socket.on('data', (data) => codes.push(data.length));
    });
    await expect(open(raw).ended).resolves.toBe('not a WebSocket frame: opcode 7 is none');
    while (codes.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(codes).toEqual([1_009, 8]);
  });

  it('hands over nothing after it was cut', async () => {
    const url = await rawServer((request, socket) => {
      const frame = encoded({ opcode: 1, payload: payloadOf(40, 1) });
      socket.write(Buffer.concat([Buffer.from(shaken(request)), frame, frame, frame]));
    });
    const log: number[] = [];
    await new Promise<string>((resolve) => {
      const connection = connectToVenue(url, limits, {
        ...{ opened: () => undefined, arrived: () => undefined, ended: resolve },
        frame: (_buffer, from, to) => {
          log.push(to - from);
          connection.cut();
        },
      });
    });
    expect(log).toEqual([40]);
  });

  const refusals: readonly [string, (request: string) => string, RegExp][] = [
    ['no upgrade', () => 'HTTP/1.1 403 Forbidden\r\n\r\n', /Unexpected server response: 403/],
    ['a redirect', () => 'HTTP/1.1 301 Moved\r\nLocation: ws://x\r\n\r\n', /response: 301/],
    ['no HTTP', () => 'hello\r\n\r\n', /does not answer in HTTP/],
    ['another upgrade', (r) => shaken(r).replace('websocket', 'h2c'), /no upgrade to websocket/],
    ['a kept connection', (r) => shaken(r).replace('n: Up', 'n: Down'), /is not upgraded/],
    ['a foreign key', (r) => shaken(r).replace(accept(r), accept('')), /wrong Sec-WebSocket-Acc/],
    ['a line without a colon', (r) => shaken(r).replace('\r\nUp', '\r\nodd\r\nUp'), /line "odd"/],
    [
      'compression, unasked',
      (r) => shaken(r).replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: deflate\r\n\r\n'),
      /sec-websocket-extensions deflate, unasked/,
    ],
    ['a head without an end', () => `HTTP/1.1 101 x\r\n${'x'.repeat(20_000)}`, /has no end/],
  ];

  it.each(refusals)('refuses a handshake with %s', async (_name, answer, reason) => {
    const url = await rawServer((request, socket) => void socket.write(answer(request)));
    const { connection, ended } = open(url);
    await expect(ended).resolves.toMatch(reason);
    expect(connection.isOpen).toBe(false);
  });

  it('takes a handshake that comes byte by byte', async () => {
    const url = await rawServer((request, socket) => {
      const frame = encoded({ opcode: 1, payload: payloadOf(9, 1) });
      void writeInParts(socket, Buffer.concat([Buffer.from(shaken(request)), frame]), [1]);
    });
    const { opened, messages, log } = open(url);
    await opened;
    await messages(1);
    expect(log).toEqual([digest(payloadOf(9, 1))]);
  });

  it('gives up on a server that does not answer, and on one that is not there', async () => {
    const silent = await rawServer(() => undefined);
    const first = open(silent, connectToVenue, { handshakeMsMax: 30 });
    await expect(first.ended).resolves.toBe('the handshake took longer than 30 ms');
    const server = createServer();
    const host = await listening(server);
    server.close();
    await expect(open(`ws://${host}`).ended).resolves.toContain('ECONNREFUSED');
    expect(() => open('http://127.0.0.1:1')).toThrow(/neither ws: nor wss:/);
    expect(() => open('no url')).toThrow();
  });

  it('masks every message with bytes of its own', async () => {
    const count = 2_500; // more masks than are drawn at once
    const text = '{"op":"ping"}';
    const frameBytes = 2 + 4 + text.length;
    const chunks: Buffer[] = [];
    const url = await rawServer((request, socket) => {
      socket.write(shaken(request));
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    });
    const { connection, opened } = open(url);
    await opened;
    for (let i = 0; i < count; i++) connection.send(text);
    const whole = () => Buffer.concat(chunks);
    await expect.poll(() => whole().length).toBe(count * frameBytes);
    const bytes = whole();
    const masks = new Set<string>();
    for (let i = 0; i < count; i++) {
      const frame = bytes.subarray(i * frameBytes, (i + 1) * frameBytes);
      const mask = frame.subarray(2, 6);
      masks.add(mask.toString('hex'));
      const plain = frame.subarray(6).map((byte, at) => byte ^ (mask[at & 3] as number));
      expect(plain.toString()).toBe(text);
    }
    // Of 2,500 draws from 2^32 hardly two are alike.
    expect(masks.size).toBeGreaterThan(count - 5);
  });

  it('answers no pings while much is unsent', async () => {
    const served: Socket[] = [];
    const url = await rawServer((request, socket) => {
      // It never reads again.
      socket.pause();
      socket.write(shaken(request));
      served.push(socket);
    });
    const { connection, opened, messages } = open(url);
    await opened;
    // More than the buffers of both kernels take.
    connection.send('x'.repeat(24_000_000));
    const unsentBytes = connection.unsentBytes;
    expect(unsentBytes).toBeGreaterThan(24_000_000);
    const ping = encoded({ opcode: 9, payload: payloadOf(100, 1) });
    served[0]?.write(Buffer.concat([ping, ping, encoded({ opcode: 1, payload: ping })]));
    await messages(1);
    expect(connection.unsentBytes).toBe(unsentBytes);
  });

  it('speaks TLS, and refuses a certificate that nobody vouches for', async () => {
    const https = createHttpsServer(selfSigned('127.0.0.1'));
    new WebSocketServer({ server: https }).on('connection', (socket) => {
      for (const length of [40, 70_000, 200]) socket.send(payloadOf(length, 1));
    });
    const url = `wss://${await listening(https)}`;
    await expect(open(url).ended).resolves.toMatch(/self.signed certificate/);
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const { opened, messages, log } = open(url);
      await opened;
      await messages(3);
      expect(log).toEqual([40, 70_000, 200].map((length) => digest(payloadOf(length, 1))));
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});
