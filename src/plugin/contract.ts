// The contract between farb and a plugin: a module that exports `plugin`, an object with the
// version of this contract and one venue or one strategy, the same objects that ours are. Whether a
// module keeps it is decided here, without running anything of the module.
import type { VenueSpec } from '../domain/venue-spec.ts';
import type { Strategy } from '../strategy/registry.ts';

/** Raised by one when a plugin that was right before would be wrong. */
export const pluginContractVersion = 1;

export interface VenuePlugin {
  readonly contractVersion: typeof pluginContractVersion;
  readonly venue: VenueSpec;
}
export interface StrategyPlugin {
  readonly contractVersion: typeof pluginContractVersion;
  readonly strategy: Strategy;
}
export type Plugin = VenuePlugin | StrategyPlugin;

export type PluginCheck<T> =
  | { readonly ok: true; readonly value: T }
  /** What is wrong, each with its mend. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Shape = 'function' | 'object' | 'text' | 'number' | 'boolean';
/** As optional as the member itself is. */
type Members<T> = { readonly [K in keyof T]: Shape | `${Shape}?` };

/** Every member of a venue: a new one that must be there does not compile until it is here. */
const venueMembers = {
  id: 'text',
  name: 'text',
  endpoints: 'object',
  rateLimits: 'object',
  orderValidityMs: 'number',
  needsPassphrase: 'boolean',
  publicStreams: 'function',
  privateStreams: 'function',
  orderEntry: 'object?',
  batches: 'object?',
  decode: 'function',
  quoteScanner: 'function',
  bookVerdict: 'function',
  requests: 'object',
  nextPage: 'function',
  sign: 'function',
  decodeReply: 'function',
} as const satisfies Members<VenueSpec>;

const requestMembers = {
  serverTime: 'function',
  instruments: 'function',
  fundingRates: 'function',
  fundingHistory: 'function',
  quotes: 'function',
  depth: 'function',
  feeRates: 'function',
  setup: 'function',
  place: 'function',
  cancel: 'function',
  queryOrder: 'function',
  openOrders: 'function',
  orderHistory: 'function',
  fills: 'function',
  balances: 'function',
  positions: 'function',
  fundingPayments: 'function',
  accountConfig: 'function',
  deadMan: 'function?',
} as const satisfies Members<VenueSpec['requests']>;

const strategyMembers = {
  name: 'text',
  defaults: 'object',
  parseParams: 'function',
  pairs: 'function',
  entry: 'function',
  exit: 'function',
} as const satisfies Members<Strategy>;

/** A venue's name is part of every instrument's id, so its letters are few. */
const venueId = /^[a-z][a-z0-9-]{0,29}$/;

/** `expected`: the key in exchanges.yaml. `taken`: names that are ours. */
export function checkVenueModule(
  exported: unknown,
  names: { readonly expected: string; readonly taken: readonly string[] },
): PluginCheck<VenueSpec> {
  const found = memberOf(exported, 'venue');
  if (!found.ok) return found;
  const problems = [
    ...lacking('venue', found.value, venueMembers),
    ...lacking('venue.requests', rowOf(found.value['requests']), requestMembers),
  ];
  const id = found.value['id'];
  if (typeof id === 'string') {
    if (!venueId.test(id)) {
      problems.push(`venue.id "${id}": write small letters, digits and hyphens, 30 at most`);
    } else if (names.taken.includes(id)) {
      problems.push(`venue.id "${id}" is the name of a venue of farb: take another`);
    } else if (id !== names.expected) {
      problems.push(
        `venue.id is "${id}", configured as "${names.expected}": give the entry in ` +
          'exchanges.yaml the name of the venue',
      );
    }
  }
  const { live } = rowOf(found.value['endpoints']);
  if (live === undefined) {
    problems.push('venue.endpoints has no "live": add { live: { http: {...}, ws: {...} } }');
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: found.value as unknown as VenueSpec }; // every member was checked
}

export function checkStrategyModule(
  exported: unknown,
  names: { readonly expected: string; readonly taken: readonly string[] },
): PluginCheck<Strategy> {
  const found = memberOf(exported, 'strategy');
  if (!found.ok) return found;
  const problems = [...lacking('strategy', found.value, strategyMembers)];
  const name = found.value['name'];
  if (typeof name === 'string') {
    if (names.taken.includes(name)) {
      problems.push(`strategy.name "${name}" is the name of a strategy of farb: take another`);
    } else if (name !== names.expected) {
      problems.push(
        `strategy.name is "${name}", configured as "${names.expected}": give the entry in ` +
          'strategies.yaml the name of the strategy',
      );
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: found.value as unknown as Strategy }; // every member was checked
}

type Row = Readonly<Record<string, unknown>>;

function memberOf(exported: unknown, kind: 'venue' | 'strategy'): PluginCheck<Row> {
  const plugin = rowOf(exported)['plugin'];
  if (typeof plugin !== 'object' || plugin === null) {
    const form = `export const plugin = { contractVersion: ${pluginContractVersion}, ${kind} }`;
    return { ok: false, problems: [`it exports no "plugin": add ${form}`] };
  }
  const { contractVersion } = rowOf(plugin);
  if (contractVersion !== pluginContractVersion) {
    const said = contractVersion === undefined ? 'none' : JSON.stringify(contractVersion);
    return {
      ok: false,
      problems: [
        `plugin.contractVersion is ${said}, this farb speaks ${pluginContractVersion}: ` +
          'install the version of the plugin that was made for it',
      ],
    };
  }
  const member = rowOf(plugin)[kind];
  if (typeof member === 'object' && member !== null) return { ok: true, value: rowOf(member) };
  const other = kind === 'venue' ? 'strategy' : 'venue';
  const isOther = rowOf(plugin)[other] !== undefined;
  const file = other === 'venue' ? 'exchanges.yaml' : 'strategies.yaml';
  const mend = isOther ? `it is a ${other}: name it in ${file}` : `add plugin.${kind}`;
  return { ok: false, problems: [`plugin.${kind} is missing: ${mend}`] };
}

function lacking(
  what: string,
  value: Row,
  members: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(members).flatMap(([name, shape]) => {
    const isOptional = shape.endsWith('?');
    const wanted = isOptional ? shape.slice(0, -1) : shape;
    const member = value[name];
    if (isOptional && member === undefined) return [];
    const type = member === null ? 'null' : typeof member;
    const found = type === 'string' ? 'text' : type;
    if (found === wanted) return [];
    const is = found === 'undefined' ? 'missing' : `a ${found}`;
    return [`${what}.${name} is ${is}, it must be a ${wanted}`];
  });
}

function rowOf(value: unknown): Row {
  return typeof value === 'object' && value !== null ? (value as Row) : {}; // fields stay unknown
}
