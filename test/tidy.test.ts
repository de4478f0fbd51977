// Lints the repository itself: the import table, the bans above the I/O line and the house rules.
// Each rule is first shown to fire on a snippet that breaks it, so that a rule cannot rot silently.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ABOVE_THE_LINE, LAYERS, PACKAGES_ABOVE_THE_LINE } from './support/tidy-layers.ts';
import { FILE_LINES_MAX, LONG_FILES, tidy } from './support/tidy-rules.ts';
import { importsOf, scan } from './support/tidy-scan.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const CONTEXT = { dependencies: Object.keys(MANIFEST.dependencies) };

// Assembled, so that this file does not itself contain what it forbids.
const host = (...labels: readonly string[]) => labels.join('.');
const path = (...parts: readonly string[]) => ['', ...parts].join('/');
const note = ['TO', 'DO'].join('');

type Bad = { readonly path: string; readonly text: string; readonly says: string };

const BAD: readonly Bad[] = [
  // Imports between layers.
  bad('src/base/x.ts', "import { a } from '../domain/y.ts';", '1 base may not import domain (may'),
  bad('src/domain/x.ts', "import type { A } from '../sim/y.ts';", 'domain may not import sim'),
  bad('src/strategy/x.ts', "export { a } from '../risk/y.ts';", 'strategy may not import risk'),
  bad('src/venues/okx/x.ts', "import '../../io/y.ts';", 'venues may not import io'),
  bad('src/engine/x.ts', "type A = import('../sim/y.ts').A;", 'engine may not import sim'),
  bad('src/sim/x.ts', "import { a } from '../venues/y.ts';", 'sim may not import venues'),
  bad('src/api/x.ts', "const a = await import('../app/y.ts');", 'api may not import app'),
  bad('src/app/x.ts', "import { a } from '../cli/y.ts';", 'app may not import cli'),
  bad(
    'src/cli/x.ts',
    "import { a } from '../io/y.ts';",
    'cli may not import io (may import: app, base, domain, api)',
  ),
  bad('src/io/x.ts', "import {\n  a,\n  b,\n} from '../store/y.ts';", '4 io may not import store'),
  bad(
    'src/app/x.ts',
    "import { a } from '../odd/y.ts';",
    'imports src/odd/y.ts, which stands in no',
  ),
  bad('src/app/x.ts', "import { a } from '../../test/y.ts';", 'imports the test file test/y.ts'),
  bad(
    'src/app/x.ts',
    "import { a } from './y.test.ts';",
    'imports the test file src/app/y.test.ts',
  ),
  bad('src/app/x.ts', "import { a } from './y.js';", 'import "./y.js" must end in .ts'),
  bad(
    'src/odd/x.ts',
    'export const a = 1;',
    'stands in no layer: move it into one of base, domain',
  ),
  bad('src/x.ts', 'export const a = 1;', 'stands in no layer'),
  // Packages.
  bad('src/domain/x.ts', "import { z } from 'zod';", 'domain may not import the package zod'),
  bad('src/base/x.ts', "import ws from 'ws';", 'ws (allowed: @noble/hashes)'),
  bad('src/io/x.ts', "import ccxt from 'ccxt';", "ccxt is not among package.json's dependencies"),
  // Above the I/O line.
  bad(
    'src/base/x.ts',
    "import { join } from 'node:path';",
    'node:path is banned above the I/O line',
  ),
  bad(
    'src/sim/x.ts',
    'const t = new Date();',
    'Date is banned above the I/O line: take tsMs from the',
  ),
  bad('src/sim/x.ts', 'const t = Date.now();', 'take tsMs from the event'),
  bad('src/sim/x.ts', 'const r = Math.random();', 'take a seeded generator of base/prng'),
  bad('src/engine/x.ts', 'setTimeout(f, 1);', 'emit the effect set-timer'),
  bad('src/engine/x.ts', 'setInterval(f, 1);', 'emit the effect set-timer'),
  bad('src/engine/x.ts', 'setImmediate(f);', 'emit the effect set-timer'),
  bad('src/engine/x.ts', 'queueMicrotask(f);', 'emit the effect set-timer'),
  bad('src/risk/x.ts', "console.log('x');", 'console is banned above the I/O line: emit an alert'),
  bad('src/venues/x.ts', 'async function f() {}', 'async is banned above the I/O line: stay sync'),
  bad('src/venues/x.ts', 'for await (const a of b) f(a);', 'await is banned'),
  bad('src/venues/x.ts', 'function f(): Promise<void> {}', 'Promise is banned'),
  bad(
    'src/execution/x.ts',
    'const id = crypto.randomUUID();',
    'derive the id from run, seq and leg',
  ),
  bad('src/execution/x.ts', 'crypto.getRandomValues(a);', 'derive the id from run, seq and leg'),
  bad('src/backtest/x.ts', 'const t = performance.now();', 'take wallMs from the record'),
  bad('src/analytics/x.ts', 'const a = process.env;', 'have the I/O layers do it'),
  bad('src/analytics/x.ts', "fetch('x');", 'have the I/O layers do it'),
  bad('src/domain/x.ts', 'const a = `${Date.now()}`;', 'Date is banned above the I/O line'),
  // House rules.
  bad('src/app/x.ts', 'export default 1;', 'default export: give it a name'),
  bad('src/app/x.ts', 'export { a as default };', 'default export: give it a name'),
  bad('src/app/x.ts', 'const a: any = 1;', 'any: say what it is'),
  bad('src/app/x.ts', 'const a = b as any;', 'any: say what it is'),
  bad('test/x.test.ts', 'const a = new Map<string, any>();', 'any: say what it is'),
  bad('src/app/x.ts', 'function f(a: readonly any[]) {}', 'any: say what it is'),
  bad('src/engine/x.ts', 'const a = { ...{ b: 1 }, c: 2 };', 'spread of a literal: write its keys'),
  bad('src/app/x.ts', 'export const enum Side { Buy }', 'enum: write a union'),
  bad('src/app/x.ts', 'declare enum Side { Buy }', 'enum: write a union'),
  bad('src/app/x.ts', 'export namespace A.B {}', 'namespace: a file is the namespace'),
  bad('test/x.test.ts', "it.skip('a', f);", 'skip inside the test and say why'),
  bad('test/x.test.ts', "describe.skipIf(a)('a', f);", 'skip inside the test and say why'),
  bad('src/app/x.test.ts', "it.concurrent.only('a', f);", 'skip inside the test and say why'),
  bad('src/app/x.ts', `// ${note}: later`, `${note} without a decision: do it`),
  bad('scripts/x.mjs', `/*\n * ${note}(me) */`, `2 ${note} without a decision`),
  bad('src/app/x.ts', `const a = 1; // ${'x'.repeat(100)}`, '116 columns, more than 100'),
  bad('bench/x.ts', 'f();\n'.repeat(FILE_LINES_MAX + 1), '401 lines, more than 400: split it'),
  bad('docs/x.md', `see ${path('work', 'main')}/x`, 'path of one machine'),
  bad('docs/x.md', `cd ${path('home', 'ada', 'farb')}`, 'path of one machine'),
  bad('README.md', `from ${host('registry', 'npmjs', 'org')}`, 'host of a package registry'),
  bad('x.yaml', `https://${host('files', 'pythonhosted', 'org')}/x`, 'host of a package registry'),
  bad('x.sh', `https://${host('proxy', 'golang', 'org')}`, 'host of a package registry'),
  bad('x.sh', `curl ${host('crates', 'io')}`, 'host of a package registry'),
  bad('package-lock.json', '{ "resolved": "x" }', '"resolved" names a host'),
  bad('research/package-lock.json', '{ "resolved": "x" }', '"resolved" names a host'),
];

