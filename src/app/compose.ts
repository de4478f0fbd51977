// The only wiring: configuration and endpoints in, drivers and policy out.
import { assert } from '../base/assert.ts';
import { UserError } from '../base/errors.ts';
import type { Instrument, Market, VenueId } from '../domain/instrument.ts';
import type { Credentials, Endpoints, VenueSpec } from '../domain/venue-spec.ts';
import { defaultReconcilePolicy, type Policy } from '../engine/policy.ts';
import { profileOf } from '../io/ccxt/profiles.ts';
import type { OrderEntryMode } from '../io/driver-types.ts';
import { accountSpec } from '../venues/account.ts';
import { venueByName, venueNames } from '../venues/registry.ts';
import { type Config, venuePluginPlace } from './config.ts';
import type { ExchangesConfig } from './config-schema.ts';
import { executionPolicyOf } from './execution-policy.ts';
import { loadVenuePlugin } from './plugin-load.ts';
import type { TestnetFile } from './testnet-file.ts';

interface SetupBase {
  /** Its key in exchanges.yaml. */
  readonly id: VenueId;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials | null;
  readonly leverage: number;
  readonly depth: boolean;
  readonly orderEntry: OrderEntryMode;
  readonly wants: (instrument: Instrument) => boolean;
  /** Whose listings and wallets are read. */
  readonly markets: readonly Market[];
  /** How long after it was sent an order can still be accepted (wall). */
  readonly orderValidityMs: number;
}

export interface NativeSetup extends SetupBase {
  readonly driver: 'native';
  /** The adapter's own name: that of the venue, where the id is one of several accounts there. */
  readonly adapter: VenueId;
  readonly spec: VenueSpec;
}

/** A venue through the optional package ccxt. */
export interface CcxtSetup extends SetupBase {
  readonly driver: 'ccxt';
  /** ccxt's id of the venue. */
  readonly exchangeId: string;
  /** live, testnet or demo: ccxt's own hosts for it. */
  readonly environment: string;
  /** A local server that plays the venue. */
  readonly local: { readonly http: string; readonly ws: string } | null;
}

export type VenueSetup = NativeSetup | CcxtSetup;

/** What of a configuration decides about venues. */
export type VenueSource = Pick<Config, 'dir' | 'exchanges'>;

/** One set-up per enabled venue; with a testnet file, the venues that it serves. */
export function venueSetups(
  config: VenueSource,
  testnet: TestnetFile | null,
): readonly VenueSetup[] {
  const setups = enabledIn(config).flatMap((id) => setupOf(config, id, testnet) ?? []);
  if (setups.length === 0) {
    throw new UserError(
      `${config.dir}/exchanges.yaml: venues: none is enabled. Enable one or more.`,
    );
  }
  return setups;
}

/** A venue that cannot be traded on because of its configuration. */
export interface BrokenVenue {
  readonly venue: VenueId;
  readonly reason: string;
}

/** For closing: one venue's mistake must not keep the others open. Throws when none is left. */
export function venueSetupsToClose(
  config: VenueSource,
  testnet: TestnetFile | null,
): { readonly setups: readonly VenueSetup[]; readonly broken: readonly BrokenVenue[] } {
  const setups: VenueSetup[] = [];
  const broken: BrokenVenue[] = [];
  for (const id of enabledIn(config)) {
    try {
      const setup = setupOf(config, id, testnet);
      if (setup !== null) setups.push(setup);
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      broken.push({ venue: id, reason: thrown.message });
    }
  }
  if (setups.length > 0) return { setups, broken };
  throw new UserError(
    broken[0]?.reason ?? `${config.dir}/exchanges.yaml: venues: none is enabled. Enable one.`,
  );
}

function enabledIn({ exchanges }: VenueSource): readonly VenueId[] {
  return Object.entries(exchanges.venues).flatMap(([id, { enabled }]) => (enabled ? [id] : []));
}

