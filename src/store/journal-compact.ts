// What the last two snapshots cover need not stay in the way: segments that end before the older
// one are put into the archive beside them, or removed, when the configuration says so. By default
// they stay: only the whole journal can be folded again by another version of the code.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syncDir } from './journal-emergency.ts';
import { archiveDirOf, journalFiles } from './journal-files.ts';
import { listSnapshots, readSnapshot, snapshotsKept } from './snapshot.ts';

export type Compaction = 'keep' | 'archive' | 'remove';

/** The paths that were moved or removed. Does nothing until two snapshots verify. */
export function compactJournal(dir: string, compaction: Compaction): readonly string[] {
  if (compaction === 'keep') return [];
  const snapshots = listSnapshots(dir).slice(0, snapshotsKept);
  if (snapshots.length < snapshotsKept) return [];
  if (snapshots.some((file) => 'bad' in readSnapshot(file))) return [];
  const coveredSeq = Math.min(...snapshots.map(({ seq }) => seq));
  const archive = archiveDirOf(dir);
  const { segments } = journalFiles(dir);
  const covered = segments.filter((_, i) => {
    const next = segments[i + 1]?.firstSeq ?? null;
    return next !== null && next <= coveredSeq + 1;
  });
  const wanted = covered.filter(({ path }) => compaction === 'remove' || !path.startsWith(archive));
  if (wanted.length === 0) return [];
  if (compaction === 'archive') mkdirSync(archive, { recursive: true, mode: 0o700 });
  for (const { path } of wanted) {
    if (compaction === 'archive') renameSync(path, join(archive, basename(path)));
    else rmSync(path);
  }
  syncDir(dir);
  return wanted.map(({ path }) => path);
}
