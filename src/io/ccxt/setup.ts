// What must stand before the first stream of a ccxt venue: the module, the class, markets, the
// account's modes, leverage and fees. It succeeds or ends the start with a UserError that says what
// to mend; it must never trade on a guess.
import { UserError } from '../../base/errors.ts';
import { type Instrument, type InstrumentId, isPerp } from '../../domain/instrument.ts';
import type { CcxtClass, CcxtExchange, CcxtModule, MethodName } from './api.ts';
import { can } from './capabilities.ts';
import { isA, textOf } from './errors.ts';
import { numberAt, rowOf, rowsOf, textAt } from './fields.ts';
import { instrumentOf } from './instruments.ts';
import { type CcxtContext, call } from './session.ts';

export type FeeRates = Record<InstrumentId, { readonly taker: number; readonly maker: number }>;

export function classOf(module: CcxtModule, venue: string, exchangeId: string): CcxtClass {
  const found = module.classOf(exchangeId);
  if (found !== null) return found;
  const near = module.ids.filter((id) => id.startsWith(exchangeId.slice(0, 3)));
  throw new UserError(
    `${venue}: id: ccxt ${module.version} knows no venue "${exchangeId}".` +
      (near.length === 0 ? '' : ` Near: ${near.join(', ')}.`),
  );
}

/** Loads the markets and puts the wanted instruments into the catalog. */
export async function listInstruments(context: CcxtContext): Promise<void> {
  const { venue, exchanges, catalog, table } = context;
  const { market, account, orders } = exchanges;
  await Promise.all([load(context, market), load(context, account)]);
  orders.setMarketsFromExchange(account);
  for (const [symbol, instrument] of listed(context)) {
    if (!context.symbols(instrument)) continue;
    const index = catalog.put(instrument);
    if (index >= table.books.length) {
      throw new UserError(
        `${venue}: more than ${table.books.length} instruments: want fewer symbols`,
      );
    }
    context.bySymbol.set(symbol, instrument);
    context.symbolOf.set(instrument.id, symbol);
  }
  if (context.bySymbol.size > 0) return;
  throw new UserError(`${venue}: none of the wanted symbols is listed: check \`symbols\``);
}

/** Reads the listing again; known instruments only, and what is no longer listed is unknown. */
export async function reloadInstruments(context: CcxtContext): Promise<void> {
  const { exchanges, catalog } = context;
  await call(exchanges.account, 'loadMarkets', [true], context.limits.listingTimeoutMs);
  const fresh = new Map(listed(context));
  for (const [symbol, old] of context.bySymbol) {
    const now = fresh.get(symbol) ?? { ...old, status: 'unknown' as const };
    const merged = { ...now, fundingIntervalMs: old.fundingIntervalMs };
    catalog.put(merged);
    context.bySymbol.set(symbol, merged);
  }
}

function listed(context: CcxtContext): readonly (readonly [string, Instrument])[] {
  const { exchanges, venue, profile } = context;
  const { account } = exchanges;
  const source = { venue, profile, precisionMode: account.precisionMode };
  return Object.entries(account.markets ?? {}).flatMap(([symbol, row]) => {
    const instrument = instrumentOf(row, source);
    return instrument === null ? [] : [[symbol, instrument] as const];
  });
}

async function load(context: CcxtContext, exchange: CcxtExchange): Promise<void> {
  await step(context, 'markets', () =>
    call(exchange, 'loadMarkets', [], context.limits.listingTimeoutMs),
  );
}

