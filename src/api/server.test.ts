import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { status } from '../../test/support/status-fixture.ts';
import type { Command, SystemPort } from './contract.ts';
import { metrics } from './metric-table.ts';
import { startMetrics } from './metrics.ts';
import { type RunningServer, startApi } from './server.ts';

const token = 'a-token-of-this-run';
const open: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.stop()));
});

function fakeSystem(overrides: Parameters<typeof status>[0] = {}) {
  const commands: (readonly [Command, string])[] = [];
  const system: SystemPort = {
    status: () => status(overrides),
    command: (command, by) => void commands.push([command, by]),
  };
  return { system, commands };
}

async function api(system: SystemPort | null) {
  const setting = { host: '127.0.0.1', port: 0, portSetting: 'main.yaml: api.port' };
  const server = await startApi({ ...setting, system: () => system, token });
  open.push(server);
  return server.url;
}

function post(url: string, body: unknown, authorization = `Bearer ${token}`): Promise<Response> {
  return fetch(`${url}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  });
}

describe('the API', () => {
  it('is live and not ready while the system starts, and says why', async () => {
    const url = await api(null);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({ live: true, ready: false, reasons: ['starting'] });
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${url}/api/status`)).status).toBe(503);
  });

  it('is ready when the system is, and not when it gives reasons', async () => {
    const { system } = fakeSystem();
    expect((await fetch(`${await api(system)}/health/ready`)).status).toBe(200);
    const reasons = ['okx: market data is down'];
    const down = fakeSystem({ health: { live: true, ready: false, reasons } });
    const url = await api(down.system);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, reasons });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('answers the status as it is', async () => {
    const { system } = fakeSystem();
    const response = await fetch(`${await api(system)}/api/status`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(status())));
  });

  it('takes a command with the token of this run alone', async () => {
    const { system, commands } = fakeSystem();
    const url = await api(system);
    const accepted = await post(url, { command: 'halt', by: 'farb' });
    expect(accepted.status).toBe(202);
    expect(commands).toEqual([['halt', 'farb']]);
    for (const wrong of ['', 'Bearer', 'Bearer wrong', token]) {
      expect((await post(url, { command: 'halt' }, wrong)).status).toBe(401);
    }
    expect(commands).toHaveLength(1);
  });

  it.each([{ command: 'buy' }, { command: 'halt', more: 1 }, {}, 'halt', null])(
    'refuses the command %j',
    async (body) => {
      const { system, commands } = fakeSystem();
      const response = await post(await api(system), body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: expect.any(String) });
      expect(commands).toEqual([]);
    },
  );

  it('answers JSON for what is not there, and nothing of the token anywhere', async () => {
    const url = await api(fakeSystem().system);
    const missing = await fetch(`${url}/nothing?token=${token}`);
    expect(missing.status).toBe(404);
    expect(await missing.text()).not.toContain(token);
    for (const path of ['/health', '/api/status']) {
      expect(await (await fetch(url + path)).text()).not.toContain(token);
    }
  });

  it('a taken port is one line that names the setting', async () => {
    const url = await api(null);
    const port = Number(new URL(url).port);
    const again = startApi({
      system: () => null,
      host: '127.0.0.1',
      port,
      portSetting: 'main.yaml: api.port',
      token,
    });
    await expect(again).rejects.toThrow(`main.yaml: api.port: port ${port} on 127.0.0.1 is in use`);
  });
});

describe('the metrics', () => {
  async function scrape(system: SystemPort | null): Promise<string> {
    const setting = { host: '127.0.0.1', port: 0, portSetting: 'main.yaml: api.metricsPort' };
    const server = await startMetrics({ ...setting, system: () => system });
    open.push(server);
    await fetch(`${server.url}/metrics`);
    return (await fetch(`${server.url}/metrics`)).text(); // the second scrape must not add up
  }

  it('show the status, and a second scrape the same', async () => {
    const text = await scrape(fakeSystem().system);
    expect(text).toContain('farb_pnl_usd{cause="funding"} 14.2');
    expect(text).toContain('farb_orders_total{outcome="filled"} 4');
    expect(text).toContain('farb_venue_up{venue="okx",channel="private"} 1');
    expect(text).toContain('farb_tick_to_decision_seconds{quantile="0.99"} 0.00008');
    expect(text).not.toContain('farb_tick_to_order_seconds{quantile="0.99"}'); // not known
    expect(text).toContain('farb_quotes_conflated_total 12');
    expect(text).toContain('farb_event_loop_delay_seconds{quantile="0.99"} 0.004');
    expect(text).not.toContain('farb_event_loop_delay_seconds{quantile="1"}');
    expect(text).toContain('farb_gc_pauses_total 3');
    expect(text).toContain('farb_gc_pause_seconds_total 0.006');
    expect(text).toContain('farb_gc_pause_seconds_max 0.0045');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });

  it('are served while the system starts', async () => {
    expect(await scrape(null)).toContain('process_resident_memory_bytes');
  });

  it('are the ones that docs/metrics.md lists', () => {
    const docs = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const listed = [...docs.matchAll(/^\| `(farb_\w+)`/gm)].map((match) => match[1]);
    expect(listed).toEqual(metrics.map(({ name }) => name));
  });
});
