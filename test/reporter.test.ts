// The closing line of a test run is what people and scripts believe, so it is tried on whole runs:
// no run that was not green may look green.
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, removeCheckout, start, writeIn } from './support/checkout.ts';

const CONFIG = `
import { ClosingReporter } from ${JSON.stringify(join(ROOT, 'test/support/reporter.ts'))};
export default { test: { include: ['*.test.ts'], reporters: ['default', new ClosingReporter()] } };
`;

type Case = { readonly name: string; readonly text: string; readonly code: number } & {
  readonly last: string;
  readonly says?: string;
};

const CASES: readonly Case[] = [
  {
    name: 'passed and skipped with a reason',
    text: "it('a', () => {}); it('b', (ctx) => ctx.skip('no data here'));",
    code: 0,
    last: '1 passed, 0 failed, 1 skipped',
    says: 'SKIPPED case.test.ts > b: no data here',
  },
  {
    name: 'skipped without a reason says so',
    text: "it('a', () => {}); it.skip('b', () => {});",
    code: 0,
    last: '1 passed, 0 failed, 1 skipped',
    says: "SKIPPED case.test.ts > b: no reason given: say it with ctx.skip('why')",
  },
  {
    name: 'a failure',
    text: "it('a', () => {}); it('b', () => { throw new Error('x'); });",
    code: 1,
    last: '1 passed, 1 failed',
  },
  {
    name: 'a file that does not load',
    text: "import './nowhere.ts'; it('a', () => {});",
    code: 1,
    last: '0 passed, 1 failed',
  },
  {
    name: 'an error outside every test',
    text: "it('a', async () => { setTimeout(() => { throw new Error('x'); }); await sleep(50); });",
    code: 1,
    last: '1 passed, 1 failed',
  },
  {
    name: 'a hook that fails',
    text: "it('a', () => {}); afterAll(() => { throw new Error('x'); });",
    code: 1,
    last: '1 passed, 1 failed',
  },
  {
    name: 'a worker that dies',
    text: "it('a', () => process.kill(process.pid, 'SIGKILL'));",
    code: 1,
    last: '0 passed, 2 failed',
  },
  {
    name: 'nothing that ran',
    text: "it('a', (ctx) => ctx.skip('why'));",
    code: 1,
    last: '0 passed, 0 failed, 1 skipped',
    says: 'no test ran',
  },
];

describe('the closing line after', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'farb-reporter-'));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    writeIn(root, 'vitest.config.ts', CONFIG);
  });
  afterAll(() => removeCheckout(root));

  const run = (args: readonly string[]) => {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    return start(process.execPath, [vitest, 'run', ...args], { cwd: root }).ended;
  };

  it.each(CASES)('$name', async ({ text, code, last, says = '' }) => {
    const head = `import { afterAll, it } from 'vitest';
      import { setTimeout as sleep } from 'node:timers/promises';\n`;
    writeIn(root, 'case.test.ts', head + text);
    const ended = await run([]);
    expect(ended.code, ended.stdout + ended.stderr).toBe(code);
    expect(ended.stdout.trimEnd().split('\n').at(-1)).toBe(last);
    expect(ended.stdout + ended.stderr).toContain(says);
  });

  it('no test file at all', async () => {
    const ended = await run(['nowhere']);
    expect(ended).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/\n0 passed, 0 failed\n$/),
    });
    expect(ended.stderr).toContain('no test ran');
  });
});
