// A worker thread of the simulation: answers each part of a range with its report.
import { parentPort } from 'node:worker_threads';
import { type SimulateRange, simulateRange } from './simulate.ts';

parentPort?.on('message', (part: SimulateRange) => {
  parentPort?.postMessage(simulateRange(part));
});
