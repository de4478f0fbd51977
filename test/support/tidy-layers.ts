// The architecture as a test: which folder of src/ may import which, and what the folders above the
// I/O line may not touch. This table is the source of truth; documents describe it.
import { posix } from 'node:path';
import { importsOf, type Scanned } from './tidy-scan.ts';

/** Layer -> the other layers it may import. A layer may always import itself. */
export const LAYERS = {
  base: [],
  domain: ['base'],
  strategy: ['base', 'domain'],
  risk: ['base', 'domain'],
  execution: ['base', 'domain'],
  history: ['base', 'domain'],
  analytics: ['base', 'domain', 'history'],
  venues: ['base', 'domain'],
  engine: ['base', 'domain', 'strategy', 'risk', 'execution'],
  sim: ['base', 'domain', 'engine'],
  // The strategies' cost model is the columnar path's too: one model, not a copy.
  backtest: ['base', 'domain', 'history', 'strategy', 'engine', 'sim', 'analytics'],
  // What authors of plugins import, and what a plugin must be.
  plugin: ['base', 'domain', 'strategy'],
  io: ['base', 'domain', 'venues'],
  testnet: ['base', 'domain', 'venues', 'sim'],
  // The contract suites for authors of plugins, which our own venues and strategies pass too.
  testing: [
    ...['base', 'domain', 'strategy', 'execution', 'venues', 'plugin', 'sim', 'io', 'testnet'],
  ],
  store: ['base', 'domain'],
  research: ['base', 'domain', 'history', 'venues', 'io', 'store'],
  api: ['base', 'domain', 'analytics'],
  app: [
    ...['base', 'domain', 'strategy', 'risk', 'execution', 'history', 'analytics', 'venues'],
    ...['engine', 'sim', 'backtest', 'io', 'testnet', 'store', 'research', 'api', 'plugin'],
  ],
  // What notebooks and programs of research import: the figures of the commands, as functions.
  lab: [
    ...['base', 'domain', 'strategy', 'history', 'analytics', 'sim', 'backtest', 'research'],
    ...['api', 'app'],
  ],
  // The command line reads durations and errors (base), and shapes of answers (domain, api).
  cli: ['app', 'base', 'domain', 'api'],
} as const satisfies Record<string, readonly string[]>;

type Layer = keyof typeof LAYERS;

/** The layers above the I/O line: synchronous, deterministic, no I/O. */
export const ABOVE_THE_LINE: readonly Layer[] = [
  ...(['base', 'domain', 'strategy', 'risk', 'execution', 'history', 'analytics'] as const),
  ...(['venues', 'engine', 'sim', 'backtest'] as const),
];

/** npm packages that a layer above the line may import: pure code only. */
export const PACKAGES_ABOVE_THE_LINE: Partial<Record<Layer, readonly string[]>> = {
  base: ['@noble/hashes'],
  // A signature of Hyperliquid is secp256k1 over Keccak: synchronous and without entropy.
  venues: ['@noble/curves', '@noble/hashes'],
};

type Ban = { readonly pattern: RegExp; readonly cure: string };

/** Free-standing names only: `order.Date` is somebody's property, `Date` is the clock. */
const word = (names: string) => new RegExp(`(?<![.\\w$#])(?:${names})(?![\\w$])(?!\\s*\\??:)`, 'g');

const HAND_IN = 'have the I/O layers do it and hand in the result';

const BANS: readonly Ban[] = [
  { pattern: word('Date'), cure: 'take tsMs from the event' },
  { pattern: /\bMath\s*\.\s*random\b/g, cure: 'take a seeded generator of base/prng' },
  {
    pattern: word('setTimeout|setInterval|setImmediate|queueMicrotask'),
    cure: 'emit the effect set-timer',
  },
  { pattern: word('console'), cure: 'emit an alert' },
  {
    pattern: word('async|await|Promise'),
    cure: 'stay synchronous: emit an effect, its outcome comes back as an event',
  },
  {
    pattern: /\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\b/g,
    cure: 'derive the id from run, seq and leg',
  },
  { pattern: /(?<![.\w$])performance\s*\.\s*now\b/g, cure: 'take wallMs from the record' },
  {
    pattern: /(?<![.\w$])(?:process\s*\.\s*\w+|fetch\s*\(|new\s+WebSocket\b)/g,
    cure: HAND_IN,
  },
];

export type Problem = { readonly at: number; readonly message: string };

/** Violations of the table by one source file of src/ (test files are exempt). */
export function layerProblems(path: string, text: string, scanned: Scanned): readonly Problem[] {
  if (!path.startsWith('src/') || isTest(path)) return [];
  const layer = layerOf(path);
  if (layer === undefined) {
    const known = Object.keys(LAYERS).join(', ');
    return [{ at: 0, message: `stands in no layer: move it into one of ${known}` }];
  }
  const problems: Problem[] = [];
  for (const { specifier, at } of importsOf(text, scanned)) {
    const message = importProblem(path, layer, specifier);
    if (message !== undefined) problems.push({ at, message });
  }
  if (!ABOVE_THE_LINE.includes(layer)) return problems;
  for (const { pattern, cure } of BANS) {
    for (const match of scanned.code.matchAll(pattern)) {
      const message = `${match[0]} is banned above the I/O line: ${cure}`;
      problems.push({ at: match.index, message });
    }
  }
  return problems;
}

/** The npm package of a specifier, or undefined for relative and node: ones. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/');
}

function importProblem(path: string, layer: Layer, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relativeProblem(path, layer, specifier);
  if (!ABOVE_THE_LINE.includes(layer)) return undefined;
  if (specifier.startsWith('node:')) {
    return `${specifier} is banned above the I/O line: ${HAND_IN}`;
  }
  const allowed = PACKAGES_ABOVE_THE_LINE[layer] ?? [];
  if (allowed.includes(packageOf(specifier) ?? '')) return undefined;
  const list = allowed.length > 0 ? allowed.join(', ') : 'none';
  return `${layer} may not import the package ${specifier} (allowed: ${list})`;
}

function relativeProblem(path: string, layer: Layer, specifier: string): string | undefined {
  if (!/\.(ts|json)$/.test(specifier)) return `import "${specifier}" must end in .ts`;
  const target = posix.join(posix.dirname(path), specifier);
  if (isTest(target)) return `imports the test file ${target}: production code may not`;
  const other = layerOf(target);
  if (other === undefined) return `imports ${target}, which stands in no layer of src`;
  const allowed: readonly string[] = LAYERS[layer];
  if (other === layer || allowed.includes(other)) return undefined;
  const list = allowed.length > 0 ? allowed.join(', ') : 'nothing';
  return `${layer} may not import ${other} (may import: ${list})`;
}

function layerOf(path: string): Layer | undefined {
  const [top, layer, file] = path.split('/');
  const known = top === 'src' && layer !== undefined && file !== undefined && layer in LAYERS;
  return known ? (layer as Layer) : undefined; // `in LAYERS` has just been checked
}
