// Reads config/*.yaml: ${ENV} substitution, validation, and messages that name the file, the path
// in it, the value and the mend. Values of keys are never part of a message.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ZodType } from 'zod';
import { assert } from '../base/assert.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { sha256Hex } from '../base/hmac.ts';
import type { RiskLimits } from '../domain/verdict.ts';
import type { ActiveStrategy } from '../engine/policy.ts';
import { parseRiskLimits } from '../risk/limits.ts';
import {
  strategies as known,
  type Strategy,
  strategiesOnRequest,
  strategyByName,
} from '../strategy/registry.ts';
import {
  type ExchangesConfig,
  exchangesSchema,
  type MainConfig,
  mainSchema,
  rawExchangesSchema,
  riskSchema,
  strategiesSchema,
} from './config-schema.ts';
import { loadStrategyPlugin, type PluginPlace, pluginIdentity } from './plugin-load.ts';

export interface Config {
  /** The directory, for messages. */
  readonly dir: string;
  readonly main: MainConfig;
  readonly exchanges: ExchangesConfig;
  /** Strategies of plugins are loaded when this is read for the first time, and not before. */
  readonly strategies: readonly ActiveStrategy[];
  readonly limits: RiskLimits;
  readonly plugins: readonly PluginUse[];
  /**
   * SHA-256 over everything that decides (no secrets, plugins by the digest of their files):
   * journaled at boot.
   */
  readonly digest: string;
}

