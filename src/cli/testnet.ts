// `farb testnet`: the local exchanges, until interrupted.
import { Command } from 'commander';
import { serveTestnet } from '../app/testnet-serve.ts';
import { type Decimal, tryDecimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { hourMs } from '../base/time.ts';
import {
  aborted,
  interruptedCode,
  type LogLevel,
  logLevels,
  makeLog,
  onInterrupt,
  printJson,
  printText,
} from './io.ts';
import { numberOf, oneOf, seedBounds, speedBounds, timeOf } from './options.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly venues?: string;
  readonly accounts?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly data?: string;
  readonly from?: number;
  readonly speed?: number;
  readonly seed: number;
  readonly faults?: string;
  readonly coins?: Readonly<Record<string, Decimal>>;
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
  readonly log: LogLevel;
  readonly exitWithParent?: boolean;
  readonly json?: boolean;
}

export function testnetCommand(finish: Finish): Command {
  return new Command('testnet')
    .description('Serves the local exchanges over HTTP and WebSocket, one port per venue.')
    .option('--venues <list>', 'which, in this order: binance,okx,bybit; hyperliquid on request')
    .option('--accounts <list>', 'further accounts, like binance-b=binance', accountsIn)
    .option('--port <n>', 'first port; the next venues take n+1, n+2 (default: free ports)', (t) =>
      numberOf('--port', { min: 1, max: 65_535, integer: true })(t),
    )
    .option('--data <dir>', 'replay recorded history instead of the seeded market')
    .option('--from <time>', 'where the history starts (UTC)', timeOf('--from'))
    .option('--speed <n>', 'venue seconds per wall second', numberOf('--speed', speedBounds))
    .option('--seed <n>', 'seed of the market', numberOf('--seed', seedBounds), 7)
    .option('--coins <list>', 'margin of inverse contracts: BTC=1,ETH=20 per venue', coinsOf)
    .option('--faults <file>', 'faults to inject, see docs/testnet.md')
    .option('--key <k>', 'API key that clients must use', 'k')
    .option('--secret <s>', 'API secret', 's')
    .option('--passphrase <p>', 'API passphrase (OKX)', 'p')
    .option(
      '--log <level>',
      'debug, info, warn, error or silent',
      oneOf('--log', logLevels),
      'warn',
    )
    .option('--exit-with-parent', 'stop when stdin closes')
    .option('--json', 'print one JSON line once all venues are ready')
    .addHelpText('after', '\nExample:\n  farb testnet --json --speed 60 > testnet.json')
    .action(async (options: Options) => finish(await testnet(options)));
}

async function testnet(options: Options): Promise<number> {
  if (options.from !== undefined && options.data === undefined) {
    throw new UserError('--from needs --data DIR');
  }
  // A Ctrl-C at the terminal reaches the parent too, which still needs us to close its positions.
  const interrupt = options.exitWithParent === true ? untilStdinCloses() : onInterrupt();
  const log = makeLog(options.log, null);
  const { key, secret, passphrase } = options;
  const served = await serveTestnet({
    ...(options.venues === undefined ? {} : { venues: options.venues.split(',') }),
    ...(options.accounts === undefined ? {} : { accounts: options.accounts }),
    port: options.port ?? null,
    dataDir: options.data ?? null,
    fromMs: options.from ?? null,
    speed: options.speed ?? null,
    seed: options.seed,
    faultsFile: options.faults ?? null,
    coins: options.coins ?? {},
    credentials: { key, secret, passphrase },
    exitWithParent: options.exitWithParent === true,
    log: (message, fields) => log.info(fields ?? {}, message),
  });
  const description = served.describe();
  if (options.json === true) printJson(description);
  else printText(describe(description));
  await Promise.race([served.stopped, aborted(interrupt)]);
  await served.stop();
  return interrupt.aborted ? interruptedCode : 0;
}

/** `BTC=1,ETH=20` -> amounts by asset. */
function coinsOf(text: string): Readonly<Record<string, Decimal>> {
  const pairs = text
    .split(',')
    .map((part) => /^([A-Z0-9]{1,20})=(\d+(?:\.\d+)?)$/.exec(part.trim()));
  const coins: Record<string, Decimal> = {};
  for (const pair of pairs) {
    const amount = pair === null ? null : tryDecimal(pair[2] ?? '');
    if (pair === null || amount === null) {
      throw new UserError(`--coins ${text}: write amounts by coin like BTC=1,ETH=20`);
    }
    coins[pair[1] ?? ''] = amount;
  }
  return coins;
}

function accountsIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((entry) => {
      const [account = '', venue = ''] = entry.split('=');
      if (account === '' || venue === '') {
        throw new UserError(`--accounts ${text}: write ACCOUNT=VENUE, like binance-b=binance`);
      }
      return [account, venue];
    }),
  );
}

function untilStdinCloses(): AbortSignal {
  process.on('SIGINT', () => undefined);
  return new AbortController().signal;
}

type Description = ReturnType<Awaited<ReturnType<typeof serveTestnet>>['describe']>;

function describe(description: Description): string {
  const { venues, speed, seed, market, labels } = description;
  const wall =
    speed === 1 ? 'real time' : `1 venue hour in ${(hourMs / speed / 1_000).toFixed(1)} s`;
  return [
    `local exchanges, ${market} market, seed ${seed}, speed ${speed} (${wall})`,
    ...Object.entries(venues).map(([venue, { http, ws }]) => `  ${venue.padEnd(8)} ${http}  ${ws}`),
    `  key ${description.key}  secret ${description.secret}  passphrase ${description.passphrase}`,
    ...labels.map(({ text }) => `  * ${text}`),
    'Ctrl-C stops them.',
  ].join('\n');
}
