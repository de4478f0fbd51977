// One csv file into columns, and which layout it has: by its header, never by its name.
import { basename } from 'node:path';
import type { Columns } from '../history/columns.ts';
import type { Selection } from '../history/data-set.ts';
import { type CsvLayout, ownLayout } from './csv-layout.ts';
import { CsvScanner, lineBytesMax } from './csv-scan.ts';
import { bytesOf } from './files.ts';

/** From a file's name and its first lines to its layout; null = not a file of this kind. */
export type Recognize = (fileName: string, head: readonly string[]) => CsvLayout | null;

export const recognizeOwn: Recognize = (fileName, [header = '']) => ownLayout(fileName, header);

export interface CsvFile {
  readonly layout: CsvLayout;
  readonly rows: number;
  readonly columns: readonly Columns[];
}

/**
 * The selected rows, in the order of the file. Null = no layout that `recognize` knows, or one of a
 * kind that is not selected: the rest of such a file is not read.
 */
export async function readCsv(
  path: string,
  options: { readonly recognize?: Recognize; readonly selection?: Selection } = {},
): Promise<CsvFile | null> {
  const { recognize = recognizeOwn, selection = {} } = options;
  let scanner: CsvScanner | null = null;
  for await (const chunk of bytesOf(path)) {
    if (scanner === null) {
      const layout = recognize(basename(path), headOf(chunk));
      if (layout === null || selection.kinds?.includes(layout.kind) === false) return null;
      scanner = new CsvScanner(layout, path, selection);
    }
    scanner.push(chunk);
  }
  if (scanner === null) return null;
  const columns = scanner.finish();
  return { layout: scanner.layout, rows: scanner.rows, columns };
}

function headOf(chunk: Uint8Array): readonly string[] {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, lineBytesMax));
  return text.toString('utf8').replace(/^﻿/, '').split(/\r?\n/, 3);
}
