// The deterministic simulation, all checkers on: simulated venue hours and steps per second of
// processor time, without faults and with all of them. Two mixes: the one that `farb simulate`
// runs, and the same seeds with the market moving as often as half a quote a second.
import { simulationPolicyOf, simulationScan } from '../src/app/simulate-policy.ts';
import { hourMs, secondMs } from '../src/base/time.ts';
import { type FaultKind, faultKinds } from '../src/sim/faults.ts';
import { noSabotage } from '../src/sim/sabotage.ts';
import { simulate } from '../src/sim/simulator.ts';
import { type Bench, median, type Row } from './measure.ts';

const seeds = 24;
const rounds = 5;
/** Two assets on three venues, spot and perpetual: 12 quotes per move of the market. */
const halfAQuoteASecondMs = 24 * secondMs;

const mixes = [
  { name: 'as farb simulate runs them', marketEveryMs: undefined },
  { name: 'half a quote a second', marketEveryMs: halfAQuoteASecondMs },
] as const;

export const simulateBench: Bench = {
  title: 'simulate',
  run() {
    return mixes
      .flatMap((mix) => {
        const calm = measure(new Set(), mix.marketEveryMs);
        const faulty = measure(new Set(faultKinds), mix.marketEveryMs);
        return [rowsOf(`no faults, ${mix.name}`, calm), rowsOf(`all faults, ${mix.name}`, faulty)];
      })
      .flat();
  },
};

interface Measured {
  /** Per seed. */
  readonly hours: number;
  readonly steps: number;
  readonly quotes: number;
  readonly cpuMs: number;
}

function measure(kinds: ReadonlySet<FaultKind>, marketEveryMs: number | undefined): Measured {
  let hours = 0;
  let steps = 0;
  let quotes = 0;
  const cpuMs = Array.from({ length: rounds }, () => {
    [hours, steps, quotes] = [0, 0, 0];
    const started = process.cpuUsage();
    for (let seed = 1; seed <= seeds; seed++) {
      const options = {
        policy: simulationPolicyOf(seed),
        scan: simulationScan,
        sabotage: noSabotage,
      };
      const market = marketEveryMs === undefined ? {} : { marketEveryMs };
      const result = simulate({ seed, kinds, ...options, ...market });
      if (result.failure !== null) throw new Error(`seed ${seed}: ${result.failure.message}`);
      hours += result.venueMs / hourMs;
      steps += result.steps;
      quotes += result.quotes;
    }
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  });
  const perSeed = (total: number): number => total / seeds;
  return {
    hours: perSeed(hours),
    steps: perSeed(steps),
    quotes: perSeed(quotes),
    cpuMs: perSeed(median(cpuMs)),
  };
}

function rowsOf(what: string, { hours, steps, quotes, cpuMs }: Measured): readonly Row[] {
  const perSecond = (count: number): number => (count / cpuMs) * 1_000;
  const seed = `${cpuMs.toFixed(1)} ms a seed`;
  const row = (name: string, count: number, note: string): Row => ({
    name: `${name}: ${what}`,
    value: perSecond(count),
    unit: 'per s',
    ratio: null,
    note,
  });
  return [
    row('venue hours', hours, `${seed} of ${hours.toFixed(1)} hours`),
    row('engine steps', steps, `${Math.round(steps)} a seed`),
    row('quotes and steps', quotes + steps, `${Math.round(quotes)} quotes a seed, each scanned`),
  ];
}
