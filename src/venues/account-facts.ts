// What a venue says of a key and its account, for who checks them before trading: permissions,
// allowed addresses, modes, tier. Read only; what a venue does not say is null, never assumed.
import { parseExactJson } from '../base/exact-json.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { HttpRequest, VenueSpec } from '../domain/venue-spec.ts';

export interface AccountFacts {
  readonly canTrade: boolean | null;
  readonly canWithdraw: boolean | null;
  /** The key works from listed addresses only. */
  readonly isAddressBound: boolean | null;
  readonly positionMode: 'one-way' | 'hedge' | null;
  /** per-order: every order says its own. */
  readonly marginMode: 'cross' | 'isolated' | 'portfolio' | 'per-order' | null;
  /** Symbols whose margin is isolated, where that is said symbol by symbol. */
  readonly isolatedSymbols: readonly string[];
  /** Several assets together are the collateral. */
  readonly isMultiAsset: boolean | null;
  /** The venue's own name of it. */
  readonly feeTier: string | null;
}

export interface AccountReply {
  readonly path: string;
  readonly body: string;
}

export interface AccountReader {
  requests(spec: VenueSpec, instruments: readonly Instrument[]): readonly HttpRequest[];
  read(replies: readonly AccountReply[]): AccountFacts;
  /** What sets the modes that trading needs; leverage is left alone. */
  modes(
    spec: VenueSpec,
    account: { readonly instruments: readonly Instrument[]; readonly facts: AccountFacts },
  ): readonly HttpRequest[];
}

type Row = Readonly<Record<string, unknown>>;

const nothingKnown: AccountFacts = {
  canTrade: null,
  canWithdraw: null,
  isAddressBound: null,
  positionMode: null,
  marginMode: null,
  isolatedSymbols: [],
  isMultiAsset: null,
  feeTier: null,
};

const binanceReader: AccountReader = {
  requests(spec) {
    const own = spec.requests.accountConfig();
    const config = own.find(({ path }) => path.endsWith('/accountConfig'));
    return config === undefined ? own : [...own, { ...config, path: '/fapi/v1/symbolConfig' }];
  },
  read(replies) {
    const config = rowOf(replies, '/accountConfig');
    const key = rowOf(replies, '/apiRestrictions');
    const symbols = listOf(bodyOf(replies, '/symbolConfig')).map(asRow);
    const isolated = symbols.filter(({ marginType }) => marginType === 'ISOLATED');
    const futures = flag(key['enableFutures']);
    const isolatedSymbols = isolated.map(({ symbol }) => String(symbol));
    return {
      canTrade: flag(config['canTrade']) === false ? false : futures,
      canWithdraw: flag(key['enableWithdrawals']),
      isAddressBound: flag(key['ipRestrict']),
      positionMode: modeOf(flag(config['dualSidePosition'])),
      marginMode: symbols.length === 0 ? null : isolated.length > 0 ? 'isolated' : 'cross',
      isolatedSymbols,
      isMultiAsset: flag(config['multiAssetsMargin']),
      feeTier: textOf(config['feeTier']),
    };
  },
  modes(spec, { instruments, facts }) {
    const modes = withoutLeverage(spec, instruments);
    const sample = modes.find(({ path }) => path.endsWith('/positionSide/dual'));
    if (sample === undefined || facts.isMultiAsset !== true) return modes;
    const params = 'multiAssetsMargin=false';
    const path = '/fapi/v1/multiAssetsMargin';
    return [...modes, { ...sample, path, query: params, body: null }];
  },
};

const okxReader: AccountReader = {
  requests: (spec) => spec.requests.accountConfig(),
  read(replies) {
    const row = asRow(listOf(asRow(bodyOf(replies, '/config'))['data'])[0]);
    const permissions = textOf(row['perm'])?.split(',') ?? null;
    const addresses = row['ip'];
    const level = textOf(row['acctLv']);
    const mode = textOf(row['posMode']);
    return {
      ...nothingKnown,
      canTrade: permissions?.includes('trade') ?? null,
      canWithdraw: permissions?.includes('withdraw') ?? null,
      isAddressBound: typeof addresses === 'string' ? addresses !== '' : null,
      positionMode: mode === null ? null : mode === 'net_mode' ? 'one-way' : 'hedge',
      marginMode: level === null ? null : level === '4' ? 'portfolio' : 'per-order',
      isMultiAsset: level === null ? null : level === '3' || level === '4',
      feeTier: textOf(row['level']),
    };
  },
  modes: (spec, { instruments }) => withoutLeverage(spec, instruments),
};

const bybitMargins: Readonly<Record<string, AccountFacts['marginMode']>> = {
  REGULAR_MARGIN: 'cross',
  ISOLATED_MARGIN: 'isolated',
  PORTFOLIO_MARGIN: 'portfolio',
};

const bybitReader: AccountReader = {
  requests: (spec, instruments) => [
    ...spec.requests.accountConfig(),
    ...spec.requests.positions(instruments),
  ],
  read(replies) {
    const result = (path: string): Row => asRow(rowOf(replies, path)['result']);
    const key = result('/query-api');
    const grants = asRow(key['permissions']);
    const names = Object.values(grants).flatMap(listOf);
    const addresses = listOf(key['ips']);
    const readOnly = textOf(key['readOnly']);
    const held = listOf(result('/position/list')['list']).map(asRow);
    const sides = held.map(({ positionIdx }) => textOf(positionIdx));
    const said = textOf(result('/account/info')['marginMode']);
    return {
      ...nothingKnown,
      canTrade: readOnly === null ? null : readOnly === '0',
      canWithdraw: key['permissions'] === undefined ? null : names.includes('Withdraw'),
      isAddressBound:
        key['ips'] === undefined ? null : !['*', undefined].includes(first(addresses)),
      // The mode itself is not told: only positions show it.
      positionMode: sides.length === 0 ? null : modeOf(sides.some((side) => side !== '0')),
      marginMode:
        said !== null && Object.hasOwn(bybitMargins, said) ? (bybitMargins[said] ?? null) : null,
      isMultiAsset: said === null ? null : said !== 'ISOLATED_MARGIN',
      feeTier: textOf(key['vipLevel']),
    };
  },
  modes: (spec, { instruments }) => withoutLeverage(spec, instruments),
};

const readers: Readonly<Record<string, AccountReader>> = {
  binance: binanceReader,
  okx: okxReader,
  bybit: bybitReader,
};

/** Null: nothing is known of how to ask this venue. */
export function accountReaderOf(venue: string): AccountReader | null {
  return Object.hasOwn(readers, venue) ? (readers[venue] ?? null) : null;
}

function withoutLeverage(
  spec: VenueSpec,
  instruments: readonly Instrument[],
): readonly HttpRequest[] {
  return spec.requests
    .setup(instruments, { leverage: 1 })
    .filter(({ path }) => !/leverage/i.test(path));
}

function bodyOf(replies: readonly AccountReply[], path: string): unknown {
  const reply = replies.find((one) => one.path.endsWith(path));
  return reply === undefined ? undefined : parseExactJson(reply.body);
}

function rowOf(replies: readonly AccountReply[], path: string): Row {
  return asRow(bodyOf(replies, path));
}

function asRow(value: unknown): Row {
  return typeof value === 'object' && value !== null ? (value as Row) : {}; // fields stay unknown
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function first(list: readonly unknown[]): string | undefined {
  return typeof list[0] === 'string' ? list[0] : undefined;
}

function flag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function modeOf(isHedge: boolean | null): AccountFacts['positionMode'] {
  return isHedge === null ? null : isHedge ? 'hedge' : 'one-way';
}
