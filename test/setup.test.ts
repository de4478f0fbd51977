// What a user meets before the program runs: installation, compilation, the lock between processes,
// signals and arguments, tried with real processes.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installStamp, lockPath } from '../scripts/lib/install.mjs';
import { withLock } from '../scripts/lib/mutex.mjs';
import { NODE_FLOOR, nodeVersionProblem } from '../scripts/lib/node-version.mjs';
import { makeCheckout, ROOT, removeCheckout, start, stopAll, writeIn } from './support/checkout.ts';

const jobNames =
  'start, test, bench, check, build, kills, soak, profile, bench-check, simulate-long, notebooks';
const MUTEX = pathToFileURL(join(ROOT, 'scripts', 'lib', 'mutex.mjs')).href;
const RUN = ['scripts/run.mjs'];

let root: string;
beforeAll(() => {
  root = makeCheckout();
});
afterAll(() => {
  stopAll();
  removeCheckout(root);
});

const node = (args: readonly string[], env: Record<string, string> = {}) =>
  start(process.execPath, args, { cwd: root, env });
const script = (text: string) =>
  node(['--input-type=module', '-e', `import { withLock } from '${MUTEX}';\n${text}`]);

describe('Node version', () => {
  it.each([
    ['20.19.0', null],
    ['20.20.2', null],
    ['22.0.0', null],
    ['20.18.9', 'farb needs Node 20.19.0 or newer, this is Node 20.18.9'],
    ['8.17.0', 'farb needs Node 20.19.0 or newer, this is Node 8.17.0'],
  ])('%s', (version, says) => {
    if (says === null) expect(nodeVersionProblem(version)).toBeNull();
    else expect(nodeVersionProblem(version)).toContain(says);
  });

  it('the floor is the one of package.json', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(engines.node).toBe(`>=${NODE_FLOOR.join('.')}.0`);
  });

  it.each(['scripts/run.mjs', 'bin/farb.mjs'])('%s ends with one line and code 2', async (path) => {
    const pretend = "Object.defineProperty(process.versions, 'node', { value: '18.1.0' });";
    const url = pathToFileURL(join(root, path)).href;
    const run = node(['--input-type=module', '-e', `${pretend} await import('${url}');`]);
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^farb needs Node 20\.19\.0 or newer, this is Node 18\.1\.0: .*\n$/);
  });
});

