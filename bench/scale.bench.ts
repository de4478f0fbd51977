// Three venues with 1,500 perpetuals subscribed, quotes, books and marks, at 50,000 frames a second
// from another process over loopback: does one core keep up, without growing behind and with how
// much memory; how long a quote waits from its read to the decision; and how long after every
// socket was cut do all quotes flow again. By name only: `scale` loads for 15 seconds, `scale-long`
// for ten minutes, which shows what grows slowly.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { minuteMs } from '../src/base/time.ts';
import { Catalog } from '../src/domain/instrument.ts';
import { MarketTable, slot } from '../src/domain/market-table.ts';
import type { VenueSpec } from '../src/domain/venue-spec.ts';
import { systemClock } from '../src/io/clock.ts';
import { createDriver } from '../src/io/driver.ts';
import type { VenueDriver } from '../src/io/driver-types.ts';
import { perpPerp } from '../src/strategy/perp-perp.ts';
import { defaultScanOptions, nowSlot, PairScan } from '../src/strategy/scan.ts';
import { binance } from '../src/venues/binance/index.ts';
import { bybit } from '../src/venues/bybit/index.ts';
import { okx } from '../src/venues/okx/index.ts';
import { orderStorm } from '../test/support/storm.ts';
import type { Bench, Row } from './measure.ts';
import type { ServerSaid, ServerTold } from './scale-server.ts';

const perVenue = 500;
const framesPerSecond = 50_000;
const warmUpMs = 3_000;
const shortMs = 15_000;
const longMs = 600_000;
const windows = 5;
const ageMsMax = 10_000;
const waitUsMax = 100_000;
const waitMsMax = 120_000;
const ordersPerVenue = 40;
const specs = [binance, okx, bybit];

const title = `${perVenue * specs.length} instruments on three venues, quotes, books and marks`;

export const scaleBench: Bench = { title, run: () => measured(shortMs) };

export const scaleLongBench: Bench = {
  title: `the same for ${longMs / minuteMs} minutes`,
  run: () => measured(longMs),
};

async function measured(loadMs: number): Promise<readonly Row[]> {
  const server = await startServer();
  const consumer = new Consumer(server.port);
  try {
    server.tell({ rate: framesPerSecond / 10 });
    await consumer.start();
    await until('every quote and book', () => consumer.quoted(0) && consumer.booked());
    server.tell({ rate: framesPerSecond });
    consumer.decide();
    await sleep(warmUpMs);
    const load = await underLoad(server, consumer, loadMs);
    const storm = await reconnectStorm(server, consumer);
    await consumer.stop();
    server.tell({ rate: 0 });
    return [...load, ...storm, await stormWithOrders()];
  } finally {
    await consumer.stop();
    server.stop();
  }
}

class Consumer {
  readonly catalog = new Catalog();
  readonly table = new MarketTable(perVenue * specs.length);
  /** Ages of quotes when they were taken in, ms, of the present window. */
  readonly ages = new Counts(ageMsMax);
  /** From the read that brought a quote to the end of its scan, us, likewise. */
  readonly waits = new Counts(waitUsMax);
  private readonly clock = systemClock();
  private scan: PairScan | null = null;
  private readonly drivers: readonly VenueDriver[];

  constructor(port: number) {
    this.drivers = specs.map((spec) => this.driver(spec, port));
  }

