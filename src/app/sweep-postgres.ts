// The results of sweeps in a PostgreSQL database, in the place of a results file: a row per sweep
// and a row per finished run, to be queried beside each other. A sweep that was stopped goes on
// from what the database has of it, on whichever machine. `pg` is loaded when it is asked for.
import type { Pool, PoolClient } from 'pg';
import type { SweepResult } from '../backtest/sweep-run.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { SweepRow } from './sweep-report.ts';
import type { SweepResults } from './sweep-results.ts';

/** Of the tables; a step for each version before it stands in `steps`. */
const steps: readonly string[] = [
  `CREATE TABLE farb_sweeps (
     digest text PRIMARY KEY,
     strategy text NOT NULL,
     method text NOT NULL,
     objective text NOT NULL,
     capital_usd double precision NOT NULL,
     from_at timestamptz NOT NULL,
     to_at timestamptz NOT NULL,
     contracts text[] NOT NULL,
     started_at timestamptz NOT NULL DEFAULT now()
   );
   CREATE TABLE farb_sweep_runs (
     digest text NOT NULL REFERENCES farb_sweeps ON DELETE CASCADE,
     run integer NOT NULL,
     params jsonb NOT NULL,
     pnl_usd double precision NOT NULL,
     funding_usd double precision NOT NULL,
     fees_usd double precision NOT NULL,
     traded_usd double precision NOT NULL,
     trips integer NOT NULL,
     liquidations integer NOT NULL,
     missed integer NOT NULL,
     apr double precision,
     sharpe double precision,
     max_drawdown double precision NOT NULL,
     daily_pnl_usd double precision[] NOT NULL,
     finished_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (digest, run)
   );`,
];
export const schemaVersion = steps.length;

/** Runs that wait for the database; a sweep that is so far ahead of it ends. */
const waitingMax = 20_000;
/** Runs of one INSERT. */
const batchMax = 200;
const connectMsMax = 10_000;
/** Any number that nothing else of ours locks with: two sweeps must not make the tables at once. */
const schemaLock = 4_242_001;

/** What a person wants to know of a sweep beside its digest. */
export interface SweepAbout {
  readonly digest: string;
  readonly strategy: string;
  readonly method: string;
  readonly objective: string;
  readonly capitalUsd: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly contracts: readonly string[];
}

export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/** @throws UserError: not reached, refused, or made by a later version */
export async function openPostgresResults(
  url: string,
  about: SweepAbout,
  rowOf: (result: SweepResult) => SweepRow,
): Promise<SweepResults> {
  const shown = withoutPassword(url);
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    ...{ connectionString: url, max: 1, connectionTimeoutMillis: connectMsMax },
    application_name: 'farb sweep',
  });
  // A connection that breaks while it is idle; the next statement says so.
  pool.on('error', () => undefined);
  try {
    const done = await begin(pool, about);
    return new PostgresResults({ pool, shown, digest: about.digest, done, rowOf });
  } catch (thrown) {
    await pool.end();
    if (thrown instanceof UserError) throw thrown;
    throw new UserError(
      `--results ${shown}: ${messageOf(thrown)}; name a database in which this user may make ` +
        'tables, like postgres://user@host/research',
      { exitCode: 1 },
    );
  }
}

async function begin(pool: Pool, about: SweepAbout): Promise<Map<number, SweepResult>> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [schemaLock]);
    await bringUp(client);
    const { digest, strategy, method, objective, capitalUsd, fromMs, toMs, contracts } = about;
    await client.query(
      `INSERT INTO farb_sweeps
         (digest, strategy, method, objective, capital_usd, from_at, to_at, contracts)
       VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0), to_timestamp($7 / 1000.0), $8)
       ON CONFLICT (digest) DO NOTHING`,
      [digest, strategy, method, objective, capitalUsd, fromMs, toMs, contracts],
    );
    await client.query('COMMIT');
    return await finishedRuns(client, digest);
  } catch (thrown) {
    await client.query('ROLLBACK').catch(() => undefined); // the first error is the one to tell
    throw thrown;
  } finally {
    client.release();
  }
}

