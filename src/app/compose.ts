// The only wiring: configuration and endpoints in, drivers and policy out.
import { UserError } from '../base/errors.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Credentials, Endpoints, VenueSpec } from '../domain/venue-spec.ts';
import { defaultReconcilePolicy, type Policy } from '../engine/policy.ts';
import { defaultExecutionPolicy } from '../execution/policy.ts';
import { venueByName, venueNames } from '../venues/registry.ts';
import type { Config } from './config.ts';
import type { TestnetFile } from './testnet-file.ts';

export interface VenueSetup {
  readonly spec: VenueSpec;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials | null;
  readonly leverage: number;
  readonly depth: boolean;
  readonly wants: (instrument: Instrument) => boolean;
}

/** One set-up per enabled venue; with a testnet file, the venues that it serves. */
export function venueSetups(config: Config, testnet: TestnetFile | null): readonly VenueSetup[] {
  const { venues, symbols, quotes } = config.exchanges;
  const setups: VenueSetup[] = [];
  for (const [id, venue] of Object.entries(venues)) {
    if (!venue.enabled) continue;
    const spec = venueByName(id);
    if (spec === null) {
      throw new UserError(
        `${config.dir}/exchanges.yaml: venues.${id}: no such venue. Known: ${venueNames().join(', ')}.`,
      );
    }
    const local = testnet?.venues[id];
    if (testnet !== null && local === undefined) continue;
    const bases = new Set(symbols);
    setups.push({
      spec,
      endpoints: local === undefined ? liveEndpoints(config, spec) : testnetEndpoints(spec, local),
      credentials: testnet === null ? keysOf(config, spec) : testnet,
      leverage: venue.leverage,
      depth: venue.depth,
      wants: (instrument) =>
        bases.has(instrument.base) &&
        quotes.includes(instrument.quote) &&
        (instrument.kind === 'linear-perp' || (venue.spot && instrument.kind === 'spot')),
    });
  }
  if (setups.length === 0) {
    throw new UserError(
      `${config.dir}/exchanges.yaml: venues: none is enabled. Enable one or more.`,
    );
  }
  return setups;
}

export function policyOf(config: Config, setups: readonly VenueSetup[]): Policy {
  const { execution, reconcile } = config.main;
  return {
    strategies: config.strategies,
    limits: config.limits,
    execution: {
      ...defaultExecutionPolicy,
      answerMsMax: execution.answerMax,
      nakedDeltaMsMax: execution.nakedDeltaMax,
      hedgeDeadlineMs: execution.hedgeDeadline,
      legAttemptsMax: execution.legAttemptsMax,
      crossSlack: execution.crossSlack,
      crossSlackMax: execution.crossSlackMax,
      completeSlackMax: execution.completeSlackMax,
    },
    reconcile: {
      ...defaultReconcilePolicy,
      everyMs: reconcile.every,
      overlapMs: reconcile.overlap,
      confirmations: reconcile.confirmations,
    },
    orderValidityMs: Object.fromEntries(setups.map(({ spec }) => [spec.id, spec.orderValidityMs])),
    entryCooldownMs: execution.entryCooldown,
  };
}

function liveEndpoints(config: Config, spec: VenueSpec): Endpoints {
  const venue = config.exchanges.venues[spec.id];
  const profile = venue?.profile ?? 'live';
  const base = spec.endpoints[profile];
  if (base === undefined) {
    throw new UserError(
      `${config.dir}/exchanges.yaml: venues.${spec.id}.profile: ${spec.name} has no "${profile}". ` +
        `Known: ${Object.keys(spec.endpoints).join(', ')}.`,
    );
  }
  return {
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

function keysOf(config: Config, spec: VenueSpec): Credentials {
  const venue = config.exchanges.venues[spec.id];
  const where = `${config.dir}/exchanges.yaml: venues.${spec.id}`;
  const env = spec.id.toUpperCase();
  if (venue === undefined || venue.key === '') {
    throw new UserError(`${where}.key: missing. Export ${env}_KEY and ${env}_SECRET.`);
  }
  if (venue.secret === '') throw new UserError(`${where}.secret: missing. Export ${env}_SECRET.`);
  if (spec.needsPassphrase && venue.passphrase === '') {
    throw new UserError(`${where}.passphrase: missing. Export ${env}_PASSPHRASE.`);
  }
  return { key: venue.key, secret: venue.secret, passphrase: venue.passphrase };
}
