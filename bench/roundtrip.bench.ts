// Order round trips: from the call that places an order to its acknowledgement, against the local
// testnet over loopback; our driver beside the SDK that is made for each venue and beside ccxt, all
// unmodified from npm, over REST and over the venue's WebSocket order entry. The floor is a bare
// TCP echo of Node with the testnet's process at the other end. All in one run, a few orders of
// each by turns. The exchange that answers is the same for all: its time is in every figure. By
// name only: it takes minutes.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Bench, median, type Row } from './measure.ts';
import type { Client, ClientSaid, ClientTold } from './roundtrip-client.ts';
import type { RoundtripVenue, ServerReady } from './roundtrip-server.ts';

/** Fewer for a first look; and `FARB_BENCH_ROLES=echo,farb` runs only those. */
const rounds = Number(process.env['FARB_BENCH_ROUNDS'] ?? 60);
const warmUpRounds = 15;
/** Two transports of an account share its limits: the strictest takes ten orders a second. */
const ordersPerTurn = 4;
const restMs = 1_050;
const startMsMax = 60_000;
const turnMsMax = 20_000;

const sdkOf: Readonly<Record<RoundtripVenue, Client>> = {
  binance: 'binance',
  okx: 'okx-api',
  bybit: 'bybit-api',
};
const echoWay = 'echo';

export const roundtripBench: Bench = {
  title: 'order round trip: placed until acknowledged, on the local testnet',
  async run() {
    const server = start('roundtrip-server.ts', []);
    const stations: Station[] = [];
    try {
      const ready = await said<ServerReady>(server, startMsMax);
      const wanted = process.env['FARB_BENCH_ROLES']?.split(',');
      for (const client of ['echo', 'farb', ...Object.values(sdkOf), 'ccxt'] as const) {
        if (wanted?.includes(client) === false) continue;
        stations.push(await Station.open(client, ready));
      }
      for (let round = -warmUpRounds; round < rounds; round++) {
        const turn = warmUpRounds + round;
        for (const station of rotated(stations, turn)) {
          await station.turn(turn, { counts: round >= 0 });
        }
      }
      return rowsOf(stations);
    } finally {
      for (const station of stations) station.close();
      if (server.connected) server.disconnect();
    }
  },
};

/** One client in its process, with what was measured of each of its ways. */
class Station {
  readonly client: Client;
  readonly samples = new Map<string, number[]>();
  /** Why it is not measured (any more), by way; '' = all. */
  readonly failures = new Map<string, string>();
  private readonly child: ChildProcess;
  private restedAtMs = 0;

  private constructor(client: Client, child: ChildProcess) {
    this.client = client;
    this.child = child;
  }

  static async open(client: Client, ready: ServerReady): Promise<Station> {
    const child = start('roundtrip-client.ts', [client, JSON.stringify(ready)]);
    const station = new Station(client, child);
    const { ways = [], failed } = await heard(child, startMsMax);
    for (const way of ways) station.samples.set(way, []);
    if (failed !== undefined) station.failures.set('', failed);
    return station;
  }

  close(): void {
    if (this.child.connected) this.child.disconnect();
  }

  /** A few orders each way; what fails once is not measured again. */
  async turn(turn: number, { counts }: { readonly counts: boolean }): Promise<void> {
    await sleep(Math.max(0, this.restedAtMs - performance.now()));
    for (const [way, samples] of rotated([...this.samples], turn)) {
      if (this.failures.has(way)) continue;
      const answer = heard(this.child, turnMsMax);
      this.child.send({ way, orders: ordersPerTurn } satisfies ClientTold);
      const { measured = [], failed } = await answer;
      if (failed !== undefined) this.failures.set(way, failed);
      else if (counts) samples.push(...measured);
    }
    this.restedAtMs = performance.now() + restMs;
  }
}

/** Each is the first in turn: what comes first after a rest finds everything cold. */
function rotated<T>(all: readonly T[], turn: number): readonly T[] {
  const first = turn % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

function rowsOf(stations: readonly Station[]): readonly Row[] {
  const echo = stations.find(({ client }) => client === 'echo')?.samples.get(echoWay) ?? [];
  const rows = rowsOfWay('bare TCP echo', echo, echo, undefined);
  const venues = Object.keys(sdkOf) as RoundtripVenue[];
  const transports = ['WebSocket', 'REST'] as const;
  const ways = venues.flatMap((venue) => transports.map((transport) => ({ venue, transport })));
  return [
    ...rows,
    ...ways.flatMap(({ venue, transport }) => {
      const way = `${venue}, ${transport}`;
      return (['farb', sdkOf[venue], 'ccxt'] as const).flatMap((client) => {
        const station = stations.find((each) => each.client === client);
        const failed = station?.failures.get(way) ?? station?.failures.get('');
        return rowsOfWay(`${way}: ${client}`, station?.samples.get(way) ?? [], echo, failed);
      });
    }),
  ];
}

function rowsOfWay(
  name: string,
  own: readonly number[],
  floor: readonly number[],
  failed: string | undefined,
): readonly Row[] {
  return [0.5, 0.99].map((q) => {
    const text = `${name}: p${q * 100}`;
    if (failed !== undefined || own.length === 0) {
      const note = failed ?? 'no round trip';
      return { name: text, value: null, unit: 'ns', ratio: null, note };
    }
    const value = quantile(own, q);
    const note = q === 0.5 ? `${own.length} orders` : '';
    return { name: text, value, unit: 'ns', ratio: value / quantile(floor, q), note };
  });
}

function quantile(values: readonly number[], q: number): number {
  if (q === 0.5) return median(values);
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function start(file: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // `FARB_BENCH_CLIENT_ARGS=--cpu-prof` profiles what is measured.
  const profile = file.includes('client') ? (process.env['FARB_BENCH_CLIENT_ARGS'] ?? '') : '';
  const execArgv = [...process.execArgv, ...profile.split(' ').filter((arg) => arg !== '')];
  return fork(path, [...args], { execArgv });
}

/** The next answer of a client; one that ends or does not answer has failed. */
async function heard(child: ChildProcess, waitMsMax: number): Promise<ClientSaid> {
  try {
    return await said<ClientSaid>(child, waitMsMax);
  } catch (thrown) {
    return { failed: String(thrown) };
  }
}

function said<T>(child: ChildProcess, waitMsMax: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      child.off('message', hear);
      child.off('exit', gone);
    };
    const hear = (message: unknown): void => {
      done();
      resolve(message as T); // of our own child
    };
    const gone = (code: number | null): void => {
      done();
      reject(new Error(`ended with ${code}`));
    };
    const timer = setTimeout(() => {
      done();
      reject(new Error(`no answer within ${waitMsMax / 1_000} s`));
    }, waitMsMax);
    child.once('message', hear);
    child.once('exit', gone);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
