// Prometheus metrics on a port of their own: read off the status at every scrape, beside the
// process's own (memory, event loop, garbage collection).
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { SystemStatus } from './contract.ts';
import { type Metric, metrics } from './metric-table.ts';
import { type ApiOptions, jsonServer, listen, type RunningServer } from './server.ts';

/** Serves /metrics. */
export async function startMetrics(options: ApiOptions): Promise<RunningServer> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const update = metricsIn(registry);
  const app = jsonServer();
  app.get('/metrics', async (_request, reply) => {
    const status = options.system()?.status();
    if (status !== undefined) update(status);
    return reply.type(registry.contentType).send(await registry.metrics());
  });
  return listen(app, options);
}

/** Registers the table; the returned function sets every value from a status. */
export function metricsIn(registry: Registry): (status: SystemStatus) => void {
  const setters = metrics.map((metric) => setterOf(metric, registry));
  return (status) => {
    for (const set of setters) set(status);
  };
}

function setterOf(metric: Metric, registry: Registry): (status: SystemStatus) => void {
  const { name, help, type } = metric;
  const labelNames = [...metric.labels];
  const setting = { name, help, labelNames, registers: [registry] };
  const target = type === 'counter' ? new Counter(setting) : new Gauge(setting);
  return (status) => {
    target.reset(); // counts live in the engine's state: a scrape shows them, it does not add
    for (const [values, value] of metric.read(status)) {
      if (value === null || !Number.isFinite(value)) continue;
      const labels = Object.fromEntries(labelNames.map((label, i) => [label, values[i] as string]));
      target.inc(labels, value);
    }
  };
}
