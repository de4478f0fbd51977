// `farb testnet` without its command line: chooses market, venues, ports and clock, starts them and
// says where they are. It prints nothing itself and always listens on loopback alone.
import { readFileSync } from 'node:fs';
import type { Decimal } from '../base/decimal.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { StartBalance } from '../sim/account.ts';
import type { MarketLabel } from '../sim/market-api.ts';
import { marketHash } from '../sim/market-hash.ts';
import { type Fault, parseFaults } from './faults.ts';
import { chooseMarket, hashRangeOf, seededStartMs } from './market.ts';
import { watchParent } from './parent.ts';
import type { TestnetCredentials } from './protocol.ts';
import {
  type TestnetVenueEntry,
  testnetVenue,
  testnetVenues,
  venuesByDefault,
} from './registry.ts';
import { startTestnet, type Testnet, type TestnetVenue } from './server.ts';
import type { TestnetLog } from './venue-server.ts';

/** Venue seconds per wall second when none is given. */
export const speedDefault = { seeded: 1, recorded: 14_000 } as const;
export const speedMax = 100_000;
export const credentialsDefault: TestnetCredentials = { key: 'k', secret: 's', passphrase: 'p' };
export const seedDefault = 7;

export interface RunTestnetOptions {
  /** Default: all but those that are played on request. */
  readonly venues?: readonly VenueId[];
  /** Further accounts, each with keys and a door of its own: name -> venue. */
  readonly accounts?: Readonly<Record<VenueId, VenueId>>;
  /** The first venue's port, the next ones follow; null or absent = free ports. */
  readonly port?: number | null;
  readonly dataDir?: string | null;
  /** Start in the recorded history. */
  readonly fromMs?: number | null;
  readonly speed?: number | null;
  readonly seed?: number;
  readonly faultsFile?: string | null;
  readonly credentials?: TestnetCredentials;
  /**
   * Start of the seeded market's venue time. Absent: now at speed 1, else the fixed
   * `seededStartMs`, so that two runs with one seed see the same market.
   */
  readonly startMs?: number | 'now' | null;
  /** Instead of the venue's own, by venue. */
  readonly startBalances?: Readonly<Record<VenueId, readonly StartBalance[]>>;
  /** Coins beside them, by asset, where they margin inverse contracts. */
  readonly coins?: Readonly<Record<string, Decimal>>;
  /** Stops when stdin closes or the parent process is gone. */
  readonly exitWithParent?: boolean;
  readonly log?: TestnetLog;
  /** For tests: other venues than the registry's. */
  readonly registry?: Readonly<Record<VenueId, TestnetVenueEntry>>;
}

/** Where a venue is, and its key and secret where they are not the testnet's. */
export interface TestnetPlace {
  readonly http: string;
  readonly ws: string;
  readonly key?: string;
  readonly secret?: string;
}

/** The one JSON line of `farb testnet --json`; see docs/testnet.md. */
export interface TestnetDescription {
  readonly venues: Readonly<Record<VenueId, TestnetPlace>>;
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
  readonly seed: number;
  readonly speed: number;
  readonly clock: {
    readonly wallStartMs: number;
    readonly venueStartMs: number;
    readonly speed: number;
  };
  readonly market: 'seeded' | 'recorded';
  readonly marketHash: string;
  readonly labels: readonly MarketLabel[];
}

export interface RunningTestnet {
  readonly testnet: Testnet;
  describe(): TestnetDescription;
  stop(): Promise<void>;
  /** Resolves when it has stopped, for whatever reason. */
  readonly stopped: Promise<void>;
}

