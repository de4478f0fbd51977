// Damage to a stored journal, for tests of what is refused and what works all the same.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Turns one byte in the middle of the first segment; the segment as it is now. */
export function damageJournal(state: string): {
  readonly segment: string;
  readonly bytes: Buffer;
} {
  const journal = join(state, 'journal');
  const name = readdirSync(journal).find((file) => /^\d+\.farb$/.test(file));
  if (name === undefined) throw new Error(`${journal} has no segment`);
  const segment = join(journal, name);
  const bytes = readFileSync(segment);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(segment, bytes);
  return { segment, bytes };
}