function setupOf(config: VenueSource, id: VenueId, testnet: TestnetFile | null): VenueSetup | null {
  return config.exchanges.venues[id]?.driver === 'ccxt'
    ? ccxtSetup(config, id, testnet)
    : nativeSetup(config, id, testnet);
}

/** Null: the testnet does not serve it. */
function nativeSetup(
  config: VenueSource,
  id: VenueId,
  testnet: TestnetFile | null,
): VenueSetup | null {
  const spec = specOf(config, id);
  const local = testnet?.venues[id];
  if (testnet !== null && local === undefined) return null;
  return {
    ...baseOf(config, id),
    driver: 'native',
    adapter: adapterOf(config, id),
    spec,
    endpoints: local === undefined ? liveEndpoints(config, spec) : testnetEndpoints(spec, local),
    credentials:
      testnet === null ? keysOf(config, id, spec.needsPassphrase) : localKeys(testnet, id),
    orderValidityMs: spec.orderValidityMs,
  };
}

/** An adapter of ours, or the one that a plugin brings, which is loaded here. */
function specOf(config: VenueSource, id: VenueId): VenueSpec {
  const { plugin } = venueConfig(config, id);
  if (plugin !== undefined) return loadVenuePlugin(venuePluginPlace(config.dir, id, plugin), id);
  const adapter = adapterOf(config, id);
  const spec = venueByName(adapter);
  if (spec !== null) return accountSpec(spec, id, { accounts: accountsOf(config, adapter) });
  throw new UserError(
    `${config.dir}/exchanges.yaml: venues.${id}: no such venue. Known: ` +
      `${venueNames().join(', ')}; another account of one with driver: and its name; any ` +
      'venue of ccxt with driver: ccxt and its id; any other ' +
      'with plugin: and its package or module.',
  );
}

/** Part of every instrument's id and of metrics. */
const accountForm = /^[a-z][a-z0-9-]{0,31}$/;

/** The adapter by its name: the key itself, or what `driver` names for another account. */
function adapterOf(config: VenueSource, id: VenueId): VenueId {
  const { driver } = venueConfig(config, id);
  if (driver === 'native' || driver === id) return id;
  if (accountForm.test(id) && !venueNames().includes(id)) return driver;
  throw new UserError(
    `${config.dir}/exchanges.yaml: venues.${id}: not a name for another account of ${driver}: ` +
      `use small letters, digits and hyphens, like ${driver}-b.`,
  );
}

/** Enabled accounts of one adapter: they share the venue's limits per address. */
function accountsOf(config: VenueSource, adapter: VenueId): number {
  return enabledIn(config).filter((id) => adapterOf(config, id) === adapter).length;
}

/** On the testnet the venue that ccxt would speak to is served under its own name. */
function ccxtSetup(
  config: VenueSource,
  id: VenueId,
  testnet: TestnetFile | null,
): VenueSetup | null {
  const venue = venueConfig(config, id);
  const exchangeId = venue.id ?? id;
  const local = testnet?.venues[exchangeId] ?? null;
  if (testnet !== null && local === null) return null;
  return {
    ...baseOf(config, id),
    driver: 'ccxt',
    exchangeId,
    environment: venue.profile,
    local,
    endpoints: venue.endpoints,
    credentials: testnet === null ? keysOf(config, id, false) : localKeys(testnet, exchangeId),
    orderValidityMs: profileOf(exchangeId).orderValidityMs,
  };
}

/** The testnet's keys, or the venue's own where its clients need another form. */
function localKeys(testnet: TestnetFile, venue: VenueId): Credentials {
  const { key, secret, passphrase } = testnet;
  const own = testnet.venues[venue];
  return { key: own?.key ?? key, secret: own?.secret ?? secret, passphrase };
}

