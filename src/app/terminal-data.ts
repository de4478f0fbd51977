// The answers of `farb data` for people. Pure.
import type { DataImport, DataList, DataPull, DataVerify } from '../api/data-report.ts';
import { formatDuration, isoUtc } from '../base/time.ts';
import { cell, paletteOf } from './terminal-text.ts';

interface Look {
  readonly colors: boolean;
}

/** Findings that are printed one by one; --json has all. */
const findingsShownMax = 60;

export function importText(report: DataImport, look: Look): string {
  const palette = paletteOf(look);
  const { files, rowsAdded, duplicates, conflicts, conflictsShown, series, elapsedMs } = report;
  const of = (outcome: string) => files.filter((file) => file.outcome === outcome);
  const failed = of('failed').map(({ file, message }) => palette.bad(`${file}: ${message}`));
  const strange = of('unrecognized').map(({ file }) => file);
  const known = of('known').length;
  return [
    ...failed,
    ...(strange.length > 0 ? [palette.dim(`left alone: ${shortened(strange)}`)] : []),
    ...conflictsShown.map(({ series: name, tsMs, kept, dropped }) => {
      const what = `kept ${kept.slice(1).join(' ')}, not ${dropped.slice(1).join(' ')}`;
      return palette.bad(`conflict in ${name} at ${isoUtc(tsMs)}: ${what}`);
    }),
    `${of('imported').length} files imported${known > 0 ? `, ${known} known before` : ''}: ` +
      `${number(rowsAdded)} rows added, ${number(duplicates)} were there, ` +
      `${number(conflicts)} contradict; ${series} series in ${report.dir}, ` +
      `${(elapsedMs / 1_000).toFixed(1)} s`,
  ].join('\n');
}

export function pullText(report: DataPull, look: Look): string {
  const palette = paletteOf(look);
  const { series, errors, rowsAdded, duplicates, conflicts, elapsedMs } = report;
  return [
    ...series.map(({ name, rows, pulled, error }) => {
      const ends = pulled === null ? [] : [pulled.fromMs, pulled.toMs];
      const range = ends.map((ms) => isoUtc(ms).slice(0, 16)).join(' to ');
      const line = `${cell(name, 44)} ${cell(number(rows), 10, 'right')}  ${range}`;
      return error === null ? line : palette.bad(`${line}  ${error}`);
    }),
    ...errors.map(({ venue, message }) => palette.bad(`${venue}: ${message}`)),
    `${series.length} series in ${report.dir}: ${number(rowsAdded)} rows added, ` +
      `${number(duplicates)} were there, ${number(conflicts)} contradict, ` +
      `${(elapsedMs / 1_000).toFixed(1)} s`,
  ].join('\n');
}

export function listText(list: DataList, look: Look): string {
  const palette = paletteOf(look);
  const widths = [44, 10, 10, 10, 8, 5] as const;
  const row = (cells: readonly string[]) =>
    cells.map((text, i) => cell(text, widths[i] ?? 12, i === 0 ? 'left' : 'right')).join(' ');
  const header = row(['series', 'rows', 'first', 'last', 'missing', 'holes']);
  const rows = list.series.map((one) => {
    const ends = [one.firstMs, one.lastMs].map((ms) => isoUtc(ms).slice(0, 10));
    const cells = [one.name, number(one.rows), ...ends, number(one.missing), `${one.gapCount}`];
    const lengths = one.intervals.map(({ intervalMs }) => formatDuration(intervalMs));
    const seen = one.kind === 'funding' ? `  ${lengths.join(', ')}` : '';
    const changed = one.intervalChanges > 0 ? ` (${one.intervalChanges} changes)` : '';
    return `${row(cells)}${seen}${changed}`;
  });
  const total = `${list.series.length} series, ${number(list.rows)} rows in ${list.dir}`;
  return [palette.strong(`${header}  intervals`), ...rows, total].join('\n');
}

export function verifyText(report: DataVerify, look: Look): string {
  const palette = paletteOf(look);
  const paint = { error: palette.bad, warning: (text: string) => text, note: palette.dim };
  const { findings } = report;
  const lines = findings
    .slice(0, findingsShownMax)
    .map(({ severity, where, message }) =>
      paint[severity](`${severity.padEnd(8)} ${where}: ${message}`),
    );
  const more = findings.length - lines.length;
  const count = (severity: string) => findings.filter((one) => one.severity === severity).length;
  return [
    ...lines,
    ...(more > 0 ? [`and ${more} more: --json lists all`] : []),
    `${report.ok ? 'ok' : 'NOT ok'}: ${report.series} series, ${number(report.rows)} rows, ` +
      `${report.filesCompared} files compared by sha256; ${count('error')} errors, ` +
      `${count('warning')} warnings, ${count('note')} notes`,
  ].join('\n');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function shortened(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
