// The run summary for people: what happened in two sentences, profit by cause, and whether our
// books are the venues' own. Pure.
import type { RunSummary, SystemStatus } from '../api/contract.ts';
import { formatDuration } from '../base/time.ts';
import { type Palette, paletteOf, signed, signedUsd, usd } from './terminal-text.ts';

export interface SummaryTextOptions {
  readonly summary: RunSummary;
  readonly status: SystemStatus;
  readonly colors: boolean;
}

const causes: readonly (readonly [keyof RunSummary['pnl'], string])[] = [
  ['funding', 'received at settlements, less what was paid'],
  ['basis', 'price difference of the legs moved'],
  ['residualDelta', 'price moved while the legs were unequal'],
  ['fees', 'taker fees of all fills'],
  ['borrow', 'interest on borrowed coin'],
  ['collateralFx', 'coins in the wallets changed their price'],
  ['residual', 'not explained (rounding)'],
];

export function summaryText({ summary, status, colors }: SummaryTextOptions): string {
  const palette = paletteOf({ colors });
  const { pnl, orders, pairs, reconcile, latencyUs } = summary;
  const lines = [
    '',
    storyOf(summary),
    '',
    palette.strong(row('profit by cause', 'USD')),
    ...causes.map(([cause, why]) => causeLine(Number(pnl[cause]), cause, why, palette)),
    palette.strong(row('total', signedUsd(Number(pnl.total)))),
    '',
    row('equity', `${money(summary.equityStart)} -> ${money(summary.equityEnd)}`),
    row(
      'pairs',
      `${pairs.opened} opened, ${pairs.closed} closed (${pairs.closedAtEnd} at the end)`,
    ),
    row('leg breaks', `${pairs.legBreaks}; longest unbalanced ${summary.nakedDeltaMsMax} ms`),
    row('orders', `${orders.sent} sent, ${orders.filled} filled, ${orders.rejected} rejected`),
    row('funding payments', `${summary.fundingPayments}`),
    row('slippage', `${usd(Number(summary.slippage))} USD against the mid at the decision`),
    row('tick to decision', `${micros(latencyUs.tickToDecision)}`),
    row('tick to order', `${micros(latencyUs.tickToOrder)}`),
    row('memory', `${summary.rssMbMax} MB at most`),
    '',
    row('books against venues', ''),
    ...Object.entries(reconcile).map(([what, result]) => matchLine(what, result, palette)),
    row('  ledger', summary.ledgerResidual === '0' ? 'sums to exactly 0' : summary.ledgerResidual),
    '',
    row('run', summary.runId),
    row('journal', summary.journal),
    row('', `${status.journal.records} records; read it with: farb replay ${summary.journal}`),
  ];
  return lines.join('\n');
}

/** For somebody who sees this for the first time. */
function storyOf(summary: RunSummary): string {
  const { pairs, fundingPayments, pnl, venues } = summary;
  const venueTime = formatDuration(summary.venueMs);
  const wall = formatDuration(summary.wallMs);
  if (pairs.opened === 0) {
    return (
      `In ${wall} (${venueTime} at the venues) no difference of funding rates on ` +
      `${venues.join(', ')} was worth its costs, so nothing was traded.`
    );
  }
  const funding = signedUsd(Number(pnl.funding));
  const total = signedUsd(Number(pnl.total));
  return (
    `In ${wall} (${venueTime} at the venues) farb opened ${pairs.opened} hedged ` +
    `${plural(pairs.opened, 'pair')}: long where funding is low, short where it is high.\n` +
    `${fundingPayments} funding ${plural(fundingPayments, 'payment')} made ${funding} USD; ` +
    `after fees and price differences ${total} USD are left.`
  );
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

const nameWidth = 22;

function row(name: string, value: string): string {
  return `${name.padEnd(nameWidth)}${value}`.trimEnd();
}

function causeLine(value: number, name: string, why: string, palette: Palette): string {
  const amount = signed(value, palette)(signedUsd(value).padStart(12));
  return `${`  ${name}`.padEnd(nameWidth - 6)}${amount}  ${palette.dim(why)}`;
}

function matchLine(what: string, result: 'match' | readonly string[], palette: Palette): string {
  if (result === 'match') return row(`  ${what}`, palette.good('match'));
  return result.map((text) => row(`  ${what}`, palette.bad(text))).join('\n');
}

function money(text: string | null): string {
  return text === null ? 'unknown' : usd(Number(text));
}

function micros({
  p50,
  p99,
}: {
  readonly p50: number | null;
  readonly p99: number | null;
}): string {
  if (p50 === null) return 'none';
  const isKnown = p99 !== null && Number.isFinite(p99);
  return `${p50} us median${isKnown ? `, ${p99} us p99` : ''}`;
}
