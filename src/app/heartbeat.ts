// The sign of life of the process that holds a state directory, for `farb watchdog`:
// heartbeat.json, written about every second, off the hot path and without a sync. It also looks
// whether a later boot has taken the directory over: then this process has lost its lease and must
// end.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { heartbeatPathOf, latestEpochOf, type StateDir } from '../store/state-dir.ts';

export const heartbeatEveryMs = 1_000;

const beatSchema = z.object({
  status: z.enum(['running', 'stopped']),
  wallMs: z.number(),
  pid: z.number(),
  epoch: z.number(),
  /** After an orderly stop: pairs that could not be closed. */
  pairsOpen: z.number().nullable(),
});
export type Beat = z.infer<typeof beatSchema>;

/** 'none': no system ever ran here. 'unreadable' is not 'none': something was running. */
export function readBeat(statePath: string): Beat | 'none' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(heartbeatPathOf(statePath), 'utf8');
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'unreadable'; // of fs
  }
  try {
    return beatSchema.parse(JSON.parse(text));
  } catch {
    return 'unreadable';
  }
}

export interface Heartbeat {
  /** The system runs: from here on an end that is not an orderly one is a failure. */
  started(): void;
  /** The last beat of an orderly end. */
  stopped(pairsOpen: number): void;
  /** Falls silent. A start that never came to trading leaves what was said before it. */
  failed(): void;
  /** Rejects when a later boot holds the directory. */
  readonly lost: Promise<never>;
}

/** The caller holds the lock. The first beat is written before this returns. */
export function startHeartbeat(stateDir: StateDir): Heartbeat {
  const path = heartbeatPathOf(stateDir.path);
  const before = readBeat(stateDir.path);
  const { epoch } = stateDir;
  let hasStarted = false;
  let ended = false;
  let writing = false;
  let lose: (error: unknown) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  lost.catch(() => undefined); // awaited only while the system runs

  const textOf = (status: Beat['status'], pairsOpen: number | null): string => {
    const beat: Beat = { status, wallMs: Date.now(), pid: process.pid, epoch, pairsOpen };
    return `${JSON.stringify(beat)}\n`;
  };
  const put = (text: string): void => {
    // Not the name of the beat that may be under way: the later rename wins.
    writeFileSync(`${path}.last`, text);
    renameSync(`${path}.last`, path);
  };
  const beat = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    try {
      await writeFile(`${path}.new`, textOf('running', null));
      if (!ended) await rename(`${path}.new`, path);
    } catch {
      // A beat that cannot be written is a beat that is missed: the watchdog sees it.
    }
    writing = false;
  };
  put(textOf('running', null));
  const timer = setInterval(() => {
    const latest = latestEpochOf(stateDir.path);
    if (latest !== null && latest > epoch) {
      lose(
        new UserError(
          `--state ${stateDir.path}: boot ${latest} took it over while boot ${epoch} ran`,
          { exitCode: 1 },
        ),
      );
      return;
    }
    void beat();
  }, heartbeatEveryMs);
  timer.unref();

  const end = (): boolean => {
    const first = !ended;
    ended = true;
    clearInterval(timer);
    return first;
  };
  return {
    lost,
    started() {
      hasStarted = true;
    },
    stopped(pairsOpen) {
      if (end()) put(textOf('stopped', pairsOpen));
    },
    failed() {
      if (!end() || hasStarted || before === 'unreadable') return;
      if (before === 'none') rmSync(path, { force: true });
      else put(`${JSON.stringify(before)}\n`);
    },
  };
}
