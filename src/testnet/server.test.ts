import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { scriptedMarket } from '../../test/support/scripted-market.ts';
import { decimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import type { Fault } from './faults.ts';
import type { MakeProtocol, RawHttpRequest } from './protocol.ts';
import { startTestnet, type Testnet } from './server.ts';
import { outboundBytesMax } from './socket.ts';

const running: Testnet[] = [];
afterEach(async () => {
  for (const testnet of running.splice(0)) await testnet.stop();
});

/** Answers with what it was handed; sockets echo; `/ws/none` does not exist; `/boom` throws. */
function echoProtocol(seen: { ticks: number[]; requests: RawHttpRequest[]; closed: number }) {
  const make: MakeProtocol = ({ now, exchange, fault }) => {
    const sockets = new Set<{ send(text: string): void }>();
    return {
      venue: exchange.venue,
      http: (request) => {
        seen.requests.push(request);
        if (request.path === '/boom') throw new Error('a bug');
        return {
          status: 200,
          body: JSON.stringify({ ...request, now: now(), skew: fault('clock-skew') }),
          headers: { 'x-used': '1' },
        };
      },
      open: (socket) => {
        if (socket.path !== '/ws/echo') return null;
        sockets.add(socket);
        socket.send(`hello ${socket.query}`);
        return {
          message: (text) => {
            if (text === 'boom') throw new Error('a bug');
            if (text === 'flood') {
              for (let sent = 0; sent < 4 * outboundBytesMax; sent += 100_000) {
                socket.send('x'.repeat(100_000));
              }
            }
            if (text === 'close') socket.close(4001, 'as asked');
            socket.send(text);
          },
          closed: () => {
            sockets.delete(socket);
            seen.closed++;
          },
        };
      },
      tick: (at) => {
        seen.ticks.push(at.tsMs);
        for (const socket of sockets) socket.send(`tick ${at.tsMs}`);
      },
      second: () => undefined,
      event: () => undefined,
    };
  };
  return make;
}

interface Start {
  readonly speed?: number;
  readonly faults?: readonly Fault[];
  readonly port?: number;
  readonly socketsMax?: number;
  readonly wallNow?: () => number;
}

async function start(options: Start = {}) {
  const seen = { ticks: [] as number[], requests: [] as RawHttpRequest[], closed: 0 };
  const logs: string[] = [];
  const testnet = await startTestnet({
    market: scriptedMarket('bybit'),
    venues: [
      {
        venue: 'bybit',
        makeProtocol: echoProtocol(seen),
        startBalances: [{ wallet: 'unified', asset: 'USDT', amount: decimal('1000') }],
        port: options.port ?? 0,
      },
    ],
    credentials: { key: 'k', secret: 's', passphrase: 'p' },
    ...options,
    speed: options.speed ?? 1_000,
    log: (message) => logs.push(message),
  });
  running.push(testnet);
  const server = testnet.server('bybit');
  return { testnet, server, seen, logs };
}

function open(url: string): Promise<{ socket: WebSocket; next(): Promise<string> }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const queue: string[] = [];
    const waiting: ((text: string) => void)[] = [];
    socket.on('message', (data) => {
      const text = String(data);
      if (text.startsWith('tick')) return;
      const take = waiting.shift();
      if (take === undefined) queue.push(text);
      else take(text);
    });
    const next = (): Promise<string> => {
      const text = queue.shift();
      return text === undefined ? new Promise((take) => waiting.push(take)) : Promise.resolve(text);
    };
    socket.on('open', () => resolve({ socket, next }));
    socket.on('error', reject);
  });
}

const closeOf = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.once('close', resolve));