export async function runTestnet(options: RunTestnetOptions = {}): Promise<RunningTestnet> {
  const registry = options.registry ?? testnetVenues;
  const names = options.venues ?? venuesByDefault(registry);
  if (names.length === 0) throw new UserError('--venues: name at least one venue');
  if (new Set(names).size < names.length) throw new UserError('--venues: a venue is named twice');
  const credentials = options.credentials ?? credentialsDefault;
  const doors = [
    ...names.map((venue) => ({ venue, account: venue, shared: credentials })),
    ...accountsOf(options.accounts ?? {}, names).map(([account, venue]) => ({
      ...{ venue, account },
      shared: keysOfAccount(credentials, account),
    })),
  ].map((door) => ({ ...door, entry: testnetVenue(door.venue, registry) }));
  const dataDir = options.dataDir ?? null;
  const speed = checkedSpeed(
    options.speed ?? speedDefault[dataDir === null ? 'seeded' : 'recorded'],
  );
  const seed = checkedSeed(options.seed ?? seedDefault);
  const ports = portsOf(options.port ?? null, doors.length);
  const faults = readFaults(options.faultsFile ?? null);
  const startsNow = options.startMs === 'now' || (options.startMs == null && speed === 1);
  const present = startsNow && speed === 1 && dataDir === null;
  const startMs = startsNow ? Date.now() : Number(options.startMs ?? seededStartMs);
  const fromMs = options.fromMs ?? null;
  const market = chooseMarket({ venues: names, seed, dataDir, fromMs, startMs });
  const hash = marketHash(market, hashRangeOf(market));
  const venues: TestnetVenue[] = [];
  /** Keys that are not the testnet's plain ones. */
  const accounts = new Map<VenueId, { readonly key: string; readonly secret: string }>();
  for (const [k, { venue, account, shared, entry }] of doors.entries()) {
    const own = (await entry.account?.(shared)) ?? shared;
    if (own !== credentials) accounts.set(account, { key: own.key, secret: own.secret });
    venues.push({
      ...{ venue, account },
      // Where clients need another form of key, the protocol itself derives it from the shared one.
      credentials: shared,
      makeProtocol: await entry.load(),
      startBalances: [
        ...(options.startBalances?.[account] ?? entry.startBalances),
        ...coinsOf(entry, options.coins ?? {}),
      ],
      port: ports[k] ?? 0,
    });
  }
  const { log } = options;
  const logging = log === undefined ? {} : { log };
  const testnet = await startTestnet({
    market,
    venues,
    credentials,
    speed,
    present,
    faults,
    ...logging,
  });

  let stopping: Promise<void> | null = null;
  let unwatch = (): void => undefined;
  let tellStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    tellStopped = resolve;
  });
  const stop = (): Promise<void> => {
    stopping ??= testnet.stop().then(() => {
      unwatch();
      tellStopped();
    });
    return stopping;
  };
  if (options.exitWithParent === true) unwatch = watchParent(() => void stop());

  const { wallStartMs, venueStartMs } = testnet.clock;
  return {
    testnet,
    stop,
    stopped,
    describe: () => ({
      venues: Object.fromEntries(
        testnet.servers.map(({ venue, http, ws }) => [venue, { http, ws, ...accounts.get(venue) }]),
      ),
      ...credentials,
      seed,
      speed,
      clock: { wallStartMs, venueStartMs, speed },
      market: market.kind,
      marketHash: hash,
      labels: market.labels(),
    }),
  };
}

function coinsOf(
  { coinWallet }: TestnetVenueEntry,
  coins: Readonly<Record<string, Decimal>>,
): readonly StartBalance[] {
  if (coinWallet === undefined) return [];
  return Object.entries(coins).map(([asset, amount]) => ({ wallet: coinWallet, asset, amount }));
}

function accountsOf(
  accounts: Readonly<Record<VenueId, VenueId>>,
  names: readonly VenueId[],
): readonly (readonly [account: VenueId, venue: VenueId])[] {
  for (const [account, venue] of Object.entries(accounts)) {
    if (!names.includes(venue)) {
      throw new UserError(`--accounts ${account}=${venue}: ${venue} is not among --venues`);
    }
    if (names.includes(account) || !/^[a-z][a-z0-9-]{0,31}$/.test(account)) {
      throw new UserError(
        `--accounts ${account}=${venue}: use another name, like ${venue}-b, ` +
          'of small letters, digits and hyphens',
      );
    }
  }
  return Object.entries(accounts);
}

function keysOfAccount(shared: TestnetCredentials, account: VenueId): TestnetCredentials {
  return { ...shared, key: `${shared.key}-${account}`, secret: `${shared.secret}-${account}` };
}

function checkedSpeed(speed: number): number {
  if (Number.isFinite(speed) && speed > 0 && speed <= speedMax) return speed;
  throw new UserError(`--speed ${speed}: must be above 0 and at most ${speedMax}`);
}

function checkedSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new UserError(`--seed ${seed}: must be a whole number, 0 or more`);
}

function portsOf(first: number | null, count: number): readonly number[] {
  if (first === null) return Array.from({ length: count }, () => 0);
  if (!Number.isInteger(first) || first < 1 || first + count - 1 > 65_535) {
    throw new UserError(`--port ${first}: must be between 1 and ${65_536 - count}`);
  }
  return Array.from({ length: count }, (_, k) => first + k);
}

function readFaults(file: string | null): readonly Fault[] {
  if (file === null) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`--faults ${file}: cannot be read (${messageOf(error)})`);
  }
  return parseFaults(text, `--faults ${file}`);
}
