// The runs of a sweep as one Parquet file: a row per run, a column per parameter and figure. Loaded
// when needed: no other command pays for DuckDB.
import type { SweepRow } from './sweep-report.ts';

export async function writeRuns(rows: readonly SweepRow[], path: string): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const params = Object.keys(first.point);
  const figures = Object.keys(first.figures);
  const names = ['id', ...params, ...figures, 'apr', 'sharpe', 'max_drawdown'];
  const db = await import('@duckdb/node-api');
  const instance = await db.DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const columns = names.map((name) => `${quoted(name, '"')} DOUBLE`);
    await connection.run(`CREATE TABLE runs (${columns.join(', ')})`);
    const appender = await connection.createAppender('runs');
    for (const row of rows) {
      const values = [
        row.id,
        ...params.map((name) => row.point[name] ?? null),
        ...Object.values(row.figures),
        row.apr,
        row.sharpe,
        row.maxDrawdown,
      ];
      for (const value of values) {
        if (value === null) appender.appendNull();
        else appender.appendDouble(value);
      }
      appender.endRow();
    }
    appender.closeSync();
    const to = quoted(path, "'");
    await connection.run(`COPY (SELECT * FROM runs ORDER BY id) TO ${to} (FORMAT parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(text: string, mark: '"' | "'"): string {
  return mark + text.replaceAll(mark, mark + mark) + mark;
}
