// What the doctor reads of the accounts: whether the keys are accepted, what they may do, the
// modes. Only signed reads; nothing is set.
import { formatDecimal } from '../base/decimal.ts';
import { messageOf } from '../base/errors.ts';
import { Catalog } from '../domain/instrument.ts';
import type { BalanceEvent, VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { readCcxtBalances } from '../io/ccxt/account.ts';
import { systemClock } from '../io/clock.ts';
import { HttpClient } from '../io/http.ts';
import { readCredentials, redactText } from '../io/keys.ts';
import { type CcxtSetup, type NativeSetup, type VenueSetup, venueSetups } from './compose.ts';
import type { Config } from './config.ts';
import { type Check, fail, ok } from './doctor-check.ts';
import type { TestnetFile } from './testnet-file.ts';

const timeoutMs = 8_000;

export async function accountChecks(
  config: Config,
  testnet: TestnetFile | null,
): Promise<readonly Check[]> {
  const http = new HttpClient();
  try {
    const setups = withKeys(config, testnet);
    return (await Promise.all(setups.map((setup) => checksOf(setup, http)))).flat();
  } finally {
    http.close();
  }
}

/** Venues without a key have been told of already. */
function withKeys(config: Config, testnet: TestnetFile | null): readonly VenueSetup[] {
  if (testnet !== null) return venueSetups(config, testnet);
  const entries = Object.entries(config.exchanges.venues).filter(
    ([, { enabled, key, secret }]) => enabled && key !== '' && secret !== '',
  );
  if (entries.length === 0) return [];
  const exchanges = { ...config.exchanges, venues: Object.fromEntries(entries) };
  return venueSetups({ dir: config.dir, exchanges }, null);
}

async function checksOf(setup: VenueSetup, http: HttpClient): Promise<readonly Check[]> {
  const name = `${setup.id} account`;
  const mend = 'check the key, its permissions and its allowed addresses at the venue';
  try {
    if (setup.driver === 'ccxt') return [ok(name, await ccxtAccount(setup))];
    const { spec } = setup;
    const config = await readAll(setup, http, spec.requests.accountConfig());
    const refused = config.find(({ kind }) => kind === 'error');
    if (refused?.kind === 'error') {
      return [fail(name, `${refused.venueCode} ${refused.message}`, mend)];
    }
    const balances = await readAll(setup, http, spec.requests.balances());
    const held = balances.filter((event) => event.kind === 'balance');
    return [ok(name, accepted(held))];
  } catch (thrown) {
    return [fail(name, messageOf(thrown), mend)];
  }
}

async function ccxtAccount(setup: CcxtSetup): Promise<string> {
  const { id: venue, exchangeId, environment, local, endpoints, credentials } = setup;
  const place = { venue, exchangeId, environment, local, endpoints, credentials };
  return accepted(await readCcxtBalances(place));
}

function accepted(balances: readonly BalanceEvent[]): string {
  const held = balances.flatMap(({ asset, total, wallet }) =>
    total === 0n ? [] : [`${formatDecimal(total)} ${asset} (${wallet})`],
  );
  const detail = held.length === 0 ? 'the account is empty' : held.slice(0, 4).join(', ');
  return `keys are accepted; ${detail}`;
}

async function readAll(
  setup: NativeSetup,
  http: HttpClient,
  requests: readonly HttpRequest[],
): Promise<readonly VenueEvent[]> {
  const { spec, endpoints } = setup;
  const given = setup.credentials;
  const credentials = readCredentials(given ?? {}, {
    venue: spec.id,
    needsPassphrase: spec.needsPassphrase,
  });
  const clock = systemClock();
  const events: VenueEvent[] = [];
  for (const request of requests) {
    const signed =
      credentials === null ? request : spec.sign(request, credentials, Math.round(clock.wallMs()));
    const outcome = await http.send({
      base: endpoints.http[request.host] ?? '',
      method: signed.method,
      path: signed.path,
      query: signed.query,
      body: signed.body,
      headers: { ...endpoints.headers, ...signed.headers },
      timeoutMs,
      lane: 'read',
    });
    if (!outcome.ok) throw new Error(redactText(outcome.message, credentials));
    events.push(...spec.decodeReply(request, outcome, new Catalog()));
  }
  return events;
}