describe('http', () => {
  it('hands path, query, body and headers over exactly as sent', async () => {
    const { server } = await start();
    const body = '{"qty": "1.0",  "b":"ü"}';
    const reply = await fetch(`${server.http}/v5/order?b=2&a=%2f%20&b=1`, {
      method: 'POST',
      body,
      headers: { 'X-Api-Key': 'K' },
    });
    expect(reply.headers.get('x-used')).toBe('1');
    expect(await reply.json()).toMatchObject({
      method: 'POST',
      path: '/v5/order',
      query: 'b=2&a=%2f%20&b=1',
      body,
      headers: { 'x-api-key': 'K' },
    });
  });

  it('a protocol that throws costs one answer of status 500', async () => {
    const { server, logs } = await start();
    expect((await fetch(`${server.http}/boom`)).status).toBe(500);
    expect((await fetch(`${server.http}/fine`)).status).toBe(200);
    expect(logs).toContain('protocol failed');
  });

  it('survives what is not HTTP, and refuses bodies beyond its limit', async () => {
    const { server } = await start();
    const raw = connect(server.port, '127.0.0.1');
    raw.write('\u0000\u0001 nonsense\r\n\r\n');
    raw.resume();
    await new Promise((resolve) => raw.once('close', resolve));
    const big = fetch(server.http, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) });
    await big.then(
      (reply) => expect(reply.status).toBe(413),
      () => undefined, // the connection may be cut before the client has read the answer
    );
    expect((await fetch(`${server.http}/fine`)).status).toBe(200);
  });

  it('a port in use is the user to mend: exit code 2, the port is named', async () => {
    const { server } = await start();
    const error = await start({ port: server.port }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ exitCode: 2 });
    expect(String(error)).toContain(`port ${server.port} (bybit)`);
  });
});

describe('sockets', () => {
  it('greets, echoes, answers pings and does not compress', async () => {
    const { server } = await start();
    const { socket, next } = await open(`${server.ws}/ws/echo?listenKey=1`);
    expect(await next()).toBe('hello listenKey=1');
    expect(socket.extensions).toBe('');
    socket.send('text');
    expect(await next()).toBe('text');
    const pong = new Promise((resolve) => socket.once('pong', resolve));
    socket.ping();
    await pong;
    socket.close();
    await closeOf(socket);
  });

  it('an unknown path is refused with 404', async () => {
    const { server } = await start();
    await expect(open(`${server.ws}/ws/none`)).rejects.toThrow('404');
  });

  it('closes with the code that the protocol gives, and tells it once', async () => {
    const { server, seen } = await start();
    const { socket } = await open(`${server.ws}/ws/echo`);
    socket.send('close');
    expect(await closeOf(socket)).toBe(4001);
    const other = await open(`${server.ws}/ws/echo`);
    other.socket.terminate();
    while (server.socketCount() > 0) await pause(1);
    expect(seen.closed).toBe(2);
  });

  it('a handler that throws loses its socket alone', async () => {
    const { server } = await start();
    const first = await open(`${server.ws}/ws/echo`);
    const second = await open(`${server.ws}/ws/echo`);
    await second.next();
    first.socket.send('boom');
    expect(await closeOf(first.socket)).toBe(1011);
    second.socket.send('still here');
    expect(await second.next()).toBe('still here');
  });

  it('binary and oversized frames close the socket', async () => {
    const { server } = await start();
    const binary = await open(`${server.ws}/ws/echo`);
    binary.socket.send(new Uint8Array([1, 2]));
    expect(await closeOf(binary.socket)).toBe(1003);
    const big = await open(`${server.ws}/ws/echo`);
    big.socket.on('error', () => undefined);
    big.socket.send('x'.repeat(2 * 1024 * 1024));
    await closeOf(big.socket);
    expect((await fetch(`${server.http}/fine`)).status).toBe(200);
  });

  it('sockets are limited in number', async () => {
    const { server } = await start({ socketsMax: 1 });
    const { socket } = await open(`${server.ws}/ws/echo`);
    await expect(open(`${server.ws}/ws/echo`)).rejects.toThrow('503');
    socket.close();
    while (server.socketCount() > 0) await pause(1);
    await open(`${server.ws}/ws/echo`);
  });

  it('a consumer that answers no ping is cut off, one that answers stays', async () => {
    let wallMs = 1_000_000;
    const { server, testnet } = await start({ speed: 1, wallNow: () => wallMs });
    const deaf = new WebSocket(`${server.ws}/ws/echo`, { autoPong: false });
    const heard = await open(`${server.ws}/ws/echo`);
    await heard.next();
    const pinged = new Promise((resolve) => heard.socket.once('ping', resolve));
    while (server.socketCount() < 2) await pause(1);
    wallMs += 30_000;
    server.second(testnet.now());
    await pinged;
    // Its pong left before this text, so the echo says that the pong was read.
    heard.socket.send('after the pong');
    expect(await heard.next()).toBe('after the pong');
    const gone = closeOf(deaf);
    wallMs += 40_000;
    server.second(testnet.now());
    await gone;
    expect(server.socketCount()).toBe(1);
  });

  it('a consumer that does not read is cut off', async () => {
    const { server, logs } = await start();
    const { socket } = await open(`${server.ws}/ws/echo`);
    socket.on('error', () => undefined);
    socket.pause();
    socket.send('flood');
    while (!logs.includes('slow consumer cut off')) await pause(1);
    while (server.socketCount() > 0) await pause(1);
  });
});

