// Tick to order, wire to wire: a market frame arrives on a WebSocket and the order leaves on the
// venue's WebSocket order entry (or REST), at 1,000 ticks a second over loopback; strategy, risk,
// journal write and signature included. The floor is a bare TCP echo of Node, the peers are what a
// user would take instead, all in one run, by turns, on the same cores. By name only: it is long.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Bench, median, type Row } from './measure.ts';
import type { Role } from './wire-client.ts';
import type { Measured, WireSaid, WireTold } from './wire-server.ts';

/** Fewer for a first look; and `FARB_BENCH_ROLES=echo,farb-rest` runs only those. */
const rounds = Number(process.env['FARB_BENCH_ROUNDS'] ?? 5);
const ticksPerRound = 2_000;
const warmUpTicks = 10_000;
const roles: readonly (readonly [role: Role, name: string])[] = [
  ['echo', 'bare TCP echo'],
  ['farb-websocket', 'farb, order over WebSocket'],
  ['farb-warm', 'farb, the same, rehearsing every 2 ms'],
  ['farb-rest', 'farb, order over REST'],
  ['ccxt-rest', 'ccxt pro, watchOrderBook + createOrder'],
  ['bybit-api-rest', 'bybit-api, REST order'],
  ['bybit-api-websocket', 'bybit-api, WebSocket order'],
];

export const wireBench: Bench = {
  title: 'tick to order, wire to wire over loopback, 1,000 ticks a second',
  async run() {
    const wanted = process.env['FARB_BENCH_ROLES']?.split(',');
    const used = roles.filter(([role]) => wanted === undefined || wanted.includes(role));
    const samples = new Map<Role, Samples>(used.map(([role]) => [role, new Samples()]));
    const stations = await Promise.all(used.map(([role]) => Station.open(role)));
    try {
      for (const station of stations) await station.measure(warmUpTicks);
      for (let round = 0; round < rounds; round++) {
        for (const station of stations) {
          samples.get(station.role)?.add(await station.measure(ticksPerRound));
        }
      }
      return used.flatMap(([role, name]) => rowsOf(name, samples, role));
    } finally {
      await Promise.all(stations.map((station) => station.close()));
    }
  },
};

/** Of every round the median and the 99th percentile: the rounds are what is compared. */
class Samples {
  readonly p50: number[] = [];
  readonly p99: number[] = [];
  readonly second: number[] = [];
  unanswered = 0;
  ticks = 0;

  add({ first, second, unanswered }: Measured): void {
    this.p50.push(quantile(first, 0.5));
    this.p99.push(quantile(first, 0.99));
    if (second.length > 0) this.second.push(quantile(second, 0.5));
    this.unanswered += unanswered;
    this.ticks += first.length + unanswered;
  }
}

function rowsOf(name: string, all: ReadonlyMap<Role, Samples>, role: Role): readonly Row[] {
  const own = all.get(role);
  if (own === undefined) return [];
  const floor = all.get('echo') ?? own;
  const rows: Row[] = [];
  const spread = `rounds ${us(Math.min(...own.p50))} to ${us(Math.max(...own.p50))} us`;
  const lost = own.unanswered === 0 ? '' : `; ${own.unanswered} of ${own.ticks} unanswered`;
  rows.push(row(`${name}: p50`, own.p50, floor.p50, `${spread}${lost}`));
  rows.push(row(`${name}: p99`, own.p99, floor.p99, ''));
  if (role.startsWith('farb')) {
    rows.push(row(`${name}: p50, order of the other leg`, own.second, floor.p50, ''));
  }
  return rows;
}

/** Rounds in which nothing was answered have no figure; they are counted as unanswered. */
function row(name: string, own: readonly number[], floor: readonly number[], note: string): Row {
  const known = own.filter(Number.isFinite);
  const ratios = own.map((value, i) => value / (floor[i] as number)).filter(Number.isFinite);
  if (known.length === 0 || ratios.length === 0) {
    return { name, value: null, unit: 'ns', ratio: null, note };
  }
  return { name, value: median(known), unit: 'ns', ratio: median(ratios), note };
}

/** One client with a venue of its own, so that none hears another's frames. */
class Station {
  readonly role: Role;
  private readonly server: ChildProcess;
  private readonly client: ChildProcess;

  private constructor(role: Role, server: ChildProcess, client: ChildProcess) {
    this.role = role;
    this.server = server;
    this.client = client;
  }

  static async open(role: Role): Promise<Station> {
    const server = start('wire-server.ts', []);
    const { ports } = await said<WireSaid>(server, 'ports');
    const client = start('wire-client.ts', [role, JSON.stringify(ports)]);
    await said<{ readonly ready: boolean }>(client, 'ready');
    return new Station(role, server, client);
  }

  async measure(ticks: number): Promise<Measured> {
    const to = this.role === 'echo' ? 'echo' : 'market';
    const measured = said<WireSaid>(this.server, 'measured');
    this.server.send({ measure: { to, ticks } } satisfies WireTold);
    return (await measured).measured as Measured;
  }

  /** When both have ended, so that a profile of them is written. */
  async close(): Promise<void> {
    const ended = [this.client, this.server].map((child) => once(child, 'exit'));
    this.client.disconnect();
    this.server.disconnect();
    await Promise.all(ended);
  }
}

function start(file: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // `FARB_BENCH_CLIENT_ARGS=--cpu-prof` profiles what is measured.
  const profile = file.includes('client') ? (process.env['FARB_BENCH_CLIENT_ARGS'] ?? '') : '';
  const execArgv = [...process.execArgv, ...profile.split(' ').filter((arg) => arg !== '')];
  return fork(path, [...args], { execArgv });
}

function said<T extends object>(child: ChildProcess, key: keyof T): Promise<T> {
  return new Promise((resolve, reject) => {
    const hear = (message: T): void => {
      if (!(key in message)) return;
      child.off('message', hear);
      child.off('exit', gone);
      resolve(message);
    };
    const gone = (code: number | null): void => {
      reject(new Error(`${child.spawnargs.slice(-2).join(' ')} ended with ${code}`));
    };
    child.on('message', hear);
    child.once('exit', gone);
  });
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function us(ns: number): string {
  return (ns / 1_000).toFixed(1);
}
