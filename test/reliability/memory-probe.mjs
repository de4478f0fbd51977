// Loaded into a process with `--import`: collects its garbage every few seconds and appends what is
// left to the file that FARB_MEMORY_FILE names, one JSON line a sample. For the soak test alone.
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env.FARB_MEMORY_FILE;
const everyMs = Number(process.env.FARB_MEMORY_EVERY_MS ?? '2000');

if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const timer = setInterval(() => {
    gc();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    const sample = { pid: process.pid, heapUsed, external, arrayBuffers, rss };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, everyMs);
  timer.unref();
}