describe('time', () => {
  it('publishes every k-th grid point, at its multiples, in order', async () => {
    const { seen, testnet } = await start({ speed: 50_000 });
    // 100 ms x 50,000 = 5,000 s = 5,000 grid points of 1 s
    expect(testnet.clock.publishStepMs).toBe(5_000_000);
    while (seen.ticks.length < 3) await pause(1);
    for (const [k, tick] of seen.ticks.entries()) {
      expect(tick % 5_000_000).toBe(0);
      if (k > 0) expect(tick).toBeGreaterThan(seen.ticks[k - 1] as number);
    }
  });

  it('between ticks venue time stands and wall time runs', async () => {
    let wallMs = 1_000_000;
    const testnet = await startTestnet({
      market: scriptedMarket('bybit'),
      venues: [],
      credentials: { key: 'k', secret: 's', passphrase: 'p' },
      speed: 1,
      wallNow: () => wallMs,
    });
    running.push(testnet);
    const before = testnet.now();
    wallMs += 700;
    expect(testnet.now()).toEqual({ tsMs: before.tsMs, wallMs: before.wallMs + 700 });
  });
});

describe('faults', () => {
  const always = { fromWallMs: 0, toWallMs: 1e9 };

  it('http-503 and other venues', async () => {
    const { server } = await start({ faults: [{ name: 'http-503', venue: 'bybit', ...always }] });
    expect((await fetch(server.http)).status).toBe(503);
    const other = await start({ faults: [{ name: 'http-503', venue: 'okx', ...always }] });
    expect((await fetch(other.server.http)).status).toBe(200);
  });

  it('timeout: the request gets no answer and does not reach the venue', async () => {
    const { server, seen } = await start({ faults: [{ name: 'timeout', path: '/a', ...always }] });
    const signal = AbortSignal.timeout(50);
    await expect(fetch(`${server.http}/a`, { signal })).rejects.toThrow('timeout');
    expect((await fetch(`${server.http}/b`)).status).toBe(200);
    expect(seen.requests.map((request) => request.path)).toEqual(['/b']);
  });

  it('ack-lost: the venue acts and its answer is lost', async () => {
    const { server, seen } = await start({ faults: [{ name: 'ack-lost', ...always }] });
    await expect(fetch(`${server.http}/order`, { method: 'POST' })).rejects.toThrow();
    expect((await fetch(`${server.http}/order`)).status).toBe(200);
    expect(seen.requests.map((request) => request.method)).toEqual(['POST', 'GET']);
  });

  it('drop-connections: sockets are cut and refused', async () => {
    const { server } = await start({ faults: [{ name: 'drop-connections', ...always }] });
    await expect(open(`${server.ws}/ws/echo`)).rejects.toThrow('503');
  });

  it('stale-stream: sockets live and nothing comes', async () => {
    const { server, seen, testnet } = await start({
      faults: [{ name: 'stale-stream', ...always }],
    });
    const { socket, next } = await open(`${server.ws}/ws/echo`);
    await next();
    const from = testnet.now().tsMs;
    while (testnet.now().tsMs === from) await pause(5);
    socket.send('alive');
    expect(await next()).toBe('alive');
    expect(seen.ticks).toEqual([]);
  });

  it('adl: half of the largest position is closed at the mark, once', async () => {
    const { testnet } = await start({ faults: [{ name: 'adl', fromWallMs: 100, toWallMs: 1e9 }] });
    const exchange = testnet.exchange('bybit');
    const [listing] = exchange.instruments();
    const instrument = listing?.instrument.id ?? '';
    const order = { instrument, clientOrderId: null, side: 'sell', limit: null } as const;
    const market = { type: 'market', timeInForce: 'gtc', reduceOnly: false } as const;
    exchange.place({ ...order, ...market, qty: decimal('3') }, testnet.now());
    while (exchange.position(instrument).qty === decimal('-3')) await pause(1);
    expect(exchange.position(instrument).qty).toBe(decimal('-1.5'));
    const from = testnet.now().tsMs;
    while (testnet.now().tsMs === from) await pause(5);
    expect(exchange.position(instrument).qty).toBe(decimal('-1.5'));
  });

  it('other names reach the protocol', async () => {
    const { server } = await start({ faults: [{ name: 'clock-skew', ...always }] });
    expect(await (await fetch(server.http)).json()).toMatchObject({ skew: true });
  });
});