  async start(): Promise<void> {
    await Promise.all(this.drivers.map((driver) => driver.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.drivers.map((driver) => driver.stop()));
  }

  /** From now on every quote is scanned: the instruments are known. */
  decide(): void {
    const { catalog, table } = this;
    this.scan = new PairScan({
      ...{
        table,
        catalog,
        feeRateTaker: () => 0.0005,
        options: defaultScanOptions,
      },
      strategies: [{ strategy: perpPerp, params: perpPerp.defaults }],
    });
  }

  private changed(index: number): void {
    const { table, scan, clock } = this;
    const sentMs = table.get(index, slot.quoteTsMs);
    if (!Number.isNaN(sentMs)) this.ages.add(Date.now() - sentMs);
    if (scan === null) return;
    const receivedMs = table.get(index, slot.quoteWallMs);
    scan.now[nowSlot.tsMs] = receivedMs;
    scan.now[nowSlot.wallMs] = receivedMs;
    scan.onQuote(index);
    this.waits.add((clock.wallMs() - receivedMs) * 1_000);
  }

  /** Every instrument was quoted since then. */
  quoted(sinceWallMs: number): boolean {
    return this.catalog.all().every((_instrument, index) => {
      return this.table.get(index, slot.quoteWallMs) > sinceWallMs;
    });
  }

  /** Every instrument has a book. */
  booked(): boolean {
    return this.catalog.all().every((_instrument, index) => this.table.books[index] !== undefined);
  }

  stats(): {
    frames: number;
    connections: number;
    up: boolean;
    resyncs: number;
    odd: number;
  } {
    const all = this.drivers.map((driver) => driver.stats());
    const streams = all.flatMap((each) => each.streams);
    return {
      frames: all.reduce((sum, each) => sum + each.frames, 0),
      connections: streams.length,
      up: streams.every(({ state }) => state === 'up'),
      resyncs: all.reduce((sum, each) => sum + each.books.resyncs, 0),
      odd: all.reduce((sum, each) => sum + each.unrecognized + each.errors, 0),
    };
  }

  private driver(spec: VenueSpec, port: number): VenueDriver {
    const live = spec.endpoints['live'];
    const at = (names: Readonly<Record<string, string>> | undefined, url: string) =>
      Object.fromEntries(Object.keys(names ?? {}).map((name) => [name, url]));
    const quiet = (): void => undefined;
    const { table } = this;
    return createDriver({
      spec: unhurried(spec),
      endpoints: {
        http: at(live?.http, `http://127.0.0.1:${port}`),
        ws: at(live?.ws, `ws://127.0.0.1:${port}`),
      },
      ...{ credentials: null, clock: this.clock, catalog: this.catalog, table },
      ...{ symbols: () => true, leverage: 1, emit: quiet },
      onQuote: (index) => this.changed(index),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
  }
}

/** 500 snapshots weigh more than a minute of Binance's REST limit, which is not measured here. */
function unhurried(spec: VenueSpec): VenueSpec {
  const buckets = Object.entries(spec.rateLimits.buckets).map(([name, limit]) => {
    return [name, { ...limit, capacity: limit.capacity * 100 }] as const;
  });
  return {
    ...spec,
    rateLimits: { ...spec.rateLimits, buckets: Object.fromEntries(buckets) },
  };
}

async function underLoad(
  server: Server,
  consumer: Consumer,
  loadMs: number,
): Promise<readonly Row[]> {
  const before = await counted(server, consumer);
  const seen: { age: number; p50: number; p99: number; rss: number }[] = [];
  for (let window = 0; window < windows; window++) {
    consumer.ages.clear();
    consumer.waits.clear();
    await sleep(loadMs / windows);
    const [p50, p99] = [consumer.waits.quantile(0.5), consumer.waits.quantile(0.99)];
    const { rss } = process.memoryUsage();
    seen.push({ age: consumer.ages.quantile(0.5), p50, p99, rss });
  }
  const after = await counted(server, consumer);
  const frames = after.frames - before.frames;
  const sent = after.sent - before.sent;
  const seconds = (after.atMs - before.atMs) / 1_000;
  const cpuNs = (after.cpuMicros - before.cpuMicros) * 1_000;
  const [first, last] = [seen[0], seen.at(-1)] as const;
  if (first === undefined || last === undefined) throw new Error('no window');
  const worst = seen.reduce((most, { p99 }) => Math.max(most, p99), 0);
  const rss = seen.reduce((most, each) => Math.max(most, each.rss), 0);
  const { connections, resyncs, odd } = consumer.stats();
  const core = ((cpuNs / frames) * framesPerSecond) / 1e9;
  return [
    row('frames sent', sent / seconds, 'per s', 1, `over ${connections} connections`),
    row('frames taken in', frames / seconds, 'per s', frames / sent, `${after.skipped} left out`),
    row('processor time of a frame', cpuNs / frames, 'ns', null, `${percent(core)} of a core`),
    row('read to decision, p50', last.p50 * 1_000, 'ns', null, 'within one turn of reads'),
    row('read to decision, p99', worst * 1_000, 'ns', null, `of the worst of ${windows} windows`),
    row('age of a quote, first window', first.age, 'ms', 1, `${odd} unreadable, ${resyncs} lost`),
    row('age of a quote, last window', last.age, 'ms', last.age / first.age, 'a backlog grows'),
    row(
      'resident memory, first window',
      first.rss,
      'bytes',
      1,
      `${Math.round(first.rss / 1e6)} MB`,
    ),
    row('resident memory, last window', last.rss, 'bytes', last.rss / first.rss, 'flat is 1'),
    row('resident memory, at most', rss, 'bytes', null, `${Math.round(rss / 1e6)} MB`),
  ];
}

/** How often each whole number was seen; greater ones count as the greatest. */
class Counts {
  private readonly counts: Int32Array;

  constructor(max: number) {
    this.counts = new Int32Array(max + 1);
  }

  add(value: number): void {
    const at = Math.max(0, Math.min(this.counts.length - 1, Math.ceil(value)));
    this.counts[at] = (this.counts[at] as number) + 1;
  }

  clear(): void {
    this.counts.fill(0);
  }

  quantile(share: number): number {
    let left = share * this.counts.reduce((sum, count) => sum + count, 0);
    return this.counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
  }
}

async function reconnectStorm(server: Server, consumer: Consumer): Promise<readonly Row[]> {
  const startedMs = performance.now();
  const startedWallMs = Date.now();
  server.tell({ drop: true });
  await until('the loss', () => !consumer.stats().up);
  await until('every stream', () => consumer.stats().up);
  const upMs = performance.now() - startedMs;
  await until('every quote', () => consumer.quoted(startedWallMs));
  const quotedMs = performance.now() - startedMs;
  await until('every book', () => consumer.booked());
  const bookedMs = performance.now() - startedMs;
  const broken = server.broken.length === 0 ? 'no limit passed' : server.broken.join('; ');
  return [
    row('every socket cut: all up again', upMs, 'ms', null, broken),
    row('every socket cut: every quote again', quotedMs, 'ms', null, ''),
    row('every socket cut: every book again', bookedMs, 'ms', null, "Binance's come over REST"),
  ];
}

/** The local testnet with its own instruments, orders on their way while everything is cut. */
async function stormWithOrders(): Promise<Row> {
  const { sent, seen, atVenue, socketsCut, recoveredMs } = await orderStorm(ordersPerVenue);
  const counts = [...seen.values(), ...atVenue.values()];
  const twice = counts.filter((count) => count > 1).length;
  const note = `${socketsCut} sockets, ${sent} orders, ${twice} sent or alive twice`;
  return row('every socket cut with orders on their way', recoveredMs, 'ms', null, note);
}

async function counted(server: Server, consumer: Consumer) {
  const { sent, skipped } = await server.counts();
  const { user, system } = process.cpuUsage();
  const { frames } = consumer.stats();
  return {
    sent,
    skipped,
    frames,
    cpuMicros: user + system,
    atMs: performance.now(),
  };
}

interface Server {
  readonly port: number;
  readonly broken: readonly string[];
  tell(told: ServerTold): void;
  counts(): Promise<NonNullable<ServerSaid['counts']>>;
  stop(): void;
}

async function startServer(): Promise<Server> {
  const path = fileURLToPath(new URL('scale-server.ts', import.meta.url));
  const child: ChildProcess = fork(path, [String(perVenue)], {
    execArgv: process.execArgv,
  });
  const broken: string[] = [];
  child.on('message', (said: ServerSaid) => {
    if (said.broken !== undefined) broken.push(said.broken);
  });
  const next = <K extends keyof ServerSaid>(key: K): Promise<NonNullable<ServerSaid[K]>> =>
    new Promise((resolve) => {
      const listen = (said: ServerSaid): void => {
        const value = said[key];
        if (value === undefined) return;
        child.off('message', listen);
        resolve(value as NonNullable<ServerSaid[K]>);
      };
      child.on('message', listen);
    });
  const port = await next('port');
  return {
    port,
    broken,
    tell: (told) => void child.send(told),
    counts: () => {
      const counts = next('counts');
      child.send({ ask: true } satisfies ServerTold);
      return counts;
    },
    stop: () => void child.kill(),
  };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + waitMsMax;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${waitMsMax} ms`);
    await sleep(20);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function row(
  name: string,
  value: number,
  unit: Row['unit'],
  ratio: number | null,
  note: string,
): Row {
  return { name, value, unit, ratio, note };
}

function percent(share: number): string {
  return `${Math.round(share * 100)}% at ${framesPerSecond.toLocaleString('en-US')} a second`;
}
