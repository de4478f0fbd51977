// One csv file into columns, and which layout it has: by its header, never by its name alone.
import type { Columns } from '../history/columns.ts';
import type { Selection } from '../history/data-set.ts';
import { type CsvLayout, ownLayout } from './csv-layout.ts';
import { CsvScanner, lineBytesMax } from './csv-scan.ts';
import { type Member, membersOf } from './files.ts';

/** From a file's name, its path and its first lines to its layout; null = not of this kind. */
export type Recognize = (
  file: Pick<Member, 'name' | 'path'>,
  head: readonly string[],
) => CsvLayout | null;

export const recognizeOwn: Recognize = ({ name }, [header = '']) => ownLayout(name, header);

export interface CsvFile {
  readonly layout: CsvLayout;
  readonly rows: number;
  /** What came since the last `onFull`. */
  readonly columns: readonly Columns[];
}

export interface CsvOptions {
  readonly recognize: Recognize;
  readonly selection: Selection;
  /** Takes what has been read so far whenever it is many rows, so that memory stays bounded. */
  readonly onFull?: (columns: readonly Columns[]) => Promise<void>;
}

/** Rows of one file that wait in memory. */
const rowsMax = 1_000_000;

/** Our own csv file from the disk, whole. */
export async function readOwnCsv(path: string, selection: Selection): Promise<CsvFile | null> {
  for await (const member of membersOf(path)) {
    return readCsv(member, { recognize: recognizeOwn, selection });
  }
  return null;
}

/**
 * The selected rows, in the order of the file. Null = no layout that `recognize` knows, or one of a
 * kind that is not selected: the rest of such a file is not read.
 */
export async function readCsv(member: Member, options: CsvOptions): Promise<CsvFile | null> {
  const { recognize, selection, onFull } = options;
  let scanner: CsvScanner | null = null;
  for await (const chunk of member.bytes) {
    if (scanner === null) {
      const layout = recognize(member, headOf(chunk));
      if (layout === null || selection.kinds?.includes(layout.kind) === false) return null;
      scanner = new CsvScanner(layout, member.path, selection);
    }
    scanner.push(chunk);
    if (onFull !== undefined && scanner.waiting > rowsMax) await onFull(scanner.drain());
  }
  if (scanner === null) return null;
  const columns = scanner.finish();
  return { layout: scanner.layout, rows: scanner.rows, columns };
}

function headOf(chunk: Uint8Array): readonly string[] {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, lineBytesMax));
  return text
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .split(/\r?\n/, 4);
}
