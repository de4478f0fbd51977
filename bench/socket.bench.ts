// From the socket to the decision: best bid/ask frames of three venues over loopback, sent by
// another process as fast as they are read, so that one read holds many. Processor time of this
// process per frame, the kernel's share included: our own client, `ws` with our scanners, and ccxt
// pro from npm with its own sockets.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { quoteSlots, type VenueSpec } from '../src/domain/venue-spec.ts';
import { systemClock } from '../src/io/clock.ts';
import type { Connect } from '../src/io/connection.ts';
import { StreamSocket } from '../src/io/socket.ts';
import { connectToVenue } from '../src/io/venue-socket.ts';
import { binance } from '../src/venues/binance/index.ts';
import { bybit } from '../src/venues/bybit/index.ts';
import { okx } from '../src/venues/okx/index.ts';
import { connectWithWs } from '../test/support/ws-connection.ts';
import { type FeedVenue, feedVenues, symbolOf } from './frames.ts';
import { benchMarket, perpOf } from './market.ts';
import { type Bench, median, type Row } from './measure.ts';
import { ccxtProOver } from './peers.ts';

const specs: Readonly<Record<FeedVenue, VenueSpec>> = { binance, okx, bybit };
const runs = 5;
const warmUpMs = 500;
const runMs = 700;
const secondsMax = 90;

export const socketBench: Bench = {
  title: 'socket to decision, best bid/ask of three venues, batched (per frame)',
  async run() {
    const server = await startServer();
    try {
      return await rows(server.port);
    } finally {
      server.child.kill();
    }
  },
};

/** Reads from three sockets until it is stopped; `frames` counts. */
interface Consumer {
  frames(): number;
  stop(): Promise<void>;
}

async function rows(port: number): Promise<readonly Row[]> {
  const candidates: readonly (readonly [
    name: string,
    start: () => Consumer | Promise<Consumer>,
  ])[] = [
    ['own client', () => ours(port, connectToVenue)],
    ['ws, our scanners', () => ours(port, connectWithWs)],
    ['ccxt pro end to end', () => ccxtOver(port)],
  ];
  const samples = candidates.map((): number[] => []);
  for (let run = -1; run < runs; run++) {
    for (const [k, [, start]] of candidates.entries()) {
      const value = await nsPerFrame(await start());
      // The first round only warms up.
      if (run >= 0) samples[k]?.push(value);
    }
  }
  const ns = samples.map(median);
  const own = ns[0] as number;
  return [
    ...candidates.map(([name], k): Row => {
      const value = ns[k] as number;
      return { name, value, unit: 'ns', ratio: value / own, note: '' };
    }),
    { name: 'frames a second on one core', value: 1e9 / own, unit: 'per s', ratio: null, note: '' },
  ];
}

async function nsPerFrame(consumer: Consumer): Promise<number> {
  await sleep(warmUpMs);
  const from = consumer.frames();
  const cpu = process.cpuUsage();
  await sleep(runMs);
  const { user, system } = process.cpuUsage(cpu);
  const frames = consumer.frames() - from;
  await consumer.stop();
  if (frames === 0) throw new Error('no frame came');
  return ((user + system) * 1_000) / frames;
}

function ours(port: number, connect: Connect): Consumer {
  const instruments = feedVenues.map((venue) => perpOf(venue, symbolOf[venue], 'BTC'));
  const { catalog, table, scan } = benchMarket(instruments);
  let frames = 0;
  const sockets = feedVenues.map((venue) => {
    const scanner = specs[venue].quoteScanner({ stream: venue, market: 'linear' }, catalog);
    const values = new Float64Array(quoteSlots.size);
    const socket: StreamSocket = new StreamSocket({
      clock: systemClock(),
      connect,
      owner: {
        frame: (buffer, from, to) => {
          const index = scanner(buffer, from, to, values);
          if (index < 0) throw new Error('the scanner does not read the frame');
          values[quoteSlots.receivedWallMs] = socket.lastFrameWallMs;
          if (table.setQuote(index, values) && scan.onQuote(index) !== 0) {
            throw new Error('a calm market passes nothing');
          }
          frames++;
        },
        up: () => undefined,
        down: (reason) => {
          throw new Error(reason);
        },
      },
      plan: {
        name: venue,
        url: () => Promise.resolve(`ws://127.0.0.1:${port}/?venue=${venue}`),
        ...{ login: null, subscribe: [], heartbeat: null, silenceMsMax: 60_000 },
      },
    });
    socket.start();
    return socket;
  });
  return {
    frames: () => frames,
    stop: async () => void (await Promise.all(sockets.map((socket) => socket.stop()))),
  };
}

async function ccxtOver(port: number): Promise<Consumer> {
  const url = `ws://127.0.0.1:${port}`;
  const peers = await Promise.all(feedVenues.map((venue) => ccxtProOver(venue, url)));
  return {
    frames: () => peers.reduce((sum, peer) => sum + peer.frames(), 0),
    stop: () => {
      for (const peer of peers) peer.stop();
      return Promise.resolve();
    },
  };
}

async function startServer(): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const path = fileURLToPath(new URL('socket-server.ts', import.meta.url));
  const child = fork(path, [String(secondsMax)], { execArgv: process.execArgv });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (said) => resolve((said as { port: number }).port));
    child.once('exit', () => reject(new Error('the server ended')));
  });
  return { port, child };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
