// The house rules that neither the compiler nor the linter states, as pure functions over a file's
// path and text. Every message says what to do instead.
import { isTest, layerProblems, type Problem, packageOf } from './tidy-layers.ts';
import { importsOf, lineAt, type Scanned, scan } from './tidy-scan.ts';

export const FILE_LINES_MAX = 400;
export const LINE_COLUMNS_MAX = 100;

/** Files that may be longer, and why splitting them would be worse. */
export const LONG_FILES: Readonly<Record<string, { readonly linesMax: number; why: string }>> = {};

export type Context = {
  /** Packages that an installed farb has: package.json's dependencies. */
  readonly dependencies: readonly string[];
};

/** All findings in one file, as "path:line message", in the order of its lines. */
export function tidy(path: string, text: string, context: Context): readonly string[] {
  const problems: Problem[] = [...machineProblems(path, text)];
  if (/\.(ts|tsx|mts|mjs|js)$/.test(path)) {
    const scanned = scan(text);
    problems.push(
      ...layerProblems(path, text, scanned),
      ...dependencyProblems(path, text, scanned, context),
      ...sizeProblems(path, text),
      ...syntaxProblems(path, scanned),
      ...noteProblems(scanned),
    );
  }
  return problems
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, message }) => `${path}:${lineAt(text, at)} ${message}`);
}

/** What who writes tests has: peers of the package, optional, for `funding-rate-arb/testing`. */
const testPeers: readonly string[] = ['vitest', 'fast-check'];

function dependencyProblems(
  path: string,
  text: string,
  scanned: Scanned,
  { dependencies }: Context,
): readonly Problem[] {
  if (!path.startsWith('src/') || isTest(path)) return [];
  return importsOf(text, scanned).flatMap(({ specifier, at }) => {
    const name = packageOf(specifier);
    if (name === undefined || dependencies.includes(name)) return [];
    if (path.startsWith('src/testing/') && testPeers.includes(name)) return [];
    return [{ at, message: `${name} is not among package.json's dependencies: users lack it` }];
  });
}

function sizeProblems(path: string, text: string): readonly Problem[] {
  const problems: Problem[] = [];
  const lines = text.split('\n');
  const linesMax = LONG_FILES[path]?.linesMax ?? FILE_LINES_MAX;
  const count = text.endsWith('\n') ? lines.length - 1 : lines.length;
  if (count > linesMax) {
    const message = `${count} lines, more than ${linesMax}: split it, a file is one idea`;
    problems.push({ at: 0, message });
  }
  let at = 0;
  for (const line of lines) {
    // An address cannot be broken.
    if (line.length > LINE_COLUMNS_MAX && !/https?:\/\//.test(line)) {
      problems.push({ at, message: `${line.length} columns, more than ${LINE_COLUMNS_MAX}` });
    }
    at += line.length + 1;
  }
  return problems;
}

/** What runs for every frame, record or order. */
const HOT_LAYERS =
  /^src\/(?:base|domain|strategy|risk|execution|history|venues|engine|sim|backtest|io|store)\//;

type SyntaxRule = {
  readonly pattern: RegExp;
  readonly message: string;
  readonly applies?: (path: string) => boolean;
};

const SYNTAX_RULES: readonly SyntaxRule[] = [
  {
    pattern: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g,
    message: 'default export: give it a name, so that it is called the same everywhere',
    applies: (path) => path !== 'vitest.config.ts', // the tool asks for one
  },
  {
    pattern: /(?:[:<|&]|=>|\bas|\bsatisfies|\bextends)\s*any\b(?!\s*[(.])|\bany\s*(?:\[\]|>)/g,
    message: 'any: say what it is, or take unknown and narrow it',
  },
  {
    pattern: /^[ \t]*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+[A-Za-z_$]/gm,
    message: 'enum: write a union of string literals',
  },
  {
    pattern: /^[ \t]*(?:export\s+)?(?:declare\s+)?(?:namespace|module)\s+[A-Za-z_$][\w$.]*\s*\{/gm,
    message: 'namespace: a file is the namespace',
  },
  {
    pattern: /\.\.\.\{/g,
    message: 'spread of a literal: write its keys out, V8 takes microseconds for it',
    applies: (path) => HOT_LAYERS.test(path) && !isTest(path),
  },
  {
    pattern: /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf)\b/g,
    message: "skip inside the test and say why: ctx.skip(condition, 'why')",
    applies: isTest,
  },
];

function syntaxProblems(path: string, { code }: Scanned): readonly Problem[] {
  return SYNTAX_RULES.flatMap(({ pattern, message, applies }) => {
    if (applies !== undefined && !applies(path)) return [];
    return [...code.matchAll(pattern)].map((match) => ({ at: match.index, message }));
  });
}

// Put together from pieces, so that this file does not contain what it looks for.
const UNFINISHED = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'];
const NOTE = new RegExp(`\\b(?:${UNFINISHED.join('|')})\\b(?!\\(docs/decisions/\\d{4}-)`, 'g');

function noteProblems({ comments }: Scanned): readonly Problem[] {
  return [...comments.matchAll(NOTE)].map(({ 0: note, index }) => ({
    at: index,
    message: `${note} without a decision: do it, or write ${note}(docs/decisions/NNNN-title.md)`,
  }));
}

const MACHINE_PATH = new RegExp(
  ['(?<![\\w.:/-])/(?:work|root|home/\\w+|Users/\\w+)/', '\\b[A-Z]:\\\\Users\\\\'].join('|'),
  'g',
);
const REGISTRIES = ['npmjs', 'yarnpkg', 'pypi', 'crates', 'pythonhosted', 'proxy\\.golang'];
const REGISTRY_HOST = new RegExp(
  `\\b(?:registry(?:\\.[\\w-]+)+|(?:[\\w-]+\\.)*(?:${REGISTRIES.join('|')}))\\.(?:org|com|io)\\b`,
  'g',
);

/** What must not be in any tracked text: paths of one machine, hosts of package registries. */
function machineProblems(path: string, text: string): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { 0: found, index } of text.matchAll(MACHINE_PATH)) {
    problems.push({ at: index, message: `path of one machine (${found}): make it relative` });
  }
  for (const { 0: found, index } of text.matchAll(REGISTRY_HOST)) {
    problems.push({ at: index, message: `host of a package registry (${found}): leave it out` });
  }
  if (/(^|\/)package-lock\.json$/.test(path)) {
    for (const { index } of text.matchAll(/"resolved":/g)) {
      const message = '"resolved" names a host: install with the .npmrc of this repository';
      problems.push({ at: index, message });
    }
  }
  return problems;
}
