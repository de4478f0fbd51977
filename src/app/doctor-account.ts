// What the doctor reads of the accounts: whether the keys are accepted, what they may do, the modes
// and fees. Only signed reads, unless --fix was given: then the modes are set, and nothing else.
import type { Check } from '../api/doctor-report.ts';
import { formatDecimal } from '../base/decimal.ts';
import { messageOf } from '../base/errors.ts';
import { type Catalog, type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { MarginTiers } from '../domain/margin.ts';
import type { BalanceEvent, ErrorEvent, FeeRateEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { readCcxtBalances } from '../io/ccxt/account.ts';
import { HttpClient } from '../io/http.ts';
import { type AccountFacts, type AccountReader, accountReaderOf } from '../venues/account-facts.ts';
import { type CcxtSetup, type VenueSetup, venueSetups } from './compose.ts';
import type { Config } from './config.ts';
import { Account, type Reply } from './doctor-ask.ts';
import { fail, ok } from './doctor-check.ts';
import { factChecks, feeCheck } from './doctor-facts.ts';
import { tierCheck } from './doctor-margin.ts';
import type { TestnetFile } from './testnet-file.ts';

export interface AccountCheckOptions {
  readonly config: Config;
  readonly testnet: TestnetFile | null;
  /** What the venues list of what is wanted. */
  readonly catalog: Catalog;
  /** Null = not known. */
  priceOf(id: InstrumentId): number | null;
  readonly fix: boolean;
  readonly mayWithdraw: boolean;
}

export interface AccountFindings {
  readonly checks: readonly Check[];
  /** Requests that set something, as they were sent. */
  readonly changed: readonly string[];
}

export async function accountChecks(options: AccountCheckOptions): Promise<AccountFindings> {
  const http = new HttpClient();
  try {
    const setups = withKeys(options.config, options.testnet);
    const found = await Promise.all(setups.map((setup) => findingsOf(setup, http, options)));
    return {
      checks: found.flatMap(({ checks }) => checks),
      changed: found.flatMap(({ changed }) => changed),
    };
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

async function findingsOf(
  setup: VenueSetup,
  http: HttpClient,
  options: AccountCheckOptions,
): Promise<AccountFindings> {
  const name = `${setup.id} account`;
  const mend = 'check the key, its permissions and its allowed addresses at the venue';
  try {
    if (setup.driver === 'ccxt') {
      return { checks: [ok(name, await ccxtAccount(setup))], changed: [] };
    }
    const account = new Account(setup, http);
    await account.syncClock();
    return await nativeFindings(account, options);
  } catch (thrown) {
    return { checks: [fail(name, messageOf(thrown), mend)], changed: [] };
  }
}

async function nativeFindings(
  account: Account,
  options: AccountCheckOptions,
): Promise<AccountFindings> {
  const { catalog, testnet, fix, mayWithdraw } = options;
  const { setup } = account;
  const { spec, markets, id: venue, adapter } = setup;
  const instruments = catalog.all().filter((instrument) => instrument.venue === venue);
  const context = { venue, adapter, isTestnet: testnet !== null, mayWithdraw };
  const reader = accountReaderOf(adapter);
  const checks: Check[] = [];
  let fixed: Fixed = { changed: [], failed: [] };
  let facts: AccountFacts | null = null;
  if (reader === null) {
    for (const request of spec.requests.accountConfig()) refuseOn(await account.ask(request));
  } else {
    facts = await factsOf(account, reader, instruments);
    if (fix) {
      fixed = await setModes(account, reader.modes(spec, { instruments, facts }), facts);
      if (fixed.changed.length > 0) facts = await factsOf(account, reader, instruments);
    }
  }
  const balances = (await account.askAll(spec.requests.balances(markets))).filter(
    (event) => event.kind === 'balance',
  );
  checks.push(ok(`${venue} account`, accepted(balances)));
  checks.push(...fixed.failed.map((text) => fail(`${venue} fix`, text, 'set it at the venue')));
  if (facts !== null) checks.push(...factChecks(facts, context));
  const rates = await feeRatesOf(account, instruments);
  checks.push(feeCheck(rates, facts?.feeTier ?? null, context));
  if (spec.requests.marginTiers !== undefined) {
    checks.push(await tiersOf(account, instruments, options));
  }
  return { checks, changed: fixed.changed };
}

/** The tiers of every contract that is wanted, against what is configured. */
async function tiersOf(
  account: Account,
  instruments: readonly Instrument[],
  { config, priceOf }: AccountCheckOptions,
): Promise<Check> {
  const { spec, leverage, id: venue } = account.setup;
  const requests = spec.requests.marginTiers?.(instruments) ?? [];
  const tables = new Map<InstrumentId, MarginTiers>();
  for (const event of await account.askAll(requests, instruments)) {
    if (event.kind === 'margin-tiers' && event.instrument !== null) {
      tables.set(event.instrument, event.table);
    }
  }
  const notionalUsd = Math.max(...config.strategies.map(({ params }) => params.notionalUsd));
  const { positionUsdMax } = config.limits;
  const sizes = { leverage, notionalUsd, positionUsdMax };
  return tierCheck({ venue, ...sizes, instruments, tables, priceOf });
}

async function factsOf(
  account: Account,
  reader: AccountReader,
  instruments: readonly Instrument[],
): Promise<AccountFacts> {
  const replies: { path: string; body: string }[] = [];
  for (const request of reader.requests(account.setup.spec, instruments)) {
    const reply = await account.ask(request);
    refuseOn(reply);
    replies.push({ path: request.path, body: reply.body });
  }
  return reader.read(replies);
}

/** Told by the facts themselves, each with its own mend. */
const toldByFacts = /^(?:withdrawals-enabled|-4061|posMode-.*|positionIdx-.*)$/;

/** A host that has no such path (a testnet's) leaves the facts of it unknown. */
function refuseOn({ status, events }: Reply): void {
  if (status === 404) return;
  const refused = events.find(
    (event): event is ErrorEvent => event.kind === 'error' && !toldByFacts.test(event.venueCode),
  );
  if (refused !== undefined) throw new Error(`${refused.venueCode} ${refused.message}`);
}

interface Fixed {
  readonly changed: readonly string[];
  readonly failed: readonly string[];
}

async function setModes(
  account: Account,
  requests: readonly HttpRequest[],
  facts: AccountFacts,
): Promise<Fixed> {
  const changed: string[] = [];
  const failed: string[] = [];
  for (const request of requests.filter((one) => isNeeded(one, facts))) {
    const { events } = await account.ask(request);
    const parameters = request.query === '' ? (request.body ?? '') : request.query;
    const text = `${account.setup.id}: ${request.path} ${parameters}`.trim();
    const error = events.find((event) => event.kind === 'error');
    if (error?.kind === 'error') failed.push(`${text}: ${error.venueCode} ${error.message}`);
    else if (!events.some((event) => event.kind === 'control' && event.name === 'unchanged')) {
      changed.push(text);
    }
  }
  return { changed, failed };
}

/** What is so already is not sent. */
function isNeeded({ path, query }: HttpRequest, facts: AccountFacts): boolean {
  if (/positionSide|position-mode|switch-mode/.test(path)) return facts.positionMode !== 'one-way';
  if (/margin-mode/.test(path)) return facts.marginMode !== 'cross';
  if (!/marginType/.test(path) || facts.marginMode === null) return true;
  const symbol = new URLSearchParams(query).get('symbol');
  return symbol !== null && facts.isolatedSymbols.includes(symbol);
}

/** Of one contract and one spot pair: fees are a matter of the tier. */
async function feeRatesOf(
  account: Account,
  instruments: readonly Instrument[],
): Promise<readonly FeeRateEvent[]> {
  const some = [
    instruments.find(({ kind }) => isPerp(kind)),
    instruments.find(({ kind }) => kind === 'spot'),
  ].filter((instrument) => instrument !== undefined);
  if (some.length === 0) return [];
  const wanted = new Set(some.map(({ id }) => id));
  const events = await account.askAll(account.setup.spec.requests.feeRates(some), some);
  return events.filter(
    (event): event is FeeRateEvent =>
      event.kind === 'fee-rate' && event.instrument !== null && wanted.has(event.instrument),
  );
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
