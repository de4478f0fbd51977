// `farb worker`: runs parameter sets of sweeps that other machines started, over Redis.
import { Command } from 'commander';
import { runRedisWorker } from '../app/sweep-redis.ts';
import { note, onInterrupt, printJson, printText } from './io.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly redis: string;
  readonly json?: boolean;
}

/** Runs between two notes. */
const noteEvery = 100;

export function workerCommand(finish: Finish): Command {
  return new Command('worker')
    .description('Runs parameter sets of farb sweep --redis; start one per core, on any machine.')
    .requiredOption('--redis <url>', 'redis://host:port of the sweep')
    .option('--json', 'print one JSON document at the end')
    .addHelpText('after', '\nExample:\n  farb worker --redis redis://10.0.0.5:6379')
    .action(async (options: Options) => finish(await runWorker(options)));
}

async function runWorker(options: Options): Promise<number> {
  const stop = onInterrupt();
  let told = 0;
  const runs = await runRedisWorker(options.redis, {
    stop,
    onReady: () => note('farb: waiting for sweeps; Ctrl-C ends it after the job at hand'),
    onJob: (done) => {
      if (done - told < noteEvery) return;
      told = done;
      note(`farb: ${done} runs done`);
    },
  });
  if (options.json === true) printJson({ runs });
  else printText(`${runs} runs done`);
  return 0;
}
