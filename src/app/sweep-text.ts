// A sweep's report as text for a person: the best runs, and how much of them to believe.
import Table from 'cli-table3';
import type { SweepReport } from '../api/sweep-report.ts';

export function sweepText(report: SweepReport): string {
  const { overfitting } = report;
  const seconds = (report.elapsedMs / 1_000).toFixed(1);
  const resumed = report.resumed > 0 ? `, ${report.resumed} of them from ${report.results}` : '';
  const lines = [
    `${report.runs} runs of ${report.strategy}, ${report.from.slice(0, 10)} to ` +
      `${report.to.slice(0, 10)}, ${report.assets} assets: ${seconds} s${resumed}`,
    '',
    bestTable(report),
    '',
    `of ${overfitting.trials} trials without skill the best would show a sharpe of ` +
      `${show(overfitting.luckySharpe)}; chance that the best here is better than that: ` +
      `${percent(overfitting.deflatedSharpe)} (deflated sharpe ratio)`,
    `probability of backtest overfitting ${percent(overfitting.probability)} ` +
      `(${overfitting.splits} splits); of a loss out of sample ` +
      percent(overfitting.lossProbability),
  ];
  const { walkForward, crossValidation } = report;
  if (walkForward !== null) lines.push(validationLine('walk-forward', walkForward));
  if (crossValidation !== null) lines.push(validationLine('purged folds', crossValidation));
  for (const row of report.reconciled) {
    if (row.exactTrips === 0 && row.columnarTrips === 0) continue;
    lines.push(
      `exact engine, ${row.asset}: ${Number(row.exactPnl).toFixed(2)} USD in ${row.exactTrips} ` +
        `trips; columnar ${Number(row.columnarPnl).toFixed(2)} in ${row.columnarTrips} ` +
        `(${bps(row.difference)} of the notional apart)`,
    );
  }
  if (report.missing > 0) lines.push(`${report.missing} runs are left: run the same command again`);
  lines.push('', `runs: ${report.parquet ?? report.results}`);
  for (const note of report.notes) lines.push(`note: ${note}`);
  return lines.join('\n');
}

function bestTable({ best }: SweepReport): string {
  const names = Object.keys(best[0]?.params ?? {});
  const table = new Table({
    head: ['run', ...names, 'pnl USD', 'a year', 'sharpe', 'drawdown', 'trips'],
    style: { head: [], border: [], compact: true },
  });
  for (const run of best) {
    table.push([
      String(run.id),
      ...names.map((name) => String(run.params[name])),
      Number(run.pnl).toFixed(2),
      percent(run.apr),
      show(run.sharpe),
      percent(run.maxDrawdown),
      String(run.trips),
    ]);
  }
  return table.toString();
}

function validationLine(name: string, found: NonNullable<SweepReport['walkForward']>): string {
  return (
    `${name}, ${found.folds.length} folds: sharpe ${show(found.sharpeInSample)} where it was ` +
    `chosen, ${show(found.sharpeOutOfSample)} where it was not ` +
    `(return there ${percent(found.returnOutOfSample)})`
  );
}

function percent(value: number | null): string {
  return value === null ? 'unknown' : `${(value * 100).toFixed(2)}%`;
}

function show(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}

function bps(value: number | null): string {
  return value === null ? 'unknown' : `${(value * 10_000).toFixed(2)} bp`;
}
