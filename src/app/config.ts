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
import { strategies as known, strategiesOnRequest, strategyByName } from '../strategy/registry.ts';
import {
  type ExchangesConfig,
  exchangesSchema,
  type MainConfig,
  mainSchema,
  rawExchangesSchema,
  riskSchema,
  strategiesSchema,
} from './config-schema.ts';

export interface Config {
  /** The directory, for messages. */
  readonly dir: string;
  readonly main: MainConfig;
  readonly exchanges: ExchangesConfig;
  readonly strategies: readonly ActiveStrategy[];
  readonly limits: RiskLimits;
  /** SHA-256 over everything that decides (no secrets): journaled at boot. */
  readonly digest: string;
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
  const strategies = loadStrategies(join(dir, 'strategies.yaml'), env);
  const limits = loadLimits(join(dir, 'risk.yaml'), env);
  const digest = sha256Hex(
    JSON.stringify({
      main,
      symbols: exchanges.symbols,
      venues: Object.keys(exchanges.venues),
      strategies: strategies.map(({ strategy, params }) => [strategy.name, params]),
      limits,
    }),
  );
  return { dir, main, exchanges, strategies, limits, digest };
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
    return { config: loadConfig(dir, env), broken: [] };
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
    config: { dir, main, exchanges, strategies: [], limits: limits.limits, digest },
    broken,
  };
}

function loadStrategies(file: string, env: Environment): readonly ActiveStrategy[] {
  const { strategies } = load(file, { env, schema: strategiesSchema });
  const active: ActiveStrategy[] = [];
  for (const [i, entry] of strategies.entries()) {
    if (!entry.enabled) continue;
    const strategy = strategyByName(entry.name);
    if (strategy === null) {
      throw new UserError(
        `${file}: strategies[${i}].name: no strategy "${entry.name}". ` +
          `Known: ${[...known, ...strategiesOnRequest].map(({ name }) => name).join(', ')}.`,
      );
    }
    const parsed = strategy.parseParams(entry.params);
    if (!parsed.ok) {
      throw new UserError(`${file}: strategies[${i}].params.${parsed.field}: ${parsed.message}`);
    }
    active.push({ strategy, params: parsed.params });
  }
  return active;
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
