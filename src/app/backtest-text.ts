// A backtest's report as text for a person.
import Table from 'cli-table3';
import type { BacktestReport } from '../api/backtest-report.ts';
import type { RunAgreement } from '../api/run-agreement.ts';

const pairsMax = 12;

export function backtestText(report: BacktestReport): string {
  const { pnl, trades } = report;
  const days = report.from.slice(0, 10);
  const lines = [
    `${days} to ${report.to.slice(0, 10)}, ${report.events.toLocaleString('en-US')} events, ` +
      `${Math.round(report.eventsPerSecond).toLocaleString('en-US')} a second`,
    '',
    `equity ${money(report.equityStart)} -> ${money(report.equityEnd)} USD`,
    `profit ${money(pnl.total)} = funding ${money(pnl.funding)}, basis ${money(pnl.basis)}, ` +
      `delta ${money(pnl.residualDelta)}, fees ${money(pnl.fees)}, residual ${money(pnl.residual)}`,
    `a year ${percent(report.aprNet)} net; sharpe ${show(report.sharpe)}, ` +
      `sortino ${show(report.sortino)}, max drawdown ${percent(report.maxDrawdown)}, ` +
      `turnover ${report.turnover.toFixed(1)}x`,
    `${trades.length} round trips, ${report.fills} fills, ${report.orders.rejected} rejected, ` +
      `${report.denied} denied by risk, ${report.fundingPayments} funding payments`,
    '',
  ];
  if (report.byPair.length > 0) lines.push(pairTable(report), '');
  for (const note of report.notes) lines.push(`note: ${note}`);
  if (report.agreement !== undefined) lines.push('', ...agreementLines(report.agreement));
  return lines.join('\n');
}

/** Whether the recorded run and the backtest decided the same, decision by decision. */
function agreementLines(agreement: RunAgreement): readonly string[] {
  const { same, missing, extra, slippage } = agreement;
  const all = same.length + missing.length;
  const table = new Table({
    head: ['venue time', 'action', 'pair', 'later by', 'slippage bps: live', 'backtest'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right'],
  });
  for (const { at, action, pair, laterMs, slippageBps } of same) {
    const { live, backtest } = slippageBps;
    table.push([at, action, pair, `${(laterMs / 1_000).toFixed(1)} s`, show(live), show(backtest)]);
  }
  for (const { at, action, pair } of missing) table.push([at, action, pair, 'only live', '', '']);
  for (const { at, action, pair } of extra) table.push([at, action, pair, 'only here', '', '']);
  return [
    `${same.length} of ${all} decisions of the live run came again, ${extra.length} more were made`,
    ...(all + extra.length > 0 ? [table.toString()] : []),
    `slippage ${money(slippage.live)} USD live, ${money(slippage.backtest)} here: ` +
      `${money(slippage.difference)} more`,
  ];
}

function pairTable({ byPair }: BacktestReport): string {
  const table = new Table({
    head: ['pair', 'trips', 'hours', 'funding', 'price', 'fees', 'net USD'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const row of byPair.slice(0, pairsMax)) {
    const { pair, trades, hours, funding, price, fees, net } = row;
    const amounts = [funding, price, fees, net].map(money);
    table.push([pair, String(trades), hours.toFixed(0), ...amounts]);
  }
  const left = byPair.length - pairsMax;
  return left > 0 ? `${table.toString()}\n(and ${left} more: --json)` : table.toString();
}

function money(text: string): string {
  const value = Number(text);
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function percent(value: number | null): string {
  return value === null ? 'unknown' : `${(value * 100).toFixed(2)}%`;
}

function show(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}