const GOOD: readonly (readonly [path: string, text: string])[] = [
  ['src/engine/x.ts', "import { a } from '../risk/y.ts';\nimport { b } from './sub/y.ts';"],
  ['src/base/x.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
  ['src/io/x.ts', "import { Agent } from 'undici';\nimport { join } from 'node:path';\nawait f();"],
  ['src/sim/x.test.ts', "import { a } from '../venues/y.ts';\nconst t = Date.now();"],
  [
    'src/sim/x.ts',
    '// Date, await, setTimeout and any in prose\n/* console.log(Date) */ const a = 1;',
  ],
  ['src/sim/x.ts', "const a = 'new Date()'; const b = `await ${a} Date`; const c = /Date'/;"],
  ['src/sim/x.ts', 'const a = b.Date; const c = { async: 1, Date: 2 }; const asyncOrders = 1;'],
  ['src/app/x.ts', 'const a = { ...{ b: 1 }, c: 2 };'],
  ['src/sim/x.test.ts', 'const a = { ...{ b: 1 }, c: 2 };'],
  ['src/sim/x.ts', 'const a = 6 / 2; const b = a / 3; // any: prose'],
  ['src/analytics/x.ts', 'const performance = metrics(any); const name = performance.name;'],
  ['src/app/x.ts', "const a = 'x: any'; expect.any(Number); const many = 1;"],
  ['src/app/x.ts', `// ${note}(docs/decisions/0007-why.md): when the desk asks`],
  ['src/app/x.ts', `const a = '${note}';`],
  ['src/app/x.ts', `// https://${'x'.repeat(100)}`],
  ['test/x.test.ts', "it('a', (ctx) => ctx.skip(!data, 'no data'));"],
  ['docs/x.md', 'the path ../shared/data, an address example.com/work/x, strategy/registry.ts'],
];

describe('the rules', () => {
  it.each(BAD)('$path: $text', ({ path, text, says }) => {
    const findings = tidy(path, text, CONTEXT);
    expect(findings.join('\n')).toContain(says);
    expect(findings).toHaveLength(1);
  });

  it.each(GOOD)('%s stands: %s', (path, text) => {
    expect(tidy(path, text, CONTEXT)).toEqual([]);
  });

  it('a finding names the file and the line', () => {
    const text = "import { b } from './y.ts';\n\nexport const a = Date.now();\n";
    expect(tidy('src/sim/x.ts', text, CONTEXT)).toEqual([
      'src/sim/x.ts:3 Date is banned above the I/O line: take tsMs from the event',
    ]);
  });

  it('the scanner keeps positions and sees past templates and regular expressions', () => {
    const text =
      "const a = `x ${f({ b: `y ${1}` })} 'z`; const r = /['/]`/g;\nimport { c } from './c.ts';\n";
    const scanned = scan(text);
    expect(scanned.code).toHaveLength(text.length);
    expect(importsOf(text, scanned).map(({ specifier }) => specifier)).toEqual(['./c.ts']);
  });

  it('the import table has no cycle and no unknown layer', () => {
    const order: string[] = [];
    for (const [layer, allowed] of Object.entries(LAYERS)) {
      for (const other of allowed) expect(order, `${layer} -> ${other}`).toContain(other);
      order.push(layer);
    }
    for (const layer of ABOVE_THE_LINE) {
      const below = LAYERS[layer].filter((other) => !ABOVE_THE_LINE.includes(other));
      expect(below, `${layer} stands above the I/O line`).toEqual([]);
    }
    for (const layer of Object.keys(PACKAGES_ABOVE_THE_LINE)) expect(order).toContain(layer);
  });
});

describe('the repository', () => {
  const files = textFiles();

  it('breaks no house rule', () => {
    const findings = files.flatMap(({ path, text }) => tidy(path, text, CONTEXT));
    expect(findings).toEqual([]);
  });

  it('lists as long only files that are', () => {
    for (const path of Object.keys(LONG_FILES)) {
      const lines = files.find((file) => file.path === path)?.text.split('\n').length ?? 0;
      expect(lines, path).toBeGreaterThan(FILE_LINES_MAX);
    }
  });

  it('pins every package and keeps the lock in step', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages[''];
    for (const kind of ['dependencies', 'devDependencies'] as const) {
      expect(lock[kind]).toEqual(MANIFEST[kind]);
      for (const version of Object.values(MANIFEST[kind])) expect(version).toMatch(/^\d+\.\d+\.\d/);
    }
    expect(lock.engines).toEqual(MANIFEST.engines);
  });

  it('type-checks, tests and scripts included', { timeout: 120_000 }, () => {
    expect(tool('typescript/bin/tsc', ['-p', 'tsconfig.json', '--pretty', 'false'])).toBe('');
  });

  it('is formatted and free of lint', { timeout: 120_000 }, () => {
    expect(tool('@biomejs/biome/bin/biome', ['ci', '--reporter=github'])).toBe('');
  });
});

function bad(path: string, text: string, says: string): Bad {
  return { path, text, says };
}

/** What a checker prints when it is not content; nothing when it is. */
function tool(script: string, args: readonly string[]): string {
  const command = [join(ROOT, 'node_modules', script), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? '' : `${stdout}${stderr}` || `exit code ${status}`;
}

/** The repository's text files: what git tracks or would, and without git what lies there. */
function textFiles(): readonly { readonly path: string; readonly text: string }[] {
  return listFiles()
    .filter((path) => existsSync(join(ROOT, path)))
    .map((path) => ({ path, bytes: readFileSync(join(ROOT, path)) }))
    .filter(({ bytes }) => !bytes.subarray(0, 8192).includes(0))
    .map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') }));
}

function listFiles(): readonly string[] {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })
      .split('\0')
      .filter(Boolean);
  } catch {
    return readdirSync(ROOT, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => !/^(node_modules|dist|\.git)\//.test(path));
  }
}
