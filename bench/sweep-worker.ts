// One worker process of the sweep bench: `farb worker` without its command line. Its first argument
// is the address of Redis; it says "ready", how much
// processor time it has used when it is asked, and ends when told.
import { runRedisWorker } from '../src/app/sweep-redis.ts';

const [url = ''] = process.argv.slice(2);
const stop = new AbortController();
process.on('message', (said) => {
  if (said === 'stop') stop.abort();
  else process.send?.(process.cpuUsage());
});
await runRedisWorker(url, {
  stop: stop.signal,
  onReady: () => process.send?.('ready'),
  onJob: () => undefined,
});
process.disconnect();
