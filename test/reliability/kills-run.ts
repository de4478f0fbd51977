// `npm run test:kills [-- --kills 52 --seed 1 --speed 120 --json]`: the whole campaign.
import { parseArgs } from 'node:util';
import { runKills } from './kills.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '52' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000) % 1_000_000) },
    speed: { type: 'string', default: '120' },
    json: { type: 'boolean', default: false },
  },
});

const report = await runKills({
  seed: Number(values.seed),
  kills: Number(values.kills),
  speed: Number(values.speed),
  tell: (line) => process.stderr.write(`${line}\n`),
});
const { kills, recoveryMs } = report;
const during = (phase: string): number =>
  kills.filter(({ phases }) => phases.includes(phase)).length;
const sorted = [...recoveryMs].sort((a, b) => a - b);
if (values.json) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
} else {
  const phases = ['opening', 'mending', 'open', 'closing', 'unwinding'];
  const lines = [
    `seed ${report.seed}: ${kills.length} kills in ${Math.round(report.wallMs / 1_000)} s, ` +
      `${report.compared} boots compared with the venues, all equal`,
    `pairs at the moment of the kill: ${phases.map((p) => `${p} ${during(p)}`).join(', ')}`,
    `with orders under way: ${kills.filter(({ unsettled }) => unsettled > 0).length}`,
    `aimed at: ${['open', 'close', 'settlement', 'anytime', 'boot']
      .map((aim) => `${aim} ${kills.filter((kill) => kill.aim === aim).length}`)
      .join(', ')}`,
    `boot to equal: median ${sorted[Math.floor(sorted.length / 2)]} ms, ` +
      `longest ${sorted.at(-1)} ms`,
    `longest time that a running system had a pair unbalanced: ${Math.max(
      ...report.summaries.map(({ nakedDeltaMsMax }) => nakedDeltaMsMax),
    )} ms`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
