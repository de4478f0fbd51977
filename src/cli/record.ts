// `farb record`: raw frames with receive times into rotated gzip files.
import { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import { defaultConfigDir } from '../app/config-places.ts';
import { record } from '../app/record.ts';
import { readTestnetFile } from '../app/testnet-file.ts';
import { interruptedCode, makeLog, note, onInterrupt, printJson, printText } from './io.ts';
import { durationOf, numberOf } from './options.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly out: string;
  readonly config?: string;
  readonly testnet?: string;
  readonly for?: number;
  readonly rotate?: number;
  readonly rotateMb?: number;
  readonly json?: boolean;
}

export function recordCommand(finish: Finish): Command {
  return new Command('record')
    .description('Stores the public frames of the native venues with their receive times.')
    .requiredOption('--out <dir>', 'where the files go: frames-TIME-N.jsonl.gz')
    .option('--config <dir>', 'configuration (default: ./config, else the shipped one)')
    .option('--testnet <file>', 'record the local exchanges')
    .option('--for <duration>', 'how long; default: until interrupted', durationOf('--for'))
    .option('--rotate <duration>', 'a new file after so long (1h)', durationOf('--rotate'))
    .option(
      '--rotate-mb <n>',
      'a new file after so much, before compression (256)',
      numberOf('--rotate-mb', { min: 1, max: 100_000 }),
    )
    .option('--json', 'print one JSON document at the end')
    .addHelpText('after', '\nExample:\n  farb record --out ./frames --for 1h')
    .action(async (options: Options) => finish(await run(options)));
}

async function run(options: Options): Promise<number> {
  const stop = onInterrupt();
  const live = process.stderr.isTTY === true;
  const result = await record({
    config: loadConfig(options.config ?? defaultConfigDir(), process.env),
    testnet: options.testnet === undefined ? null : readTestnetFile(options.testnet),
    dir: options.out,
    forMs: options.for ?? null,
    stop,
    log: makeLog('warn', null),
    ...(options.rotate === undefined ? {} : { fileMsMax: options.rotate }),
    ...(options.rotateMb === undefined ? {} : { fileBytesMax: options.rotateMb * 1_048_576 }),
    progress: ({ frames, bytes, dropped }) => {
      const mb = (bytes / 1_048_576).toFixed(1);
      if (live) process.stderr.write(`\r${frames} frames, ${mb} MB, ${dropped} dropped `);
    },
  });
  if (live) note('');
  if (options.json === true) printJson(result);
  else printText(`${result.frames} frames, ${result.dropped} dropped\n${result.files.join('\n')}`);
  return stop.aborted ? interruptedCode : 0;
}
