// Every benchmark by its name.
import { inlineHotPaths } from '../src/app/inlining.ts';
import { backtestBench } from './backtest.bench.ts';
import { dataBench } from './data.bench.ts';
import { decodeBench } from './decode.bench.ts';
import { engineBench } from './engine.bench.ts';
import type { Run } from './figures.ts';
import { journalBench } from './journal.bench.ts';
import type { Bench } from './measure.ts';
import { yardstickNs } from './recording.ts';
import { scaleBench } from './scale.bench.ts';
import { scanBench } from './scan.bench.ts';
import { simulateBench } from './simulate.bench.ts';
import { socketBench } from './socket.bench.ts';
import { startupBench } from './startup.bench.ts';
import { sweepBench } from './sweep.bench.ts';
import { wireBench } from './wire.bench.ts';

const usual: Readonly<Record<string, Bench>> = {
  decode: decodeBench,
  scan: scanBench,
  socket: socketBench,
  engine: engineBench,
  journal: journalBench,
  simulate: simulateBench,
  startup: startupBench,
  backtest: backtestBench,
  data: dataBench,
};
/** Long: only when named, and when everything is recorded. */
const onRequest: Readonly<Record<string, Bench>> = {
  scale: scaleBench,
  sweep: sweepBench,
  wire: wireBench,
};
const all = { ...usual, ...onRequest };

export const benchNames = Object.keys(all);
export const usualNames = Object.keys(usual);

export function benchNamed(name: string): Bench | null {
  return Object.hasOwn(all, name) ? (all[name] as Bench) : null;
}

export async function runOnce(name: string): Promise<Run> {
  const bench = benchNamed(name);
  if (bench === null) throw new Error(`no benchmark "${name}"`);
  // As the product does.
  inlineHotPaths();
  return { yardNs: yardstickNs(), rows: await bench.run() };
}
