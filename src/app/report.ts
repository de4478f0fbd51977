// What `farb report` reads: documents of backtests, or a journal; and the page that it writes.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type BacktestReport, backtestReportSchema } from '../api/backtest-report.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { writePng } from './report-png.ts';
import { type NamedReport, reportHtml } from './report-sheet.ts';

/** The document that `farb backtest --json` or `farb report --json` printed. */
export function readReport(file: string): NamedReport {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new UserError(`${file}: ${messageOf(thrown)}; give what farb backtest --json printed`);
  }
  const parsed = backtestReportSchema.safeParse(raw);
  if (parsed.success) return { name: basename(file).replace(/\.json$/, ''), report: parsed.data };
  const issue = parsed.error.issues[0];
  throw new UserError(
    `${file}: ${issue?.path.join('.') || '(top)'}: ${issue?.message}; ` +
      'give what farb backtest --json printed',
  );
}

export function writeHtml(file: string, title: string, runs: readonly NamedReport[]): void {
  try {
    writeFileSync(file, reportHtml(title, runs));
  } catch (thrown) {
    throw new UserError(`--html ${file}: ${messageOf(thrown)}; choose a file that can be written`);
  }
}

export interface Pages {
  readonly html?: string;
  readonly png?: string;
}

/** The files that were asked for; returns their names. */
export async function writePages(
  { html, png }: Pages,
  title: string,
  runs: readonly NamedReport[],
): Promise<readonly string[]> {
  if (html !== undefined) writeHtml(html, title, runs);
  if (png !== undefined) await writePng(png, reportHtml(title, runs), process.env);
  return [html, png].flatMap((file) => file ?? []);
}

export function backtestTitle(report: BacktestReport): string {
  return `Backtest: ${report.settings['strategy'] ?? 'funding-rate arbitrage'}`;
}
