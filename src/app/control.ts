// How the command line reaches a running system: control.json in its state directory names the
// API and the token of this run. The halted marker beside it outlives the process.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { Command, SystemStatus } from '../api/contract.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { systemClock } from '../io/clock.ts';
import { controlPathOf, haltPathOf, openStateDir, writeDurably } from '../store/state-dir.ts';
import { putOffline } from './offline.ts';
import { recover } from './recover.ts';

/** The API is on this machine and answers from memory. */
const answerMsMax = 5_000;
const pollMs = 200;

const controlSchema = z.object({ url: z.url(), token: z.string(), pid: z.number() });

export interface Control {
  status(): Promise<SystemStatus>;
  command(command: Command): Promise<void>;
}

/** Null when no system runs on this directory. */
export async function findSystem(statePath: string): Promise<Control | null> {
  const control = readControl(controlPathOf(statePath));
  if (control === null) return null;
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const headers = { authorization: `Bearer ${control.token}`, ...init.headers };
    const signal = AbortSignal.timeout(answerMsMax);
    const response = await fetch(`${control.url}${path}`, { ...init, headers, signal });
    const body: unknown = await response.json();
    if (!response.ok) {
      throw new UserError(`${control.url}${path}: ${JSON.stringify(body)}`, { exitCode: 1 });
    }
    return body;
  };
  try {
    await ask('/health', {});
  } catch (thrown) {
    if (isRefused(thrown)) return null; // it died without removing the file
    throw new UserError(`${control.url}: no answer from process ${control.pid}: ${text(thrown)}`, {
      exitCode: 1,
    });
  }
  return {
    status: async () => (await ask('/api/status', {})) as SystemStatus, // our own API's answer
    command: async (command) => {
      await ask('/api/commands', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ command, by: 'farb' }),
      });
    },
  };
}

function readControl(path: string): z.infer<typeof controlSchema> | null {
  if (!existsSync(path)) return null;
  try {
    return controlSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new UserError(`${path}: unreadable. Remove it if no farb runs on this directory.`);
  }
}

/** Nobody listens on the port any more. */
function isRefused(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? (thrown.cause as { code?: unknown } | undefined) : null;
  return cause?.code === 'ECONNREFUSED';
}

function text(thrown: unknown): string {
  return messageOf(thrown).replaceAll('\n', ' ');
}

export function isMarkedHalted(statePath: string): boolean {
  return existsSync(haltPathOf(statePath));
}

/** From now on every start on this directory is a halted one, until `unmarkHalted`. */
export function markHalted(statePath: string, by: string): void {
  try {
    mkdirSync(statePath, { recursive: true });
    writeDurably(haltPathOf(statePath), `${JSON.stringify({ by })}\n`);
  } catch (thrown) {
    throw new UserError(`--state ${statePath}: cannot be written (${text(thrown)}).`);
  }
}

export function unmarkHalted(statePath: string): void {
  rmSync(haltPathOf(statePath), { force: true });
}

/** Lifts a halt of a system that is not running: the marker, and what the journal remembers. */
export async function resumeOffline(statePath: string): Promise<void> {
  if (!existsSync(statePath)) {
    throw new UserError(`--state ${statePath}: no such directory.`);
  }
  const stateDir = await openStateDir(statePath);
  try {
    const { state } = recover(stateDir.journalPath);
    if (state.mode !== 'running' || state.flattening) {
      putOffline({ stateDir, clock: systemClock(), command: 'resume', by: 'farb' });
    }
    unmarkHalted(statePath);
  } finally {
    await stateDir.release();
  }
}

/** Until no pair is open or the time is over; the last status. */
export async function untilFlat(control: Control, msMax: number): Promise<SystemStatus> {
  const endsAt = performance.now() + msMax;
  let status = await control.status();
  while (status.pairCounts.open > 0 && performance.now() < endsAt) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    status = await control.status();
  }
  return status;
}
