// Wrong usage and configuration against the real command: exit 2, one line, nothing on stdout.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { farb, makeDirs, type Ran } from '../support/farb.ts';

const dirs = makeDirs();
afterAll(() => dirs.remove());

const commands = [
  ...['demo', 'start', 'testnet', 'status', 'halt', 'flatten', 'resume'],
  ...['scan', 'doctor', 'decode', 'replay', 'watchdog', 'data', 'funding'],
  'backtest',
  'sweep',
  'worker',
  'report',
];

function expectUsage(ran: Ran, ...says: readonly string[]): void {
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  const lines = ran.stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^farb: /);
  for (const text of says) expect(lines[0]).toContain(text);
}

describe('farb', () => {
  it('lists its commands', async () => {
    const ran = await farb(['--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    for (const name of commands) expect(ran.stdout).toContain(`  ${name} `);
  });

  it.each(commands)('%s --help has an example and --json', async (name) => {
    const ran = await farb([name, '--help']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/Example:\n.*farb /);
    expect(ran.stdout).toContain('--json');
  });

  it.each([
    [['nonsense'], 'no command "nonsense"'],
    [[], 'name a command'],
    [['demo', '--nonsense'], "unknown option '--nonsense'"],
    [['demo', '--for', 'ninety'], '--for ninety: write a duration like 90s'],
    [['demo', '--seed', '1.5'], '--seed 1.5: write a whole number'],
    [['demo', '--data', '/nowhere'], '--data /nowhere'],
    [['demo', '--from', '2024-02-28'], '--from needs --data'],
    [['start', '--mode', 'lvie'], '--mode lvie: write one of testnet, paper, live'],
    [['start', '--mode', 'live'], '--yes-trade-real-money'],
    [['start', '--config', '/nowhere'], '--config /nowhere: no such directory'],
    [['start', '--testnet', '/nowhere.json'], '--testnet /nowhere.json: cannot be read'],
    [['testnet', '--venues', 'kraken'], 'there is no venue "kraken"'],
    [['decode', 'kraken'], 'no venue "kraken"'],
    [['decode'], "missing required argument 'venue'"],
    [['scan', '--at', '2024-02-28'], '--at needs --data'],
    [['data'], 'name what to do: farb data import'],
    [['data', 'list', '/nowhere'], '/nowhere'],
    [['data', 'list', '.', '--kind', 'candles'], '--kind candles: write some of funding,bars'],
    [['funding', 'ledger', '--data', '.'], "required option '--positions <file>'"],
    [['funding', 'history', '--data', '/nowhere'], '/nowhere'],
    [['backtest'], '--data DIR: missing'],
    [['backtest', '--data', '.', '--recording', '.'], 'name one of them'],
    [['backtest', '--data', '.', '--compare', '.'], '--compare: needs --recording'],
    [['backtest', '--recording', '.'], 'no recording in it'],
    [['backtest', '--data', '/nowhere'], '/nowhere'],
    [['backtest', '--data', '.', '--set', 'x'], '--set x: write name=value'],
    [['sweep', '--data', '.', '--grid', '/nowhere.yaml'], '--grid /nowhere.yaml'],
    [['worker', '--redis', 'redis://127.0.0.1:1'], '--redis redis://127.0.0.1:1'],
    [['report', '/nowhere.json'], '/nowhere.json'],
    [['replay', '/nowhere/journal.farb'], '/nowhere/journal.farb: cannot be read'],
  ])('%j is wrong usage', async (args, says) => {
    expectUsage(await farb(args), says);
  });
});

describe('a wrong configuration', () => {
  it('names file, path, value and mend', async () => {
    const config = dirs.config([['main.yaml', 'answerMax: 1500ms', 'answerMax: soon']]);
    const ran = await farb(['start', '--config', config]);
    expectUsage(ran, `${config}/main.yaml: execution.answerMax`, '"soon"', '15s');
  });

  it('names the venues that there are', async () => {
    const config = dirs.config([['exchanges.yaml', '  bybit:', '  kraken:']]);
    const key = { BINANCE_KEY: 'k', BINANCE_SECRET: 's' };
    const env = { ...key, OKX_KEY: 'k', OKX_SECRET: 's', OKX_PASSPHRASE: 'p' };
    const args = ['start', '--config', config, '--mode', 'live', ...agreed];
    expectUsage(await farb(args, { env }), 'venues.kraken', 'Known: binance, okx, bybit');
  });

  it('names a missing key and how to set it, and repeats no other key', async () => {
    const env = { BINANCE_KEY: 'hunter2-key', BINANCE_SECRET: '' };
    const args = ['start', '--config', dirs.config(), '--mode', 'live', ...agreed];
    const ran = await farb(args, { env });
    expectUsage(ran, 'venues.binance.secret', 'BINANCE_SECRET');
    expect(ran.stderr).not.toContain('hunter2');
  });

  const agreed = ['--yes-trade-real-money'];
});

describe('places that cannot be used', () => {
  /** A testnet that nobody needs to reach: the checks come first. */
  function testnetFile(): string {
    const file = join(dirs.fresh('testnet'), 'testnet.json');
    const url = { http: 'http://127.0.0.1:9', ws: 'ws://127.0.0.1:9' };
    const clock = { wallStartMs: 1_795_000_000_000, venueStartMs: 1_767_000_000_000, speed: 1 };
    const keys = { key: 'k', secret: 's', passphrase: 'p', seed: 7, speed: 1 };
    writeFileSync(file, `${JSON.stringify({ venues: { okx: url }, ...keys, clock })}\n`);
    return file;
  }

  it('an unwritable state directory', async () => {
    const args = ['--config', dirs.config(), '--testnet', testnetFile()];
    const ran = await farb(['start', ...args, '--state', '/dev/null/state']);
    expectUsage(ran, '--state /dev/null/state: cannot be written', 'Name a directory');
  });

  it('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen({ host: '127.0.0.1', port: 0 }, done));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const config = dirs.config([['main.yaml', 'port: 0', `port: ${port}`]]);
    const args = ['--config', config, '--testnet', testnetFile(), '--state', dirs.fresh('state')];
    const ran = await farb(['start', ...args]);
    server.close();
    expectUsage(ran, `api.port: port ${port}`, 'is in use');
  });
});

describe('farb decode', () => {
  it('reports what it cannot read, and is no failure', async () => {
    const garbage = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x00, 0x0a]),
      Buffer.from('{"a":\n[1,2\nnull\n"x"\n123\n{"e":"depthUpdate"}\npong\n'),
    ]);
    for (const venue of ['binance', 'okx', 'bybit']) {
      const ran = await farb(['decode', venue], { input: garbage });
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const events = ran.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { kind: string });
      expect(events.length).toBeGreaterThanOrEqual(7);
      for (const { kind } of events) expect(kind).toMatch(/^(unrecognized|control|error)$/);
    }
  });

  it('reads one value over several lines', async () => {
    const input = '{\n "u": 1,\n "s": "BTCUSDT",\n "b": "1e2", "B": "2", "a": "101", "A": "3"\n}';
    const ran = await farb(['decode', 'binance', '--market', 'spot'], { input });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      kind: 'quote',
      instrument: 'binance:BTC-USDT-SPOT',
      bid: '100',
      askQty: '3',
    });
  });

  it('prints nothing for nothing', async () => {
    expect(await farb(['decode', 'okx'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('with no system running', () => {
  it('status says so and fails', async () => {
    const ran = await farb(['status', '--state', dirs.fresh('state')]);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^farb: no system runs on .*\n$/);
  });

  it('halt and resume mark the directory for the next start', async () => {
    const state = dirs.fresh('state');
    const halted = await farb(['halt', '--state', state, '--json']);
    expect(halted.code).toBe(0);
    expect(JSON.parse(halted.stdout)).toMatchObject({ halted: true, running: false });
    expect((await farb(['status', '--state', state])).stderr).toContain('marked halted');
    const resumed = await farb(['resume', '--state', state, '--json']);
    expect(JSON.parse(resumed.stdout)).toEqual({ halted: false, running: false });
    expect((await farb(['status', '--state', state])).stderr).not.toContain('marked halted');
  });
});
