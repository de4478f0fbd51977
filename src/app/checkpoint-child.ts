// The process that makes a snapshot: folds the closed segments since the last one, writes the state
// beside them, tidies up. Arguments: directory, last record of the closed segments, compaction.
import { setPriority } from 'node:os';
import { messageOf } from '../base/errors.ts';
import { takeSnapshot } from './checkpoint.ts';

const [dir = '', untilSeq = '', compaction = 'keep'] = process.argv.slice(2);
try {
  setPriority(10); // trading has the processor first
} catch {
  // Not allowed here: it does not matter.
}
try {
  if (compaction !== 'keep' && compaction !== 'archive' && compaction !== 'remove') {
    throw new Error(`compaction is keep, archive or remove, not ${compaction}`);
  }
  takeSnapshot(dir, { untilSeq: Number(untilSeq), compaction });
} catch (thrown) {
  process.stderr.write(`${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