function baseOf(
  config: VenueSource,
  id: VenueId,
): Pick<SetupBase, 'id' | 'leverage' | 'depth' | 'orderEntry' | 'wants' | 'markets'> {
  const { symbols, quotes } = config.exchanges;
  const { leverage, depth, spot, inverse, orderEntry } = venueConfig(config, id);
  const bases = new Set(symbols);
  return {
    id,
    leverage,
    depth,
    orderEntry,
    markets: inverse ? ['spot', 'linear', 'inverse'] : ['spot', 'linear'],
    wants: ({ base, quote, kind }) => {
      if (!bases.has(base)) return false;
      // Every one is quoted in USD, which is not among the quotes of the others.
      if (kind === 'inverse-perp') return inverse && quote === 'USD';
      return quotes.includes(quote) && (kind === 'linear-perp' || (spot && kind === 'spot'));
    },
  };
}

function venueConfig(config: VenueSource, id: VenueId): ExchangesConfig['venues'][string] {
  const venue = config.exchanges.venues[id];
  assert(venue !== undefined, `${id} is not in exchanges.yaml`);
  return venue;
}

export function policyOf(config: Config, setups: readonly VenueSetup[]): Policy {
  const { execution, reconcile } = config.main;
  return {
    strategies: config.strategies,
    limits: config.limits,
    execution: executionPolicyOf(execution),
    reconcile: {
      ...defaultReconcilePolicy,
      everyMs: reconcile.every,
      overlapMs: reconcile.overlap,
      confirmations: reconcile.confirmations,
    },
    orderValidityMs: Object.fromEntries(
      setups.map(({ id, orderValidityMs }) => [id, orderValidityMs]),
    ),
    entryCooldownMs: execution.entryCooldown,
  };
}

function liveEndpoints(config: VenueSource, spec: VenueSpec): Endpoints {
  const venue = config.exchanges.venues[spec.id];
  const profile = venue?.profile ?? 'live';
  const base = spec.endpoints[profile];
  if (base === undefined) {
    throw new UserError(
      `${config.dir}/exchanges.yaml: venues.${spec.id}.profile: ` +
        `${spec.name} has no "${profile}". ` +
        `Known: ${Object.keys(spec.endpoints).join(', ')}.`,
    );
  }
  const known = Object.values(spec.endpoints);
  for (const kind of ['http', 'ws'] as const) {
    const names = new Set(known.flatMap((each) => Object.keys(each[kind])));
    for (const name of Object.keys(venue?.endpoints[kind] ?? {})) {
      if (names.has(name)) continue;
      throw new UserError(
        `${config.dir}/exchanges.yaml: venues.${spec.id}.endpoints.${kind}.${name}: ` +
          `${spec.name} has no such host. Known: ${[...names].join(', ')}.`,
      );
    }
  }
  return {
    ...base,
    http: { ...base.http, ...venue?.endpoints.http },
    ws: { ...base.ws, ...venue?.endpoints.ws },
  };
}

/** Every host of the venue is the one local port; the paths keep them apart. */
function testnetEndpoints(
  spec: VenueSpec,
  local: { readonly http: string; readonly ws: string },
): Endpoints {
  const live = spec.endpoints['live'];
  const all = (names: Readonly<Record<string, string>>, url: string) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, url]));
  return { http: all(live?.http ?? {}, local.http), ws: all(live?.ws ?? {}, local.ws) };
}

function keysOf(config: VenueSource, id: VenueId, needsPassphrase: boolean): Credentials {
  const venue = venueConfig(config, id);
  const where = `${config.dir}/exchanges.yaml: venues.${id}`;
  const env = id.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  if (venue.key === '') {
    throw new UserError(`${where}.key: missing. Export ${env}_KEY and ${env}_SECRET.`);
  }
  if (venue.secret === '') throw new UserError(`${where}.secret: missing. Export ${env}_SECRET.`);
  if (needsPassphrase && venue.passphrase === '') {
    throw new UserError(`${where}.passphrase: missing. Export ${env}_PASSPHRASE.`);
  }
  return { key: venue.key, secret: venue.secret, passphrase: venue.passphrase };
}
