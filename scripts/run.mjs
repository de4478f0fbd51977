// The entry of every npm script. Free of dependencies, because on a fresh clone there are none yet.
// stdout belongs to the job; set-up speaks on stderr.
import { fileURLToPath } from 'node:url';
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { runJob } = await import('./lib/jobs.mjs');
process.exitCode = await runJob(
  fileURLToPath(new URL('..', import.meta.url)),
  process.argv.slice(2),
);
