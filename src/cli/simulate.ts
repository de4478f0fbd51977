// `farb simulate`: the system against simulated venues in virtual time, with faults from the seed.
import { Command } from 'commander';
import { parseFaults, parseSafeguard, parseSeeds, type SimulateReport } from '../app/simulate.ts';
import { simulateSeeds } from '../app/simulate-workers.ts';
import { hourMs } from '../base/time.ts';
import { interruptedCode, note, onInterrupt, printJson, printText } from './io.ts';
import { numberOf } from './options.ts';
import type { Finish } from './program.ts';

interface Options {
  readonly seeds: string;
  readonly faults: string;
  readonly break?: string;
  readonly coins?: boolean;
  readonly workers?: number;
  readonly json?: boolean;
}

const workerBounds = { min: 1, max: 256, integer: true };
const columnWidth = 34;

export function simulateCommand(finish: Finish): Command {
  return new Command('simulate')
    .description('Runs seeds of the deterministic simulation with fault injection and checkers.')
    .option('--seeds <range>', 'A..B, or one seed', '1..300')
    .option('--faults <list>', 'all, none, or names separated by commas', 'all')
    .option('--break <safeguard>', 'switch one safeguard off: a seed must then fail')
    .option('--coins', 'perpetuals alone, with the coin-margined ones')
    .option(
      '--workers <n>',
      'processes (default: one per core)',
      numberOf('--workers', workerBounds),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb simulate --seeds 1..300 --faults all')
    .action(async (options: Options) => finish(await runSimulate(options)));
}

async function runSimulate(options: Options): Promise<number> {
  const { from, to } = parseSeeds(options.seeds);
  parseFaults(options.faults);
  const safeguard = options.break === undefined ? null : parseSafeguard(options.break);
  const stop = onInterrupt();
  const isTerminal = process.stderr.isTTY === true;
  const startedMs = performance.now();
  const report = await simulateSeeds({
    from,
    to,
    faults: options.faults,
    safeguard,
    coins: options.coins === true,
    workers: options.workers ?? null,
    stop,
    onProgress: (done, total) => {
      if (!isTerminal) return;
      const perSecond = done / ((performance.now() - startedMs) / 1_000);
      const leftS = Math.round((total - done) / perSecond);
      note(`${done} of ${total} seeds, ${perSecond.toFixed(1)} a second, ${leftS} s left`);
    },
  }).catch((thrown: unknown) => {
    if (stop.aborted) return null;
    throw thrown;
  });
  if (report === null) return interruptedCode;
  if (options.json === true) printJson(report);
  else printText(textOf(report));
  if (stop.aborted) return interruptedCode;
  return report.ok ? 0 : 1;
}

function textOf(report: SimulateReport): string {
  const { seeds, failures, failed, neverReached, coverage, elapsedMs } = report;
  const seconds = elapsedMs / 1_000;
  const lines = [
    `${seeds.run} seeds in ${seconds.toFixed(1)} s: ` +
      `${(report.venueMs / hourMs).toFixed(0)} venue hours, ` +
      `${report.quotes} quotes, ${report.steps} steps, ${report.orders} orders, ` +
      `${report.pairsOpened} pairs, ` +
      `${report.reboots} reboots`,
    `longest naked delta while it could be cut: ${report.nakedMsMax} ms`,
    '',
    ...Object.entries(coverage).map(([name, count]) => `${name.padEnd(columnWidth)} ${count}`),
    '',
  ];
  for (const failure of failures) {
    lines.push(
      `FAILED seed ${failure.seed} after ${(failure.atMs / 1_000).toFixed(1)} s, record ` +
        `${failure.seq}: ${failure.check}`,
      `  ${failure.message}`,
      `  ${failure.command}`,
    );
  }
  if (neverReached.length > 0) lines.push(`NEVER REACHED: ${neverReached.join(', ')}`);
  lines.push(report.ok ? 'ok' : `${failed} of ${seeds.run} seeds failed`);
  return lines.join('\n');
}
