// docs/BENCHMARKS.md from the recorded runs: every claim with its target, met or not, then every
// row of every benchmark. Nothing in it is written by hand.
import { benchNames, usualNames } from './benches.ts';
import { type Claim, claims } from './claims.ts';
import { type Figure, figureOf, isMet, toleranceFactor } from './figures.ts';
import { median, type Row } from './measure.ts';
import type { RecordedBench, Recording } from './recording.ts';

const byName = benchNames.filter((name) => !usualNames.includes(name)).map((name) => `\`${name}\``);

export function markdownOf(recording: Recording): string {
  const { benches, versions } = recording;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${[
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --record`; not by hand. Compare ratios, not figures: both sides',
    'of a ratio were measured in the same run, by turns, on the same cores. A spread is the lowest',
    'and the highest of the runs. Processor time is taken where a neighbour could disturb a wall',
    'clock; the wire and the start are wall time.',
    '',
    '```',
    'npm run bench                  # the table, of this machine',
    'npm run bench -- decode wire   # some of it, by name',
    'npm run bench:check            # compares a quick part of it with what is recorded here',
    'npm run bench:check -- scale   # other parts by name; --all for whatever has a claim',
    'npm run bench -- --record      # all of it: writes this page and its data',
    '```',
    '',
    'Only by name and when all is recorded, because they take minutes:',
    `${byName.join(', ')}.`,
    'Each run is a process of its own with a time limit; what it wrote and started is gone when it',
    'ends. One that cannot be run is named and left out. `recovery` writes 2.9 GB where temporary',
    'files are.',
    '',
    '`bench:check` fails when a ratio is worse than the recorded one by more than ' +
      `${toleranceFactor} times.`,
    `Peers are unmodified from npm: ${used.join(', ')}.`,
    '',
    '## Claims and targets',
    '',
    '| claim | ours | against | figure | spread | target | met |',
    '|---|---|---|---|---|---|---|',
    ...claims.map((claim) => claimLine(claim, benches[claim.bench])),
    '',
    ...Object.values(benches).flatMap(sectionOf),
  ].join('\n')}`;
}

function claimLine(claim: Claim, bench: RecordedBench | undefined): string {
  const figure = bench === undefined ? null : figureOf(claim, bench.runs);
  const target = targetText(claim, figure);
  if (figure === null) return `| ${claim.says} | not measured | | | | ${target} | unknown |`;
  const met = isMet(claim, figure);
  const cells = [
    claim.says,
    valueText(figure.ours),
    figure.against === null ? '' : `${figure.against.name}: ${valueText(figure.against)}`,
    figureText(claim, figure, figure.value),
    `${figureText(claim, figure, figure.low)} to ${figureText(claim, figure, figure.high)}`,
    target,
    met === null ? '' : met ? 'yes' : '**no**',
  ];
  return `| ${cells.join(' | ')} |`;
}

function targetText(claim: Claim, figure: Figure | null): string {
  const { target, as } = claim;
  if (target === null) return 'none';
  if (as === 'faster') return `at least ${target}x`;
  if (as === 'longer') return `at most ${target}x`;
  const unit = figure?.ours.unit ?? claim.unit ?? 'ns';
  return `${unit === 'per s' ? 'at least' : 'at most'} ${valueText({ value: target, unit })}`;
}

function figureText(claim: Claim, { ours }: Figure, value: number): string {
  if (claim.as === 'faster') return `${short(value)}x faster`;
  if (claim.as === 'longer') return `${short(value)}x as long`;
  return valueText({ value, unit: ours.unit });
}

function sectionOf({ title, date, machine, runs }: RecordedBench): readonly string[] {
  const { node, v8, platform, cpu, cores, memoryGb, load } = machine;
  const [first] = runs;
  if (first === undefined) return [];
  return [
    `## ${title}`,
    '',
    `${date}, Node ${node} (V8 ${v8}), ${platform}, ${cores} x ${cpu}, ${memoryGb} GB, ` +
      `load ${load}; ` +
      `${runs.length === 1 ? 'one run' : `median of ${runs.length} runs`}.`,
    '',
    '| what | figure | ratio | spread of the ratio | note |',
    '|---|---|---|---|---|',
    ...first.rows.map((row) =>
      rowLine(
        row,
        runs.flatMap(({ rows }) => sameRow(rows, row)),
      ),
    ),
    '',
  ];
}

function sameRow(rows: readonly Row[], { name }: Row): readonly Row[] {
  return rows.filter((row) => row.name === name).slice(0, 1);
}

function rowLine({ name, unit, note }: Row, all: readonly Row[]): string {
  const values = all.flatMap(({ value }) => value ?? []);
  const ratios = all.flatMap(({ ratio }) => ratio ?? []);
  const value = values.length === 0 ? null : median(values);
  const spread =
    ratios.length < 2 ? '' : `${short(Math.min(...ratios))} to ${short(Math.max(...ratios))}`;
  const ratio = ratios.length === 0 ? '' : `${short(median(ratios))}x`;
  return `| ${name} | ${valueText({ value, unit })} | ${ratio} | ${spread} | ${note} |`;
}

function valueText({ value, unit }: Pick<Row, 'value' | 'unit'>): string {
  if (value === null) return 'not measured';
  if (unit === 'bytes') return `${short(value / 2 ** 20)} MiB`;
  if (unit === 'ns' && value >= 10_000) return `${short(value / 1_000)} us`;
  return unit === 'per s' ? `${short(value)} a second` : `${short(value)} ${unit}`;
}

function short(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en-US');
}
