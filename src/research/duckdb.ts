// The one place that touches DuckDB: columns of doubles to a Parquet file and back. It is loaded
// when first needed, so that no other command pays for it. A NaN is NULL in the file, and back.
import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf, UserError } from '../base/errors.ts';
import { type Columns, columnNames } from '../history/columns.ts';
import type { SeriesKind } from '../history/series.ts';

/** What DuckDB may take, beside our own columns. */
const memoryLimit = '400MB';
const threads = '2';
const chunkRows = 2_048;

type DuckDb = typeof import('@duckdb/node-api');

export interface ParquetFiles {
  /** Writes the columns with the words of their id; the file must not exist. */
  write(columns: Columns, path: string): Promise<void>;
  /** Rows with fromMs <= ts < toMs of the files, one file after the other. */
  read(kind: SeriesKind, paths: readonly string[], window: Window): Promise<Columns['values']>;
  close(): void;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export async function openParquet(): Promise<ParquetFiles> {
  const db = await import('@duckdb/node-api');
  const instance = await db.DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    threads,
  });
  const connection = await instance.connect();
  return {
    write: (columns, path) => write(db, connection, columns, path),
    read: (kind, paths, window) => read(connection, kind, paths, window),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function write(
  db: DuckDb,
  connection: DuckDBConnection,
  { id, values }: Columns,
  path: string,
): Promise<void> {
  const names = columnNames[id.kind];
  const types = names.map(() => db.DOUBLE);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE rows (${names.map((name) => `${name} DOUBLE`).join(', ')})`,
  );
  const appender = await connection.createAppender('rows');
  const rows = values[0]?.length ?? 0;
  // One chunk for all: its vectors are made anew only when the count of rows changes.
  const chunk = db.DuckDBDataChunk.create(types);
  for (let from = 0; from < rows; from += chunkRows) {
    const count = Math.min(chunkRows, rows - from);
    if (chunk.rowCount !== count) chunk.rowCount = count;
    values.forEach((column, k) => {
      const vector = chunk.getColumnVector(k);
      for (let i = 0; i < count; i++) {
        const value = column[from + i] as number;
        vector.setItem(i, Number.isNaN(value) ? null : value);
      }
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const words = Object.entries({ venue: id.venue, market: id.market, symbol: id.symbol })
    .concat(id.interval === null ? [] : [['interval', id.interval]])
    .map(([name, word]) => `${quoted(word)} AS ${name}`);
  const cells = names.map((name) => (name.endsWith('_ms') ? `${name}::BIGINT AS ${name}` : name));
  await connection.run(
    `COPY (SELECT ${[...words, ...cells].join(', ')} FROM rows) TO ${quoted(path)} ` +
      '(FORMAT parquet, COMPRESSION snappy)',
  );
}

async function read(
  connection: DuckDBConnection,
  kind: SeriesKind,
  paths: readonly string[],
  { fromMs, toMs }: Window,
): Promise<Columns['values']> {
  const names = columnNames[kind];
  const bounds = [
    ...(Number.isFinite(fromMs) ? [`ts_ms >= ${Math.ceil(fromMs)}`] : []),
    ...(Number.isFinite(toMs) ? [`ts_ms < ${Math.ceil(toMs)}`] : []),
  ];
  const where = bounds.length > 0 ? ` WHERE ${bounds.join(' AND ')}` : '';
  const cells = names.map((name) => `${name}::DOUBLE AS ${name}`).join(', ');
  const parts: Float64Array[][] = names.map(() => []);
  for (const path of paths) {
    const from = `read_parquet(${quoted(path)}, hive_partitioning = false)`;
    const result = await connection
      .stream(`SELECT ${cells} FROM ${from}${where}`)
      .catch((thrown: unknown) => {
        const why = `${path} cannot be read: ${messageOf(thrown).split('\n')[0]}`;
        throw new UserError(`${why}; import it again`, { exitCode: 1 });
      });
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      const { rowCount } = chunk;
      parts.forEach((column, k) => {
        const vector = chunk.getColumnVector(k);
        const values = new Float64Array(rowCount);
        for (let i = 0; i < rowCount; i++) {
          // Cast to DOUBLE above.
          values[i] = (vector.getItem(i) as number | null) ?? Number.NaN;
        }
        column.push(values);
      });
    }
  }
  return parts.map(joined);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** SQL text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
