import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { control, ToyServer } from '../../test/support/toy-server.ts';
import { connectWithWs } from '../../test/support/ws-connection.ts';
import { systemClock } from './clock.ts';
import type { Connect } from './connection.ts';
import { type SocketLimits, type SocketPlan, StreamSocket } from './socket.ts';
import { connectToVenue } from './venue-socket.ts';

let toy: ToyServer;
let connect: Connect;
const opened: StreamSocket[] = [];

beforeEach(async () => {
  toy = await ToyServer.start();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((socket) => socket.stop()));
  await toy.stop();
});

interface Rig {
  readonly socket: StreamSocket;
  readonly log: string[];
  /** Resolves once the log holds the entry so often. */
  logged(entry: RegExp, times?: number): Promise<void>;
}

function rig(over: Partial<SocketPlan> = {}, limits: Partial<SocketLimits> = {}): Rig {
  const log: string[] = [];
  const watchers: (() => void)[] = [];
  const note = (text: string): void => {
    log.push(text);
    for (const watcher of watchers.splice(0)) watcher();
  };
  const socket = new StreamSocket({
    clock: systemClock(),
    connect,
    limits: { backOffMs: 20, backOffMsMax: 100, closeMsMax: 500, ...limits },
    owner: {
      up: () => note('up'),
      down: (reason) => note(`down ${reason}`),
      frame: (buffer, from, to) => {
        const text = new TextDecoder().decode(buffer.bytes.subarray(from, to));
        if (text === control('login')) socket.loggedIn();
        if (text.includes('subscribed')) socket.subscribed();
        note(text);
      },
    },
    plan: {
      name: 's',
      url: () => Promise.resolve(`${toy.endpoints.ws['ws']}/public`),
      login: null,
      subscribe: ['sub a', 'sub b'],
      heartbeat: null,
      silenceMsMax: 60_000,
      ...over,
    },
  });
  opened.push(socket);
  const logged = async (entry: RegExp, times = 1): Promise<void> => {
    while (log.filter((line) => entry.test(line)).length < times) {
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
  };
  return { socket, log, logged };
}

const clients = [
  ['our own client', connectToVenue],
  ['ws', connectWithWs],
] as const;

describe.each(clients)('a stream socket with %s', (_name, client) => {
  beforeEach(() => {
    connect = client;
  });

  it('logs in, then subscribes, and is up after every answer', async () => {
    const { socket, log, logged } = rig({ login: () => 'login toy-key-123456 1' });
    socket.start();
    await logged(/^up$/);
    expect(toy.messages.map(({ text }) => text)).toEqual([
      'login toy-key-123456 1',
      'sub a',
      'sub b',
    ]);
    expect(log.indexOf('up')).toBe(2);
    expect(socket.state).toBe('up');
  });

  it('does not subscribe before the login is answered, and gives up waiting for it', async () => {
    toy.onText = (_path, text) => (text.startsWith('login') ? [] : null);
    const { socket, logged } = rig({ login: () => 'login x 1' }, { answerMsMax: 50 });
    socket.start();
    await logged(/^down no answer to the login within 50 ms/);
    expect(toy.messages.map(({ text }) => text)).toEqual(['login x 1']);
  });

  it('a subscription without an answer is a failure; data proves it too', async () => {
    toy.onText = () => [];
    const unanswered = rig({}, { answerMsMax: 50 });
    unanswered.socket.start();
    await unanswered.logged(/^down no answer to the subscription/);
    await unanswered.socket.stop();
    const proven = rig();
    proven.socket.start();
    await toy.until(() => toy.messages.filter(({ text }) => text === 'sub b').length >= 2);
    proven.socket.dataSeen();
    expect(proven.socket.state).toBe('up');
  });

  it('comes back after a loss and subscribes again', async () => {
    const { socket, logged } = rig();
    socket.start();
    await logged(/^up$/);
    toy.drop('/public');
    await logged(/^up$/, 2);
    expect(socket.reconnects).toBe(1);
    expect(toy.messages.filter(({ text }) => text === 'sub a')).toHaveLength(2);
  });

  it('silence is a loss although the connection stands', async () => {
    const { socket, logged } = rig({ silenceMsMax: 80 });
    socket.start();
    await logged(/^up$/);
    await logged(/^down silent for \d+ ms/);
    await logged(/^up$/, 2);
  });

  it('a server that pings is not silent', async () => {
    const { socket, log, logged } = rig({ silenceMsMax: 1_000 });
    socket.start();
    await logged(/^up$/);
    const pings = setInterval(() => toy.sockets.at(-1)?.socket.ping(), 20);
    const pongs = await new Promise<number>((resolve) => {
      let count = 0;
      toy.sockets.at(-1)?.socket.on('pong', () => {
        if (++count === 60) resolve(count);
      });
    });
    clearInterval(pings);
    expect(pongs).toBe(60);
    expect(log.filter((line) => line.startsWith('down'))).toEqual([]);
  });

  it('beats with the text of the venue', async () => {
    const { socket, logged } = rig({ heartbeat: { text: 'ping', everyMs: 10 } });
    socket.start();
    await logged(/pong/, 3);
  });

  it('backs off longer with every failure, within its limits', async () => {
    const { socket, logged } = rig(
      { url: () => Promise.reject(new Error('no key')) },
      { backOffMs: 1, backOffMsMax: 4 },
    );
    socket.start();
    await logged(/^down no key$/, 6);
    expect(socket.lossesSeen).toBeGreaterThanOrEqual(6);
  });

  it('hands bytes over as they came and ignores an old connection', async () => {
    const { socket, log, logged } = rig();
    socket.start();
    await logged(/^up$/);
    toy.push('/public', 'one', 'ü€');
    await logged(/ü€/);
    expect(log.slice(-2)).toEqual(['one', 'ü€']);
    socket.reconnect('asked');
    const old = log.length;
    toy.push('/public', 'too late');
    await logged(/^up$/, 2);
    expect(log.slice(old)).not.toContain('too late');
  });

  it('a frame over the bound is a loss, not a crash', async () => {
    const { socket, logged } = rig({}, { frameBytesMax: 1_000 });
    socket.start();
    await logged(/^up$/);
    toy.push('/public', 'x'.repeat(2_000));
    await logged(/^down /);
  });

  it('stop closes for good, also while it connects', async () => {
    const { socket, log, logged } = rig();
    socket.start();
    await socket.stop();
    expect(socket.state).toBe('stopped');
    const second = rig();
    second.socket.start();
    await second.logged(/^up$/);
    await second.socket.stop();
    expect(second.socket.send('x')).toBe(false);
    expect(log).toEqual([]);
    await expect(logged(/never/, 0)).resolves.toBeUndefined();
  });
});
