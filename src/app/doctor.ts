// `farb doctor`: whether a start would work, and what to mend. It sends no order and leaves no file
// behind; with --fix it sets the modes of the accounts and tells what it changed.
import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Check, DoctorReport } from '../api/doctor-report.ts';
import { messageOf } from '../base/errors.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { type Config, loadConfig, type PluginUse } from './config.ts';
import { findSystem, isMarkedHalted } from './control.ts';
import { accountChecks } from './doctor-account.ts';
import { fail, ok, warn } from './doctor-check.ts';
import { marketChecks } from './doctor-market.ts';
import { pluginIdentity } from './plugin-load.ts';
import { type LiveScanOptions, lookLive } from './scan-live.ts';
import type { TestnetFile } from './testnet-file.ts';

export interface DoctorOptions {
  readonly configDir: string;
  readonly statePath: string | null;
  readonly testnet: TestnetFile | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: LiveScanOptions['log'];
  /** Set the modes of the accounts that trading needs. */
  readonly fix: boolean;
  /** A key that may withdraw is told, not refused. */
  readonly mayWithdraw: boolean;
}

const nodeMajorMin = 20;
const nodeMinorMin = 19;

export async function doctor(options: DoctorOptions): Promise<DoctorReport> {
  const checks: Check[] = [nodeCheck()];
  const changed: string[] = [];
  let config: Config | null = null;
  try {
    config = loadConfig(options.configDir, options.env);
    const names = config.strategies.map(({ strategy }) => strategy.name);
    checks.push(ok('configuration', `${options.configDir} is valid; ${names.join(', ')}`));
  } catch (thrown) {
    checks.push(fail('configuration', messageOf(thrown), 'correct that line'));
  }
  if (config !== null) {
    const statePath = options.statePath ?? config.main.stateDir;
    checks.push(stateCheck(statePath), haltCheck(statePath));
    checks.push(...(await portChecks(config, statePath)));
    checks.push(...keyChecks(config, options.testnet));
    const { testnet, log, fix, mayWithdraw } = options;
    checks.push(...config.plugins.map(pluginCheck));
    const look = await lookLive({ config, testnet, log });
    checks.push(...marketChecks(look, config));
    const { catalog } = look;
    const priceOf = (id: InstrumentId): number | null => {
      const leg = look.snapshot.legs.get(id)?.view;
      return leg === undefined ? null : (leg.mark ?? leg.bid);
    };
    const account = await accountChecks({ config, testnet, catalog, priceOf, fix, mayWithdraw });
    checks.push(...account.checks);
    changed.push(...account.changed);
  }
  return { ok: checks.every(({ status }) => status !== 'fail'), checks, changed };
}

/** The configuration was read, so its strategies are loaded; its venues follow. */
function pluginCheck({ kind, name, place }: PluginUse): Check {
  const { name: pkg, version, sha256 } = pluginIdentity(place);
  const from = version === null ? pkg : `${pkg} ${version}`;
  return ok(`plugin ${name}`, `${kind} of ${from}, ${sha256.slice(0, 12)}`);
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > nodeMajorMin || (major === nodeMajorMin && minor >= nodeMinorMin);
  if (enough) return ok('node', `version ${process.versions.node}`);
  const wanted = `${nodeMajorMin}.${nodeMinorMin}`;
  return fail('node', `version ${process.versions.node}`, `install Node ${wanted} or newer`);
}

function stateCheck(statePath: string): Check {
  const path = resolve(statePath);
  let probed = path;
  while (!existsSync(probed) && dirname(probed) !== probed) probed = dirname(probed);
  try {
    accessSync(probed, constants.W_OK | constants.X_OK);
    return ok('state directory', `${path} can be written`);
  } catch {
    return fail('state directory', `${path} cannot be written`, 'name one that you own: --state');
  }
}

function haltCheck(statePath: string): Check {
  if (!isMarkedHalted(statePath)) return ok('halt', 'not halted');
  return warn('halt', `${statePath} is marked halted`, 'farb resume lifts it');
}

async function portChecks(config: Config, statePath: string): Promise<readonly Check[]> {
  const { api } = config.main;
  let running = false;
  try {
    running = (await findSystem(statePath)) !== null;
  } catch {
    // a system that does not answer holds its ports: the checks below say so
  }
  const ports = [
    ['api.port', api.host, api.port],
    ['api.metricsPort', api.metricsHost, api.metricsPort],
  ] as const;
  return Promise.all(
    ports.map(async ([name, host, port]) => {
      if (running) return ok(name, `${port} on ${host}: the running system`);
      const problem = await tryPort(host, port);
      if (problem === null) return ok(name, `${port} on ${host} is free`);
      return fail(name, `${port} on ${host}: ${problem}`, `stop the other program or set ${name}`);
    }),
  );
}

function tryPort(host: string, port: number): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(error.message));
    server.listen({ host, port }, () => server.close(() => done(null)));
  });
}

/** Whether they are there; what they are is never told. */
function keyChecks(config: Config, testnet: TestnetFile | null): readonly Check[] {
  if (testnet !== null) return [ok('keys', 'those of the testnet file')];
  const checks: Check[] = [];
  for (const [id, venue] of Object.entries(config.exchanges.venues)) {
    if (!venue.enabled) continue;
    const name = `keys of ${id}`;
    if (venue.key !== '' && venue.secret !== '') {
      checks.push(ok(name, 'key and secret are set'));
      continue;
    }
    const missing = venue.key === '' ? 'key' : 'secret';
    const variable = `${id.toUpperCase()}_${missing.toUpperCase()}`;
    const mend = `export ${variable}`;
    const detail = `${missing} is missing`;
    checks.push(config.main.mode === 'live' ? fail(name, detail, mend) : warn(name, detail, mend));
  }
  return checks;
}