/** One-way mode, cross margin, leverage; "unchanged" is success. */
export async function setUpAccount(context: CcxtContext): Promise<void> {
  const { exchanges, limits, leverage, profile, log, venue } = context;
  // Also what ccxt asks once per object before its first order.
  await step(context, 'the account', () =>
    call(exchanges.orders, 'fetchBalance', [], limits.readTimeoutMs),
  );
  const perps = [...context.bySymbol].filter(([, { kind }]) => isPerp(kind));
  const first = perps[0]?.[0];
  if (first === undefined) return;
  const set = async (method: MethodName, args: readonly unknown[]): Promise<void> => {
    if (!can(exchanges.orders.has, method)) return;
    const work = () => call(exchanges.orders, method, args, limits.readTimeoutMs);
    try {
      await step(context, method, work);
    } catch (thrown) {
      const cause = thrown instanceof UserError ? thrown.cause : thrown;
      if (!asksForMore.some((name) => isA(cause, name))) throw thrown;
      // The method wants what only this venue knows; what it sets must be set by hand.
      log.warn({ venue, method, reason: textOf(cause) }, 'not set: check it at the venue');
    }
  };
  await set('setPositionMode', [false, first]);
  for (const [symbol] of perps) {
    if (!profile.unified) await set('setMarginMode', ['cross', symbol]);
    await set('setLeverage', [leverage, symbol]);
  }
}

/** ccxt's refusals of a call as we make it. */
const asksForMore = ['ArgumentsRequired', 'BadRequest', 'NotSupported'] as const;

/** The account's own rates where the venue tells them, else the listing's, with a warning. */
export async function readFeeRates(context: CcxtContext): Promise<FeeRates> {
  const { exchanges, limits, log, venue } = context;
  const { account } = exchanges;
  const rates: FeeRates = {};
  const missing: InstrumentId[] = [];
  // Without a key the published rates are all there is.
  const asks = context.credentials !== null;
  const all = asks && can(account.has, 'fetchTradingFees') ? await allFees(context) : new Map();
  for (const [symbol, { id }] of context.bySymbol) {
    let row = all.get(symbol);
    if (asks && row === undefined && can(account.has, 'fetchTradingFee')) {
      try {
        row = rowOf(await call(account, 'fetchTradingFee', [symbol], limits.readTimeoutMs));
      } catch (thrown) {
        if (isA(thrown, 'AuthenticationError')) throw refusal(context, 'fee rates', thrown);
      }
    }
    const listing = account.markets?.[symbol] ?? {};
    const taker = row === undefined ? null : numberAt(row, 'taker');
    const maker = row === undefined ? null : numberAt(row, 'maker');
    if (taker === null || maker === null) missing.push(id);
    const listedTaker = taker ?? numberAt(listing, 'taker');
    const listedMaker = maker ?? numberAt(listing, 'maker');
    if (listedTaker === null || listedMaker === null) continue;
    rates[id] = { taker: listedTaker, maker: listedMaker };
  }
  if (asks && missing.length > 0) {
    log.warn(
      { venue, instruments: missing.length },
      "fee rates of ccxt's listing, not the account's",
    );
  }
  return rates;
}

async function allFees(context: CcxtContext): Promise<Map<string, ReturnType<typeof rowOf>>> {
  const { exchanges, limits } = context;
  const bySymbol = new Map<string, ReturnType<typeof rowOf>>();
  try {
    const args = [{ type: 'swap' }];
    const rows = await call(exchanges.account, 'fetchTradingFees', args, limits.readTimeoutMs);
    for (const row of rowsOf(rows)) bySymbol.set(textAt(row, 'symbol') ?? '', row);
  } catch (thrown) {
    if (isA(thrown, 'AuthenticationError')) throw refusal(context, 'fee rates', thrown);
  }
  return bySymbol;
}

/**
 * Answers that say that nothing had to be changed; ccxt's class for them is not always NoChange.
 */
const unchanged = /no need|not modified|no change|not changed|already|same/i;

async function step(
  context: CcxtContext,
  name: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (isA(thrown, 'NoChange') || unchanged.test(textOf(thrown))) return;
    throw refusal(context, name, thrown);
  }
}

/** The venue's refusal as one line for the operator. */
export function refusal(context: CcxtContext, name: string, thrown: unknown): UserError {
  if (thrown instanceof UserError) return thrown;
  const said = textOf(thrown);
  const { venue } = context;
  const isKey = isA(thrown, 'AuthenticationError');
  const error = isKey
    ? new UserError(
        `${venue}: the API key was refused at ${name} (${said}): check key, secret, permissions ` +
          'and the allowed addresses in config/exchanges.yaml',
      )
    : new UserError(`${venue}: ${name} failed (${said})`, { exitCode: 1 });
  error.cause = thrown;
  return error;
}
