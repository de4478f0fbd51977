// The ccxt objects of one venue and what the bridge's parts share. Three objects, because ccxt has
// one `number` and one queue each: market data as numbers (its order books break on texts), the
// account as exact texts, and orders apart, so that none waits behind a listing.
import { UserError } from '../../base/errors.ts';
import type { Catalog, Instrument, InstrumentId } from '../../domain/instrument.ts';
import type { MarketTable } from '../../domain/market-table.ts';
import type { Clock, EmitDriverEvent } from '../../domain/ports.ts';
import type { Credentials, Endpoints } from '../../domain/venue-spec.ts';
import type { DriverLog, DriverMetrics } from '../driver-types.ts';
import type { CcxtClass, CcxtExchange, LoadCcxt, MethodName } from './api.ts';
import { textOf, Unanswered } from './errors.ts';
import { rowOf } from './fields.ts';
import type { CcxtLimits } from './limits.ts';
import type { OrderIds } from './order-ids.ts';
import type { CcxtProfile, LocalServer, MarketType } from './profiles.ts';
import type { RowSource } from './rows.ts';

/** Where a venue is and who we are there. */
export interface ExchangePlace {
  /** Our name of it, in ids and in the configuration. */
  readonly venue: string;
  /** ccxt's id: `gate`. */
  readonly exchangeId: string;
  /** The venue's hosts: live, its testnet (`setSandboxMode`) or demo trading. */
  readonly environment: string;
  /** A server that plays the venue: every host is replaced. */
  readonly local: LocalServer | null;
  /** Overrides by name in ccxt's `urls.api` (`ws`: in `urls.api.ws`, `a.b` for nested ones). */
  readonly endpoints: Endpoints;
  /** Null: public data only; every order is refused. */
  readonly credentials: Credentials | null;
  readonly load?: LoadCcxt;
}

export interface CcxtDriverOptions extends ExchangePlace {
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly symbols: (instrument: Instrument) => boolean;
  readonly leverage: number;
  readonly depth: boolean;
  readonly emit: EmitDriverEvent;
  readonly onQuote: (instrumentIndex: number) => void;
  readonly log: DriverLog;
  readonly metrics?: DriverMetrics;
  readonly limits?: Partial<CcxtLimits>;
}

/** What the parts of one bridge share; `market`, `account` and `orders` stand after the set-up. */
export interface CcxtContext
  extends Omit<CcxtDriverOptions, 'limits' | 'load' | 'metrics' | 'local' | 'endpoints'> {
  readonly profile: CcxtProfile;
  readonly limits: CcxtLimits;
  readonly metrics: DriverMetrics;
  readonly ids: OrderIds;
  readonly source: RowSource;
  readonly exchanges: { market: CcxtExchange; account: CcxtExchange; orders: CcxtExchange };
  /** Wanted instruments by ccxt's symbol, and back. */
  readonly bySymbol: Map<string, Instrument>;
  readonly symbolOf: Map<InstrumentId, string>;
  /** The venue answered, or the network did not. */
  reached(answered: boolean, detail: string): void;
  readonly isStopped: () => boolean;
}

export interface ExchangeConfig {
  readonly profile: CcxtProfile;
  readonly number: NumberConstructor | StringConstructor;
}

export async function makeExchange(
  type: CcxtClass,
  options: ExchangePlace,
  { profile, number }: ExchangeConfig,
): Promise<CcxtExchange> {
  const { credentials, local, environment } = options;
  const exchange = new type({
    enableRateLimit: true,
    newUpdates: true,
    number,
    ...(credentials === null
      ? {}
      : { apiKey: credentials.key, secret: credentials.secret, password: credentials.passphrase }),
    options: { adjustForTimeDifference: true, ...profile.options },
  });
  if (local !== null) {
    await pointTo(exchange, local, profile);
    return exchange;
  }
  try {
    if (environment === 'testnet') exchange.setSandboxMode(true);
    else if (environment === 'demo') exchange.enableDemoTrading(true);
  } catch (thrown) {
    throw new UserError(`${options.venue}: profile ${environment}: ${textOf(thrown)}`);
  }
  override(exchange, options);
  return exchange;
}

async function pointTo(
  exchange: CcxtExchange,
  local: LocalServer,
  profile: CcxtProfile,
): Promise<void> {
  const pointed = (tree: unknown): unknown => {
    if (typeof tree === 'string') {
      return tree.replace(/^wss?:\/\/[^/]+/, local.ws).replace(/^https?:\/\/[^/]+/, local.http);
    }
    if (typeof tree !== 'object' || tree === null) return tree;
    return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, pointed(part)]));
  };
  const api = { ...rowOf(pointed(exchange.urls.api)) };
  profile.localUrls?.(api, local);
  exchange.urls.api = api;
  // ccxt speaks plain ws:// only after this.
  await exchange.loadHttpProxyAgent();
}

function override(exchange: CcxtExchange, { venue, endpoints }: ExchangePlace): void {
  const api: Record<string, unknown> = { ...rowOf(exchange.urls.api) };
  const put = (path: readonly string[], url: string): void => {
    const last = path.at(-1) ?? '';
    let tree = api;
    for (const name of path.slice(0, -1)) {
      const branch = { ...rowOf(tree[name]) };
      tree[name] = branch;
      tree = branch;
    }
    if (typeof tree[last] !== 'string') {
      const known = Object.entries(tree).flatMap(([k, v]) => (typeof v === 'string' ? [k] : []));
      throw new UserError(
        `${venue}: endpoints: ccxt has no URL "${path.join('.')}". Known: ${known.join(', ')}.`,
      );
    }
    tree[last] = url;
  };
  for (const [name, url] of Object.entries(endpoints.http)) put(name.split('.'), url);
  for (const [name, url] of Object.entries(endpoints.ws)) {
    put(name === 'ws' ? ['ws'] : ['ws', ...name.split('.')], url);
  }
  exchange.urls.api = api;
}

/** One call with a deadline of ours; throws what ccxt throws, or `Unanswered`. */
export async function call(
  exchange: CcxtExchange,
  method: MethodName,
  args: readonly unknown[],
  withinMs: number,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Unanswered(`${method}: no answer within ${withinMs} ms`)),
      withinMs,
    );
  });
  try {
    return await Promise.race([exchange[method](...args), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The kinds of markets among the wanted instruments. */
export function marketTypesOf(context: CcxtContext): readonly MarketType[] {
  const types = new Set<MarketType>();
  for (const { kind } of context.bySymbol.values()) types.add(kind === 'spot' ? 'spot' : 'swap');
  return [...types].sort().reverse();
}
