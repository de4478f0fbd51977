// The settings of a backtest: configuration, and `--set name=value` over it. A bare name is a
// parameter of the strategies; `risk.` a limit; `fees.` and `depth.` replace what a venue's terms
// say; `latencyMs`, `delayMs` and `leverage` are those of the run. An unknown name is an error that
// lists what would be right.

import { termsOf, type VenueTerms } from '../backtest/venue-terms.ts';
import { UserError } from '../base/errors.ts';
import { type NumberRange, readNumber } from '../base/number-fields.ts';
import { minuteMs, secondMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';
import { defaultReconcilePolicy, type Policy } from '../engine/policy.ts';
import { parseRiskLimits } from '../risk/limits.ts';
import { strategies, strategiesOnRequest, strategyByName } from '../strategy/registry.ts';
import { policyOf } from './compose.ts';
import type { Config } from './config.ts';

export interface BacktestSettings {
  readonly policy: Policy;
  readonly termsOf: (venue: VenueId) => VenueTerms;
  readonly latencyMs: number;
  readonly dataDelayMs: number;
  readonly leverage: number;
  /** Everything that was set by hand, for the report. */
  readonly given: Readonly<Record<string, string>>;
}

export interface SettingsRequest {
  readonly config: Config;
  /** Null = those that the configuration enables. */
  readonly strategy: string | null;
  /** `name=value`, the later one wins. */
  readonly set: readonly string[];
}

const runRanges = {
  latencyMs: { min: 0, max: 10_000 },
  delayMs: { min: 1, max: 60 * minuteMs },
  leverage: { min: 1, max: 50 },
} as const satisfies Record<string, NumberRange>;
const depthRanges = {
  halfSpread: { min: 0, max: 0.1 },
  touchUsd: { min: 1, max: 1e12 },
  levelUsd: { min: 1, max: 1e12 },
  step: { min: 1e-7, max: 0.1 },
  levels: { min: 1, max: 10, integer: true },
} as const satisfies Record<string, NumberRange>;
const feeRange: NumberRange = { min: -0.01, max: 0.1 };
/** Beyond the guard around settlements, so that a decision is not refused for its nearness. */
const delayBeyondGuardMs = 5 * secondMs;

export function backtestSettings(request: SettingsRequest): BacktestSettings {
  const { config } = request;
  const given = readSet(request.set);
  const pick = (test: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => test(name)));
  const isRun = (name: string) => Object.hasOwn(runRanges, name);
  const under = (prefix: string) => (name: string) => name.startsWith(`${prefix}.`);
  const params = pick(
    (name) => !isRun(name) && !['risk', 'fees', 'depth'].some((prefix) => under(prefix)(name)),
  );
  const active = strategiesOf(config, request.strategy).map((one) => {
    const merged = { ...one.record, ...numbersOf(params) };
    const parsed = one.strategy.parseParams(merged);
    if (!parsed.ok) throw new UserError(`--set ${parsed.field}: ${parsed.message}`);
    return { strategy: one.strategy, params: parsed.params };
  });
  const limits = limitsOf(config, pick(under('risk')));
  const guardMs = Math.max(...active.map((one) => one.params.settlementGuardMs));
  const run = (name: keyof typeof runRanges, otherwise: number): number =>
    given[name] === undefined ? otherwise : numberOf(name, given[name], runRanges[name]);
  const setups = Object.values(config.exchanges.venues);
  return {
    policy: {
      ...policyOf({ ...config, strategies: active, limits }, []),
      reconcile: defaultReconcilePolicy,
    },
    termsOf: termsWith(pick((name) => under('fees')(name) || under('depth')(name))),
    latencyMs: run('latencyMs', 50),
    dataDelayMs: run('delayMs', guardMs + delayBeyondGuardMs),
    leverage: run('leverage', Math.min(...setups.map(({ leverage }) => leverage))),
    given,
  };
}

function readSet(set: readonly string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const text of set) {
    const at = text.indexOf('=');
    if (at <= 0) throw new UserError(`--set ${text}: write name=value, like netEdgeMin=0.002`);
    given[text.slice(0, at)] = text.slice(at + 1);
  }
  return given;
}

/** The strategies and what the configuration says of them. */
function strategiesOf(config: Config, name: string | null) {
  const known = config.strategies.map(({ strategy, params }) => ({
    strategy,
    record: { ...params } as Readonly<Record<string, unknown>>, // read again, with what is set
  }));
  if (name === null) return known;
  const configured = known.find(({ strategy }) => strategy.name === name);
  if (configured !== undefined) return [configured];
  const strategy = strategyByName(name);
  if (strategy !== null) return [{ strategy, record: {} }];
  const names = [...strategies, ...strategiesOnRequest].map((one) => one.name).join(', ');
  throw new UserError(`--strategy ${name}: no such strategy. Known: ${names}.`);
}

function limitsOf(config: Config, given: Readonly<Record<string, string>>) {
  const record = Object.fromEntries(
    Object.entries(numbersOf(given)).map(([name, value]) => [name.slice('risk.'.length), value]),
  );
  const parsed = parseRiskLimits({ ...config.limits, ...record });
  if (!parsed.ok) throw new UserError(`--set risk.${parsed.field}: ${parsed.message}`);
  return parsed.limits;
}

/** Plain numbers as numbers; durations ("7d") stay text, the readers know them. */
function numbersOf(given: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return [name, Number.isNaN(value) ? text : value];
    }),
  );
}

function numberOf(name: string, text: string, range: NumberRange): number {
  const value = numbersOf({ [name]: text })[name];
  const read = readNumber(name, value, range);
  if (typeof read === 'string') throw new UserError(`--set ${name}: ${read}`);
  return read;
}

/** `fees.VENUE.perp=0.0004` (taker), `fees.perp=...` for all; `depth.VENUE.touchUsd` likewise. */
function termsWith(given: Readonly<Record<string, string>>): (venue: VenueId) => VenueTerms {
  for (const [name, text] of Object.entries(given)) checkTerm(name, text);
  return (venue) => {
    let terms = termsOf(venue);
    for (const [name, text] of Object.entries(given)) {
      const [what, ...rest] = name.split('.');
      const field = rest.at(-1) ?? '';
      if (rest.length === 2 && rest[0] !== venue) continue;
      const value = Number(text);
      if (what === 'depth') terms = { ...terms, depth: { ...terms.depth, [field]: value } };
      else if (field === 'perp') terms = { ...terms, perpTaker: value };
      else terms = { ...terms, spotTaker: value };
    }
    return terms;
  };
}

function checkTerm(name: string, text: string): void {
  const [what, ...rest] = name.split('.');
  const field = rest.at(-1) ?? '';
  const ranges: Readonly<Record<string, NumberRange>> =
    what === 'depth' ? depthRanges : { perp: feeRange, spot: feeRange };
  const range = rest.length <= 2 && Object.hasOwn(ranges, field) ? ranges[field] : undefined;
  if (range !== undefined) {
    numberOf(name, text, range);
    return;
  }
  const fields = Object.keys(ranges).join(', ');
  throw new UserError(`--set ${name}: write ${what}.FIELD or ${what}.VENUE.FIELD of ${fields}`);
}
