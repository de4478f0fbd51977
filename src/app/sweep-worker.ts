// A worker thread of a sweep: answers each list of jobs with the list of their results.
import { parentPort, workerData } from 'node:worker_threads';
import { type SweepJob, SweepRunner, type SweepSetup } from '../backtest/sweep-run.ts';
import { present } from '../base/assert.ts';
import { strategyByName } from '../strategy/registry.ts';

const setup = workerData as SweepSetup; // what the pool handed over
const runner = new SweepRunner(setup, present(strategyByName(setup.strategy), setup.strategy));

parentPort?.on('message', (jobs: readonly SweepJob[]) => {
  parentPort?.postMessage(jobs.map((job) => runner.run(job)));
});