/** An enabled entry of the configuration that a plugin brings. */
export interface PluginUse {
  readonly kind: 'venue' | 'strategy';
  readonly name: string;
  readonly place: PluginPlace;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `dir` holds main, exchanges, strategies and risk .yaml; main and risk may be absent. */
export function loadConfig(dir: string, env: Environment): Config {
  if (!existsSync(dir)) {
    throw new UserError(
      `--config ${dir}: no such directory. Copy the shipped config/ and edit it.`,
    );
  }
  const main = load(join(dir, 'main.yaml'), { env, schema: mainSchema, mayBeAbsent: true });
  const exchanges = load(join(dir, 'exchanges.yaml'), { env, schema: exchangesSchema });
  const entries = strategyEntries(dir, env);
  const limits = loadLimits(join(dir, 'risk.yaml'), env);
  const plugins = [
    ...venuePlugins(dir, exchanges),
    ...entries.flatMap(({ plugin }) => (plugin === null ? [] : [plugin])),
  ];
  const strategies = once(() => entries.map((entry) => entry.active()));
  const digest = once(() => {
    const identities = plugins.map(({ kind, name, place }) => [kind, name, pluginIdentity(place)]);
    return sha256Hex(
      JSON.stringify({
        main,
        symbols: exchanges.symbols,
        venues: Object.keys(exchanges.venues),
        strategies: entries.map(({ name, plugin, params, active }) =>
          plugin === null ? [name, active().params] : [name, params],
        ),
        limits,
        ...(identities.length === 0 ? {} : { plugins: identities }),
      }),
    );
  });
  return {
    ...{ dir, main, exchanges, limits, plugins },
    get strategies() {
      return strategies();
    },
    get digest() {
      return digest();
    },
  };
}

/** A configuration to close with, and what had to be left out of it. */
export interface ConfigToClose {
  readonly config: Config;
  /** A venue each, with the reason; nothing can be closed there. */
  readonly broken: readonly { readonly venue: string; readonly reason: string }[];
}

/**
 * For a flatten, which needs no more than to reach the venues: mistakes in strategies.yaml and
 * risk.yaml do not count, and a venue with a mistake is left out by name.
 */
export function loadConfigToClose(dir: string, env: Environment): ConfigToClose {
  try {
    // Both are read here: a plugin that cannot be loaded is a mistake like any other.
    const { strategies, digest, ...rest } = loadConfig(dir, env);
    return { config: { ...rest, strategies, digest }, broken: [] };
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
  }
  const main = load(join(dir, 'main.yaml'), { env, schema: mainSchema, mayBeAbsent: true });
  const file = join(dir, 'exchanges.yaml');
  const broken: { venue: string; reason: string }[] = [];
  const venues: Record<string, unknown> = {};
  const raw = load(file, { env: null, schema: rawExchangesSchema });
  for (const [venue, section] of Object.entries(raw.venues)) {
    try {
      const one = { ...raw, venues: { [venue]: section } };
      venues[venue] = check(one, { file, env, schema: exchangesSchema }).venues[venue];
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      broken.push({ venue, reason: thrown.message });
    }
  }
  const exchanges = check({ ...raw, venues }, { file, env, schema: exchangesSchema });
  const limits = parseRiskLimits({});
  assert(limits.ok, 'the default limits are in range');
  const digest = sha256Hex(JSON.stringify({ main, symbols: exchanges.symbols, closing: true }));
  return {
    config: {
      ...{ dir, main, exchanges, strategies: [], limits: limits.limits, digest },
      plugins: venuePlugins(dir, exchanges),
    },
    broken,
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function venuePlugins(dir: string, { venues }: ExchangesConfig): readonly PluginUse[] {
  return Object.entries(venues).flatMap(([name, { enabled, plugin }]) => {
    if (!enabled || plugin === undefined) return [];
    return [{ kind: 'venue', name, place: venuePluginPlace(dir, name, plugin) }];
  });
}

export function venuePluginPlace(configDir: string, id: string, reference: string): PluginPlace {
  const where = `${join(configDir, 'exchanges.yaml')}: venues.${id}`;
  return { reference, configDir, where };
}

interface StrategyEntry {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly plugin: PluginUse | null;
  /** @throws UserError for parameters that are wrong, or a plugin that cannot be used */
  active(): ActiveStrategy;
}

/** Ours are read at once, those of plugins when they are asked for. */
function strategyEntries(dir: string, env: Environment): readonly StrategyEntry[] {
  const file = join(dir, 'strategies.yaml');
  const { strategies } = load(file, { env, schema: strategiesSchema });
  return strategies.flatMap((entry, i): readonly StrategyEntry[] => {
    const { name, enabled, params, plugin: reference } = entry;
    if (!enabled) return [];
    const where = `${file}: strategies[${i}]`;
    const read = (strategy: Strategy): ActiveStrategy => {
      const parsed = strategy.parseParams(params);
      if (parsed.ok) return { strategy, params: parsed.params };
      throw new UserError(`${where}.params.${parsed.field}: ${parsed.message}`);
    };
    if (reference === undefined) {
      const active = read(nativeStrategy(name, where));
      return [{ name, params, plugin: null, active: () => active }];
    }
    const place: PluginPlace = { reference, configDir: dir, where };
    const plugin: PluginUse = { kind: 'strategy', name, place };
    return [{ name, params, plugin, active: () => read(loadStrategyPlugin(place, name)) }];
  });
}

function nativeStrategy(name: string, where: string): Strategy {
  const strategy = strategyByName(name);
  if (strategy !== null) return strategy;
  throw new UserError(
    `${where}.name: no strategy "${name}". ` +
      `Known: ${[...known, ...strategiesOnRequest].map((other) => other.name).join(', ')}; ` +
      'any other with plugin: and its package or module.',
  );
}

function loadLimits(file: string, env: Environment): RiskLimits {
  const raw = load(file, { env, schema: riskSchema, mayBeAbsent: true });
  const parsed = parseRiskLimits(raw);
  if (!parsed.ok) throw new UserError(`${file}: ${parsed.field}: ${parsed.message}`);
  return parsed.limits;
}

interface LoadOptions<T> {
  /** Null = variables are left as they are written. */
  readonly env: Environment | null;
  readonly schema: ZodType<T>;
  readonly mayBeAbsent?: boolean;
}

function load<T>(file: string, { env, schema, mayBeAbsent = false }: LoadOptions<T>): T {
  let text = '';
  if (existsSync(file)) text = readFileSync(file, 'utf8');
  else if (!mayBeAbsent) {
    throw new UserError(`${file}: missing. Copy it from the shipped config/ and edit it.`);
  }
  let raw: unknown;
  try {
    raw = parse(text) ?? {};
  } catch (thrown) {
    throw new UserError(`${file}: not YAML: ${messageOf(thrown).split('\n')[0]}`);
  }
  return check(raw, { file, env, schema });
}

interface CheckOptions<T> {
  readonly file: string;
  readonly env: Environment | null;
  readonly schema: ZodType<T>;
}

function check<T>(tree: unknown, { file, env, schema }: CheckOptions<T>): T {
  const raw = env === null ? tree : substitute(tree, { file, env, path: [] });
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const where = path.length === 0 ? '(top)' : path.map(String).join('.');
  throw new UserError(`${file}: ${where}: ${issue?.message}${shown(raw, path)}`);
}

const secretNames = /^(key|secret|passphrase)$/;

function shown(raw: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = raw;
  for (const step of path) {
    if (typeof step === 'string' && secretNames.test(step)) return '';
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<PropertyKey, unknown>)[step]; // walking untyped YAML
  }
  if (value === undefined) return ' (it is missing)';
  // A whole section may hold keys.
  if (typeof value === 'object' && value !== null) return '';
  return ` (it is ${JSON.stringify(value)})`;
}

interface Place {
  readonly file: string;
  readonly env: Environment;
  readonly path: readonly string[];
}

/** Replaces ${NAME} and ${NAME:-default} in every text of the tree. */
function substitute(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return expand(value, place);
  if (Array.isArray(value)) {
    return value.map((item, i) => substitute(item, { ...place, path: [...place.path, `${i}`] }));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      substitute(item, { ...place, path: [...place.path, key] }),
    ]),
  );
}

function expand(text: string, { file, env, path }: Place): string {
  return text.replace(/\$\{([A-Z0-9_]+)(?::-([^}]*))?\}/gi, (_all, name: string, fallback) => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    if (typeof fallback === 'string') return fallback;
    throw new UserError(
      `${file}: ${path.join('.')}: the environment variable ${name} is not set. ` +
        `Export it, or write \${${name}:-default}.`,
    );
  });
}
