// A state directory is of a paper account or of real ones, for good: the books of the one must
// never be taken for those of the other.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { StateDir } from '../store/state-dir.ts';

const markerName = 'paper';

export function isPaperState(statePath: string): boolean {
  return existsSync(join(statePath, markerName));
}

/** Throws when the directory is of the other kind; a new one becomes what the mode says. */
export function requireOwnKind(
  { path, journalPath }: StateDir,
  mode: 'testnet' | 'paper' | 'live',
): void {
  const isPaper = isPaperState(path);
  if (mode !== 'paper') {
    if (!isPaper) return;
    throw new UserError(
      `--state ${path}: its books are of a paper account. Add --mode paper, or name another one.`,
    );
  }
  if (isPaper) return;
  if (existsSync(journalPath) && readdirSync(journalPath).length > 0) {
    throw new UserError(
      `--state ${path}: its books are of real accounts. Name a new directory for paper trading.`,
    );
  }
  writeFileSync(join(path, markerName), 'This state directory is of a paper account.\n');
}
