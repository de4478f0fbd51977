// The part of ccxt that the bridge uses, as types of our own: ccxt is an optional peer, loaded when
// a configured venue needs it, so nothing here may import it statically (67 MB, 120 MB resident).
import { messageOf, UserError } from '../../base/errors.ts';

/** What ccxt returns: untyped objects whose fields are read one by one (`fields.ts`). */
export type Row = Readonly<Record<string, unknown>>;

/** A unified method: its arguments are positional, the last is `params`. */
export type Method = (...args: readonly unknown[]) => Promise<unknown>;

export const methodNames = [
  'loadMarkets',
  'fetchTime',
  'fetchOrderBook',
  'fetchFundingRates',
  'fetchFundingRate',
  'fetchFundingIntervals',
  'fetchFundingRateHistory',
  'fetchMarkPrices',
  'fetchTickers',
  'fetchTradingFees',
  'fetchTradingFee',
  'fetchBalance',
  'fetchPositions',
  'fetchFundingHistory',
  'fetchOpenOrders',
  'fetchOrder',
  'fetchOrders',
  'fetchClosedOrders',
  'fetchCanceledOrders',
  'fetchCanceledAndClosedOrders',
  'fetchMyTrades',
  'createOrder',
  'cancelOrder',
  'setLeverage',
  'setMarginMode',
  'setPositionMode',
  'watchOrderBook',
  'watchOrders',
  'watchMyTrades',
] as const;
export type MethodName = (typeof methodNames)[number];

export interface CcxtExchange extends Readonly<Record<MethodName, Method>> {
  readonly id: string;
  readonly name: string;
  /** true, false, undefined or 'emulated', by method name. */
  readonly has: Readonly<Record<string, unknown>>;
  /** 2 = decimal places, 3 = significant digits, 4 = tick size. */
  readonly precisionMode: number;
  readonly requiredCredentials: Readonly<Record<string, boolean>>;
  readonly markets: Readonly<Record<string, Row>> | undefined;
  readonly options: Record<string, unknown>;
  readonly urls: { api: unknown };
  setSandboxMode(enabled: boolean): void;
  enableDemoTrading(enabled: boolean): void;
  /** Takes over the markets of another object of the same class. */
  setMarketsFromExchange(source: CcxtExchange): unknown;
  loadHttpProxyAgent(): Promise<unknown>;
  close(): Promise<unknown>;
}

export type CcxtClass = new (config: Readonly<Record<string, unknown>>) => CcxtExchange;

export interface CcxtModule {
  readonly version: string;
  /** The class of an id, with streams where ccxt has them; null = ccxt knows no such venue. */
  classOf(id: string): CcxtClass | null;
  /** Every id that it knows. */
  readonly ids: readonly string[];
}

export type LoadCcxt = () => Promise<CcxtModule>;

/** Imports ccxt from where farb is installed; a UserError says how to install it. */
export async function loadCcxt(
  importPackage: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<CcxtModule> {
  let imported: unknown;
  try {
    // A name in a variable: the package is not among the dependencies, by intention.
    imported = await importPackage('ccxt');
  } catch (thrown) {
    if (isMissing(thrown)) {
      throw new UserError(
        'driver ccxt: the package ccxt is not installed. Run "npm install ccxt" beside farb.',
      );
    }
    throw new UserError(`driver ccxt: ccxt cannot be loaded (${messageOf(thrown)})`);
  }
  return moduleOf(imported);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
}

interface Namespace {
  readonly version: string;
  readonly exchanges: readonly string[];
  readonly pro: Readonly<Record<string, CcxtClass | undefined>>;
  readonly [id: string]: unknown;
}

/** The module's default export: classes by id, those with streams under `pro`. */
export function moduleOf(imported: unknown): CcxtModule {
  // The shape of ccxt's own module; its members are checked where they are used.
  const namespace = (imported as { readonly default: Namespace }).default;
  const { exchanges, pro } = namespace;
  return {
    version: namespace.version,
    ids: exchanges,
    classOf(id) {
      if (!exchanges.includes(id)) return null;
      const plain = namespace[id];
      return pro[id] ?? (typeof plain === 'function' ? (plain as CcxtClass) : null);
    },
  };
}
