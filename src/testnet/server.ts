// The testnet: venue servers over one exogenous market and one pair of clocks. Every published tick
// advances all exchanges to the same venue time, so the venues of an underlying tick together.
import { present } from '../base/assert.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { StartBalance } from '../sim/account.ts';
import type { SimNow } from '../sim/api.ts';
import { createSimExchange, type FaultableExchange } from '../sim/exchange.ts';
import type { ExogenousMarket } from '../sim/market-api.ts';
import { makeAdlFault } from './adl-fault.ts';
import { makeTestnetClock, type TestnetClock } from './clock.ts';
import { type Fault, planFaults } from './faults.ts';
import type { MakeProtocol, TestnetCredentials } from './protocol.ts';
import { startVenueServer, type TestnetLog, type VenueServer } from './venue-server.ts';

const secondWallMs = 1_000;

export interface TestnetVenue {
  readonly venue: VenueId;
  /** A further account there: a door of its own to the same market; default: the venue's. */
  readonly account?: VenueId;
  /** Default: the testnet's. */
  readonly credentials?: TestnetCredentials;
  readonly makeProtocol: MakeProtocol;
  readonly startBalances: readonly StartBalance[];
  /** 0 = any free port. */
  readonly port: number;
}

export interface TestnetOptions {
  readonly market: ExogenousMarket;
  readonly venues: readonly TestnetVenue[];
  readonly credentials: TestnetCredentials;
  /** Venue seconds per wall second. */
  readonly speed: number;
  /** Venue time is wall time, instead of starting at the market's start. Needs speed 1. */
  readonly present?: boolean;
  readonly faults?: readonly Fault[];
  readonly log?: TestnetLog;
  /** WebSockets per venue. */
  readonly socketsMax?: number;
  /** For tests: another wall clock, epoch ms, never going back. */
  readonly wallNow?: () => number;
}

export interface Testnet {
  readonly clock: TestnetClock;
  readonly servers: readonly VenueServer[];
  /** Asserts that the venue was started. */
  server(venue: VenueId): VenueServer;
  exchange(venue: VenueId): FaultableExchange;
  /** Wall time now, and the venue time that is published. */
  now(): SimNow;
  stop(): Promise<void>;
}

/** Opens all ports; throws a UserError when one is taken, and then leaves none open. */
export async function startTestnet(options: TestnetOptions): Promise<Testnet> {
  const { market, speed } = options;
  const log = options.log ?? (() => undefined);
  const faults = planFaults(options.faults ?? []);
  const exchanges = new Map<VenueId, FaultableExchange>();
  for (const { venue, account = venue, startBalances } of options.venues) {
    exchanges.set(account, createSimExchange({ venue, market, startBalances }));
  }
  const clock = makeTestnetClock({
    startMs: options.present === true ? 'wall' : market.startMs,
    gridMs: market.gridMs,
    speed,
    ...(options.wallNow === undefined ? {} : { wallNow: options.wallNow }),
  });
  let tickMs = Math.max(market.startMs, clock.dueTick(clock.wallStartMs));
  const now = (): SimNow => clock.now(tickMs);
  const sinceStartMs = (): number => clock.wallMs() - clock.wallStartMs;
  for (const exchange of exchanges.values()) exchange.advance(now());

  const servers: VenueServer[] = [];
  const stopServers = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (const { venue, account = venue, makeProtocol, port, credentials } of options.venues) {
      const exchange = present(exchanges.get(account), account);
      const keys = { credentials: credentials ?? options.credentials };
      const parts = { exchange, makeProtocol, faults, port, now, sinceStartMs, log, ...keys };
      const limits = options.socketsMax === undefined ? {} : { socketsMax: options.socketsMax };
      servers.push(await startVenueServer({ venue: account, ...parts, ...limits }));
    }
  } catch (error) {
    await stopServers();
    throw error;
  }

  const adl = new Map([...exchanges].map(([venue, each]) => [venue, makeAdlFault(each)]));
  let tickTimer: NodeJS.Timeout;
  const tick = (): void => {
    const dueMs = clock.dueTick(clock.wallMs());
    if (dueMs > tickMs) {
      tickMs = dueMs;
      const at = now();
      for (const [venue, exchange] of exchanges) {
        exchange.advance(at);
        adl.get(venue)?.(faults.active('adl', venue, sinceStartMs()), at);
      }
      for (const server of servers) server.tick(at);
    }
    const waitMs = clock.nextTickWallMs(dueMs) - clock.wallMs();
    tickTimer = setTimeout(tick, Math.max(1, waitMs));
  };
  tick();
  const secondTimer = setInterval(() => {
    for (const server of servers) server.second(now());
  }, secondWallMs);

  return {
    clock,
    servers,
    server: (venue) =>
      present(
        servers.find((each) => each.venue === venue),
        `server of ${venue}`,
      ),
    exchange: (venue) => present(exchanges.get(venue), `exchange of ${venue}`),
    now,
    stop: async () => {
      clearTimeout(tickTimer);
      clearInterval(secondTimer);
      await stopServers();
    },
  };
}