describe('the lock', () => {
  const path = () => join(root, 'a.lock');

  it('lets one process in at a time', async () => {
    const work = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout as sleep } from 'node:timers/promises';
      for (let i = 0; i < 8; i++) {
        await withLock('a.lock', async () => {
          appendFileSync('log', 'in ' + process.pid + '\\n');
          await sleep(3);
          appendFileSync('log', 'out ' + process.pid + '\\n');
        });
      }`;
    const runs = await Promise.all([0, 1, 2].map(() => script(work).ended));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      runs.map(() => ({ code: 0, stderr: '' })),
    );
    const lines = readFileSync(join(root, 'log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3 * 8 * 2);
    for (let i = 0; i < lines.length; i += 2) {
      expect(lines[i + 1]).toBe(lines[i]?.replace('in', 'out'));
    }
    expect(readdirSync(root).filter((name) => name.startsWith('a.lock'))).toEqual([]);
  });

  it('of a killed process is broken', async () => {
    const hold = "await withLock('a.lock', () => new Promise((r) => setTimeout(r, 1e6, f())));";
    const owner = script(`const f = () => console.log('held');\n${hold}`);
    await owner.printed('held');
    const waiter = script("await withLock('a.lock', async () => {});");
    owner.child.kill('SIGKILL');
    expect(await waiter.ended).toMatchObject({ code: 0 });
    await owner.ended;
  });

  it('of a live process is waited for, and the wait has an end', async () => {
    const waitedFor: number[] = [];
    const options = { onWait: (pid: number) => waitedFor.push(pid), waitMsMax: 150 };
    await withLock(path(), async () => {
      const second = withLock(path(), async () => {}, options);
      await expect(second).rejects.toThrow(`process ${process.pid} holds ${path()} for too long`);
    });
    expect(waitedFor).toEqual([process.pid]);
    await withLock(path(), async () => {});
  });

  it('of an earlier process with the same pid is broken', async (ctx) => {
    ctx.skip(!existsSync('/proc/self/stat'), 'this system does not say when a process began');
    writeIn(path(), `owner-${process.pid}-1-00`, '');
    await withLock(path(), async () => {}, { waitMsMax: 2_000 });
  });

  it('is free again after its work threw', async () => {
    const failing = withLock(path(), () => Promise.reject(new Error('work')));
    await expect(failing).rejects.toThrow('work');
    expect(existsSync(path())).toBe(false);
  });

  it('sweeps away what a killed waiter left', async () => {
    const left = `${path()}.owner-999999999-1-00`;
    mkdirSync(left);
    await withLock(path(), async () => {});
    expect(existsSync(left)).toBe(false);
  });
});

describe('the stamp of an installation', () => {
  const host = { node: '20.19.0', platform: 'linux', arch: 'x64' };

  it.each([
    [
      "another Node of the same major version doesn't change it",
      { ...host, node: '20.20.1' },
      true,
    ],
    ['another major version changes it', { ...host, node: '22.1.0' }, false],
    ['another platform changes it', { ...host, platform: 'darwin' }, false],
    ['another processor changes it', { ...host, arch: 'arm64' }, false],
  ])('%s', (_, other, same) => {
    expect(installStamp(root, other) === installStamp(root, host)).toBe(same);
  });

  it('another lock file changes it', () => {
    expect(installStamp(root, host)).not.toBe(installStamp(ROOT, host));
  });
});

describe('a fresh clone', () => {
  const npm = (args: readonly string[]) =>
    start('npm', args, {
      cwd: root,
      env: { NODE_ENV: 'production', npm_config_ignore_scripts: 'true', npm_config_omit: 'dev' },
    });
  const lines = (text: string, what: string) => text.split(what).length - 1;

  it('installs and compiles once when started twice at the same time', async () => {
    const args = ['start', '--silent', '--', '--for', '90s', '--json'];
    const runs = await Promise.all([npm(args).ended, npm(args).ended]);
    const said = runs.map(({ stderr }) => stderr).join('');
    for (const { code, stdout } of runs) {
      expect({ code, stdout }, said).toEqual({
        code: 0,
        stdout: '["demo","--for","90s","--json"]\n',
      });
    }
    expect(lines(said, 'installing packages')).toBe(1);
    expect(lines(said, 'compiling the sources')).toBe(1);
    expect(existsSync(lockPath(root))).toBe(false);
  });

  it('then starts without a word', async () => {
    expect(await node([...RUN, 'start']).ended).toEqual({
      code: 0,
      stdout: '["demo"]\n',
      stderr: '',
    });
    expect(await node(['bin/farb.mjs', 'scan', '--top', '3']).ended).toEqual({
      code: 0,
      stdout: '["scan","--top","3"]\n',
      stderr: '',
    });
  });

  it('runs the tests with their arguments, their exit code and no NODE_ENV', async () => {
    const { code, stdout } = await npm(['test', '--silent', '--', 'src/base']).ended;
    expect({ code, ...JSON.parse(stdout) }).toEqual({
      code: 3,
      args: ['run', '--allowOnly=false', 'src/base'],
      nodeEnv: null,
    });
  });

  it('leaves a tree alone that npm itself has installed', async () => {
    removeCheckout(join(root, 'node_modules', '.farb-stamp'));
    expect((await node([...RUN, 'build']).ended).stderr).toBe('');
  });

  it('installs again when a package is missing', async () => {
    removeCheckout(join(root, 'node_modules', 'vitest'));
    removeCheckout(join(root, 'node_modules', '.farb-stamp'));
    expect((await node([...RUN, 'build']).ended).stderr).toContain('installing packages');
  });

  it('an unknown job is wrong usage', async () => {
    const { code, stderr } = await node([...RUN, 'dance']).ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `farb: unknown job "dance": one of ${jobNames}\n`,
    });
  });
});

describe('a running job', () => {
  it.each([
    ['SIGTERM', 7],
    ['SIGINT', 8],
  ] as const)('gets %s and its exit code is ours', async (signal, code) => {
    const job = node([...RUN, 'start', '--hold']);
    await job.printed('--hold');
    job.child.kill(signal);
    expect(await job.ended).toMatchObject({ code });
  });

  it('is not orphaned when npm is told to end', async () => {
    const job = start('npm', ['start', '--', '--hold'], { cwd: root });
    await job.printed('"--hold"');
    job.child.kill('SIGTERM');
    // "close" comes when the last holder of the pipes is gone: the job itself.
    await job.ended;
  });

  it('that is killed reports 128 + the signal', async () => {
    writeIn(root, 'src/cli/main.ts', "process.kill(process.pid, 'SIGKILL');");
    expect(await node([...RUN, 'start']).ended).toMatchObject({ code: 137 });
  });
});

describe('compilation', () => {
  const main = (text: string) => writeIn(root, 'src/cli/main.ts', text);
  beforeEach(async () => {
    main('console.log(1);');
    await node([...RUN, 'build']).ended;
  });

  it('runs again when a source changed, not when a test did', async () => {
    writeIn(root, 'src/cli/main.test.ts', 'changed');
    expect((await node([...RUN, 'build']).ended).stderr).toBe('');
    main('console.log(2);');
    expect(await node(['bin/farb.mjs']).ended).toMatchObject({ code: 0, stdout: '2\n' });
  });

  it('that is interrupted says so and leaves the lock free', async () => {
    const compiler = 'fake/typescript/bin/tsc';
    const text = readFileSync(join(root, compiler), 'utf8');
    writeIn(root, compiler, 'console.log("slow"); setTimeout(() => {}, 20_000);');
    main('changed');
    const job = node([...RUN, 'build']);
    await job.said('slow');
    job.child.kill('SIGINT');
    const { code, stderr } = await job.ended;
    writeIn(root, compiler, text);
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({
      code: 130,
      last: 'farb: set-up interrupted by SIGINT',
    });
    expect(existsSync(lockPath(root))).toBe(false);
  });

  it('that fails keeps the old program, with code 1 and no half-written files', async () => {
    main('mistake');
    const { code, stdout, stderr } = await node(['bin/farb.mjs']).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('main.ts(1,1): error');
    expect(stderr).toContain('farb: src does not compile');
    expect(readFileSync(join(root, 'dist', 'cli', 'main.js'), 'utf8')).toBe('console.log(1);');
    expect(existsSync(join(root, 'dist.new'))).toBe(false);
  });
});
