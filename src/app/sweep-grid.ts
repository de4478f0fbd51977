// The file of a sweep: which strategy, which parameters, how they are searched. YAML or JSON.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Dimension } from '../analytics/search-space.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { tryDuration } from '../base/time.ts';
import { strategyByName } from '../strategy/registry.ts';

const gridSchema = z.strictObject({
  strategy: z.string(),
  method: z.enum(['grid', 'random', 'bayesian']).default('grid'),
  /** Of random and bayesian. */
  runs: z.number().int().min(1).max(1_000_000).default(200),
  seed: z.number().int().min(0).default(1),
  /** What is looked for: yearly Sharpe ratio of the daily profit, or the profit. */
  objective: z.enum(['sharpe', 'pnl']).default('sharpe'),
  params: z
    .record(z.string(), z.unknown())
    .refine((params) => Object.keys(params).length > 0, 'name at least one parameter'),
});

export interface SweepGrid {
  readonly strategy: string;
  readonly method: 'grid' | 'random' | 'bayesian';
  readonly runs: number;
  readonly seed: number;
  readonly objective: 'sharpe' | 'pnl';
  readonly space: readonly Dimension[];
}

export function readGrid(file: string): SweepGrid {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new UserError(`--grid ${file}: ${messageOf(thrown).split('\n')[0]}; give a YAML file`);
  }
  const parsed = gridSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(`--grid ${file}: ${issue?.path.join('.') || '(top)'}: ${issue?.message}`);
  }
  const { params, ...rest } = parsed.data;
  const space = Object.entries(params).map(([name, given]) =>
    dimensionOf(name, given, `--grid ${file}: params.${name}`),
  );
  if (strategyByName(rest.strategy) === null) {
    throw new UserError(`--grid ${file}: strategy: no strategy "${rest.strategy}"`);
  }
  return { ...rest, space };
}

const rangeSchema = z.strictObject({
  from: z.unknown(),
  to: z.unknown(),
  scale: z.enum(['linear', 'log']).default('linear'),
  /** How many values a grid takes of it. */
  steps: z.number().int().min(1).max(1_000).default(5),
});

/** A list of values, or a range; `where` begins what is thrown. */
export function dimensionOf(name: string, given: unknown, where: string): Dimension {
  if (Array.isArray(given) && given.length > 0) {
    return { name, values: given.map((value) => numberFrom(value, where)) };
  }
  const parsed = rangeSchema.safeParse(given);
  if (!parsed.success) {
    throw new UserError(`${where}: write a list of values, or { from, to, scale, steps }`);
  }
  const { scale, steps } = parsed.data;
  const from = numberFrom(parsed.data.from, where);
  const to = numberFrom(parsed.data.to, where);
  if (scale === 'log' && !(from > 0 && to > 0)) {
    throw new UserError(`${where}: a log scale needs values above 0`);
  }
  return { name, from, to, scale, steps };
}

/** A number, or a duration for parameters in ms ("12h"). */
function numberFrom(given: unknown, where: string): number {
  if (typeof given === 'number' && Number.isFinite(given)) return given;
  const ms = typeof given === 'string' ? tryDuration(given) : null;
  if (ms !== null) return ms;
  throw new UserError(`${where}: ${JSON.stringify(given)} is no number and no duration like 12h`);
}