async function bringUp(client: PoolClient): Promise<void> {
  await client.query('CREATE TABLE IF NOT EXISTS farb_sweep_schema (version integer NOT NULL)');
  const { rows } = await client.query<{ version: number }>('SELECT version FROM farb_sweep_schema');
  const version = rows[0]?.version ?? 0;
  if (version > schemaVersion) {
    throw new UserError(
      `--results: the tables are of version ${version}, and this farb knows ${schemaVersion}: ` +
        'use the newer farb, or another database',
    );
  }
  for (const step of steps.slice(version)) await client.query(step);
  await client.query('DELETE FROM farb_sweep_schema');
  await client.query('INSERT INTO farb_sweep_schema VALUES ($1)', [schemaVersion]);
}

interface RunRow {
  readonly run: number;
  readonly params: Readonly<Record<string, number>>;
  readonly pnl_usd: number;
  readonly funding_usd: number;
  readonly fees_usd: number;
  readonly traded_usd: number;
  readonly trips: number;
  readonly liquidations: number;
  readonly missed: number;
  readonly daily_pnl_usd: readonly number[];
}

async function finishedRuns(client: PoolClient, digest: string): Promise<Map<number, SweepResult>> {
  const { rows } = await client.query<RunRow>(
    `SELECT run, params, pnl_usd, funding_usd, fees_usd, traded_usd, trips, liquidations, missed,
       daily_pnl_usd FROM farb_sweep_runs WHERE digest = $1 ORDER BY run`,
    [digest],
  );
  return new Map(
    rows.map((row): [number, SweepResult] => [
      row.run,
      {
        id: row.run,
        point: row.params,
        figures: {
          pnlUsd: row.pnl_usd,
          fundingUsd: row.funding_usd,
          feesUsd: row.fees_usd,
          tradedUsd: row.traded_usd,
          trips: row.trips,
          liquidations: row.liquidations,
          missed: row.missed,
        },
        daily: Float64Array.from(row.daily_pnl_usd),
      },
    ]),
  );
}

interface PostgresOptions {
  readonly pool: Pool;
  readonly shown: string;
  readonly digest: string;
  readonly done: Map<number, SweepResult>;
  readonly rowOf: (result: SweepResult) => SweepRow;
}

/** Runs wait in memory while an INSERT is under way, and all that waits goes with the next one. */
class PostgresResults implements SweepResults {
  readonly path: string;
  readonly done: Map<number, SweepResult>;
  private readonly options: PostgresOptions;
  private readonly waiting: SweepRow[] = [];
  private writing: Promise<void> | null = null;
  private failure: unknown = null;

  constructor(options: PostgresOptions) {
    this.options = options;
    this.path = options.shown;
    this.done = options.done;
  }

  add(result: SweepResult): void {
    if (this.failure !== null) throw this.failed();
    if (this.waiting.length >= waitingMax) {
      throw new UserError(`--results ${this.path}: ${waitingMax} runs wait for it: too slow`);
    }
    this.done.set(result.id, result);
    this.waiting.push(this.options.rowOf(result));
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
  }

  async close(): Promise<void> {
    await this.writing;
    await this.options.pool.end();
    if (this.failure !== null) throw this.failed();
  }

  private async write(): Promise<void> {
    try {
      for (let batch = this.next(); batch.length > 0; batch = this.next()) await this.insert(batch);
    } catch (thrown) {
      this.failure = thrown;
    }
  }

  private next(): readonly SweepRow[] {
    return this.waiting.splice(0, batchMax);
  }

  private async insert(rows: readonly SweepRow[]): Promise<void> {
    const values: unknown[] = [this.options.digest];
    const places = rows.map((row) => {
      const { pnlUsd, fundingUsd, feesUsd, tradedUsd, trips, liquidations, missed } = row.figures;
      const fields = [
        ...[row.id, JSON.stringify(row.point), pnlUsd, fundingUsd, feesUsd, tradedUsd],
        ...[trips, liquidations, missed, row.apr, row.sharpe, row.maxDrawdown, [...row.daily]],
      ];
      const first = values.length;
      values.push(...fields);
      return `($1, ${fields.map((_, k) => `$${first + k + 1}`).join(', ')})`;
    });
    await this.options.pool.query(
      `INSERT INTO farb_sweep_runs (digest, run, params, pnl_usd, funding_usd, fees_usd, traded_usd,
         trips, liquidations, missed, apr, sharpe, max_drawdown, daily_pnl_usd)
       VALUES ${places.join(', ')} ON CONFLICT (digest, run) DO NOTHING`,
      values,
    );
  }

  private failed(): UserError {
    return new UserError(
      `--results ${this.path}: ${messageOf(this.failure)}; the same command goes on from the ` +
        'runs that it has',
      { exitCode: 1 },
    );
  }
}

function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1@');
}
