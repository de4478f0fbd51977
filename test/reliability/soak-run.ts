// `npm run soak [-- --days 30 --speed 2880 --seed 7 --json]`: the whole soak, its figures on
// stdout.
import { parseArgs } from 'node:util';
import type { Flatness } from './memory.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    speed: { type: 'string', default: '2880' },
    seed: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});

const report = await soak({
  days: Number(values.days),
  speed: Number(values.speed),
  seed: Number(values.seed),
  faultEveryMs: 10_000,
  memoryEveryMs: 2_000,
  judged: 'heap and rss',
  tell: (line) => process.stderr.write(`${line}\n`),
});

function memoryText(name: string, { samples, heapMb, rssMb, ...growth }: Flatness): string {
  const change = (value: number): string => `${value >= 0 ? '+' : ''}${(value * 100).toFixed(1)}%`;
  const from = ([early, late]: readonly [number, number]): string =>
    `${early.toFixed(1)} -> ${late.toFixed(1)} MB`;
  return (
    `${name}: heap ${from(heapMb)} (${change(growth.heapGrowth)}), ` +
    `rss ${from(rssMb)} (${change(growth.rssGrowth)}), ${samples} samples`
  );
}

if (values.json) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
} else {
  const { summary } = report;
  const lines = [
    `${report.days.toFixed(1)} venue days in ${Math.round(report.wallMs / 1_000)} s, ` +
      `${report.faults} faults`,
    `${summary.orders.sent} orders, ${summary.pairs.opened} pairs opened, ` +
      `${summary.pairs.legBreaks} leg breaks, ${summary.fundingPayments} funding payments`,
    `ledger residual ${summary.ledgerResidual}, reconcile ${JSON.stringify(summary.reconcile)}`,
    `longest time that a pair was unbalanced: ${summary.nakedDeltaMsMax} ms`,
    `bills against the formula: ${JSON.stringify(summary.bills)}`,
    memoryText('system', report.system),
    memoryText('testnet', report.testnet),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
for (const complaint of report.complaints) process.stderr.write(`soak: ${complaint}\n`);
process.exitCode = report.complaints.length === 0 ? 0 : 1;
