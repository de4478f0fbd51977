import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient, type HttpSend } from './http.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server | TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that keeps every byte that it got and answers with `reply`, or not at all. */
async function rawServer(
  reply: (socket: Socket) => void,
): Promise<{ base: string; seen: string[] }> {
  const seen: string[] = [];
  const sockets: Socket[] = [];
  const base = await listen(
    createTcp((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (data) => {
        seen.push(data.toString('latin1'));
        reply(socket);
      });
    }),
  );
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { base, seen };
}

function client(limits: ConstructorParameters<typeof HttpClient>[0] = {}): HttpClient {
  const made = new HttpClient(limits);
  closers.push(() => made.close());
  return made;
}

const get = (base: string, over: Partial<HttpSend> = {}): HttpSend => ({
  base,
  method: 'GET',
  path: '/x',
  query: '',
  body: null,
  headers: {},
  timeoutMs: 5_000,
  lane: 'read',
  ...over,
});

describe('the HTTP client', () => {
  it('sends exactly the bytes that were signed, and reads status, headers and body', async () => {
    const { base, seen } = await rawServer((socket) => {
      socket.write(
        'HTTP/1.1 418 Teapot\r\nX-Used: 7\r\ncontent-length: 7\r\n\r\n{"ä":1}'.slice(0, -6),
      );
      socket.write(Buffer.from('"\xc3\xa4":1}', 'latin1'));
    });
    const outcome = await client().send(
      get(`${base}/prefix`, {
        method: 'POST',
        path: '/api/v3/order',
        query: 'symbol=BTCUSDT&x=%E2%82%AC&y=a%20b',
        body: '{"sz":"1","note":"€"}',
        headers: { 'X-MBX-APIKEY': 'k' },
        lane: 'order',
      }),
    );
    expect(outcome).toMatchObject({ ok: true, status: 418, headers: { 'x-used': '7' } });
    const text = Buffer.from(seen.join(''), 'latin1').toString('utf8');
    expect(text).toContain('POST /prefix/api/v3/order?symbol=BTCUSDT&x=%E2%82%AC&y=a%20b HTTP/1.1');
    expect(text).toContain('X-MBX-APIKEY: k');
    expect(text.endsWith('\r\n\r\n{"sz":"1","note":"€"}')).toBe(true);
  });

  it('uses its connections again', async () => {
    let connections = 0;
    const server = createServer((_request, response) => response.end('ok'));
    server.on('connection', () => connections++);
    const base = await listen(server);
    const http = client();
    for (let i = 0; i < 9; i++) expect(await http.send(get(base))).toMatchObject({ body: 'ok' });
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('a refused connection is a failure of which nothing left', async () => {
    const server = createServer();
    const base = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await client().send(get(base))).toMatchObject({
      ok: false,
      kind: 'connect',
      sent: false,
    });
  });

  it('a reply that does not come is a timeout after the send', async () => {
    const { base, seen } = await rawServer(() => {});
    const outcome = await client().send(get(base, { timeoutMs: 1_000 }));
    expect(outcome).toMatchObject({ ok: false, kind: 'timeout', sent: true });
    expect(seen).toHaveLength(1);
  });

  it('a connection cut after the request is a reset after the send, sent once', async () => {
    const { base, seen } = await rawServer((socket) => socket.destroy());
    const outcome = await client().send(get(base, { method: 'POST', body: 'x' }));
    expect(outcome).toMatchObject({ ok: false, kind: 'reset', sent: true });
    expect(seen).toHaveLength(1);
  });

  it('a request that waits for a socket until its deadline was never sent', async () => {
    const { base, seen } = await rawServer(() => {});
    const http = client({ readSocketsMax: 1 });
    const first = http.send(get(base, { timeoutMs: 1_500, path: '/first' }));
    const second = await http.send(get(base, { timeoutMs: 100, path: '/second' }));
    expect(second).toMatchObject({ ok: false, kind: 'timeout', sent: false });
    await first;
    // The socket that comes free is not used for what was given up.
    expect(await http.send(get(base, { timeoutMs: 1_000, path: '/third' }))).toMatchObject({
      sent: true,
    });
    expect(seen.join('')).not.toContain('/second');
  });

  it('orders do not wait behind reads', async () => {
    const { base, seen } = await rawServer(() => {});
    const http = client({ readSocketsMax: 1 });
    const reads = [1, 2, 3].map(() => http.send(get(base, { timeoutMs: 1_000 })));
    const order = await http.send(get(base, { path: '/order', lane: 'order', timeoutMs: 1_000 }));
    expect(order).toMatchObject({ sent: true });
    expect(seen.join('')).toContain('/order');
    await Promise.all(reads);
  });

  it('refuses what passes its bound of open requests, unsent', async () => {
    const { base } = await rawServer(() => {});
    const http = client({ requestsOpenMax: 1 });
    const first = http.send(get(base, { timeoutMs: 100 }));
    expect(await http.send(get(base))).toMatchObject({ ok: false, sent: false });
    await first;
    expect(http.requestsOpen).toBe(0);
  });

  it('gives up a body over the bound', async () => {
    const base = await listen(
      createServer((_request, response) => response.end('x'.repeat(2_000))),
    );
    expect(await client({ bodyBytesMax: 1_000 }).send(get(base))).toMatchObject({
      ok: false,
      kind: 'reset',
      sent: true,
    });
  });

  it('close ends what is under way, and nothing is sent after it', async () => {
    const { base } = await rawServer(() => {});
    const http = client();
    const pending = http.send(get(base));
    await http.close();
    expect(await pending).toMatchObject({ ok: false });
    expect(await http.send(get(base))).toMatchObject({ ok: false, sent: false });
  });
});
