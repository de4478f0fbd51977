// kill -9 at random instants over real sockets: the system is killed while it opens, closes,
// settles and boots, again and again, and every restart must end with positions, orders and cash
// equal to what the venues themselves say, with nothing doubled. Instants come from the seed; what
// happens in them does not, because processes and sockets are real.
import type { RunSummary } from '../../src/api/contract.ts';
import { complaintsOf } from '../../src/app/demo.ts';
import { messageOf } from '../../src/base/errors.ts';
import { Prng } from '../../src/base/prng.ts';
import { hourMs } from '../../src/base/time.ts';
import { isSettled } from '../../src/domain/order-state.ts';
import { type EngineState, livePairs } from '../../src/engine/state.ts';
import type { RunningFarb } from '../support/farb.ts';
import { type KillSite, openKillSite } from './kill-site.ts';
import { equalToVenues, until } from './kill-verdict.ts';
import { venueReaders } from './truth.ts';

const aims = ['open', 'open', 'close', 'close', 'settlement', 'anytime', 'boot'] as const;
export type Aim = (typeof aims)[number];

/**
 * How long after the moment that is aimed at the kill comes at the latest, wall ms. Open: the
 * status shows the first pair. Close: the command to close was taken. Settlement: a little before
 * it. Boot: the process was started, after another kill.
 */
const afterMsMax: Readonly<Record<Aim, number>> = {
  open: 40,
  close: 40,
  settlement: 2_000,
  anytime: 2_000,
  boot: 2_500,
};
/** A settlement is also aimed at from before. */
const settlementLeadMs = 200;
/** Every group has venues of its own, and a share of the kills. */
const groups = [
  { venues: ['okx', 'bybit'], share: 0.5, modes: ['taker-taker', 'maker-taker'] },
  { venues: ['binance', 'bybit'], share: 0.25, modes: ['taker-taker'] },
  { venues: ['binance', 'okx', 'bybit'], share: 0.25, modes: ['taker-taker'] },
];
/** A boot costs requests: Binance's minute has room for about so many boots and comparisons. */
const bootEveryMs = 8_000;

export interface KillsOptions {
  readonly seed: number;
  readonly kills: number;
  readonly speed: number;
  readonly tell: (line: string) => void;
}

export interface Kill {
  readonly group: number;
  readonly aim: Aim;
  /** After the command, the settlement or the start that was aimed at. */
  readonly afterMs: number;
  /** What the journal says of the moment: phases of live pairs, orders without a final word. */
  readonly phases: readonly string[];
  readonly unsettled: number;
  /** Funding payments booked when it came. */
  readonly payments: number;
}

export interface KillsReport {
  readonly seed: number;
  readonly wallMs: number;
  readonly kills: readonly Kill[];
  /** Restarts that were compared with the venues, and found equal. */
  readonly compared: number;
  /** Wall time from a restart to equality. */
  readonly recoveryMs: readonly number[];
  readonly summaries: readonly RunSummary[];
}

/** Rejects at the first restart that does not end equal to the venues. */
export async function runKills(options: KillsOptions): Promise<KillsReport> {
  const { seed, tell } = options;
  const startedMs = performance.now();
  const done = await Promise.all(
    groups.map(({ venues, share, modes }, group) => {
      const count = Math.ceil(options.kills * share);
      return runGroup({ ...options, group, venues, modes, count });
    }),
  );
  tell(`seed ${seed}: all restarts ended equal to the venues`);
  return {
    seed,
    wallMs: Math.round(performance.now() - startedMs),
    kills: done.flatMap(({ kills }) => kills),
    compared: done.reduce((sum, { recoveryMs }) => sum + recoveryMs.length, 0),
    recoveryMs: done.flatMap(({ recoveryMs }) => recoveryMs),
    summaries: done.map(({ summary }) => summary),
  };
}

interface GroupOptions extends KillsOptions {
  readonly group: number;
  readonly venues: readonly string[];
  readonly modes: readonly string[];
  readonly count: number;
}

async function runGroup(options: GroupOptions) {
  const { seed, speed, group, venues, modes, count, tell } = options;
  const site = await openKillSite({ venues, speed, seed: seed + group, modes });
  const random = new Prng(seed * 1_000 + group);
  const kills: Kill[] = [];
  const recoveryMs: number[] = [];
  const gapMs = venues.includes('binance') ? bootEveryMs : 0;
  const compare = async (run: RunningFarb): Promise<void> => {
    const startedMs = performance.now();
    await equalToVenues(site, run);
    recoveryMs.push(Math.round(performance.now() - startedMs));
  };
  try {
    let run = site.start();
    await compare(run);
    while (kills.length < count) {
      const nextBootMs = performance.now() + gapMs;
      const aim = aims[random.below(aims.length)] as Aim;
      const afterMs = random.below(afterMsMax[aim]);
      run = await reach(site, run, aim);
      await sleep(afterMs);
      run.child.kill('SIGKILL');
      await run.done;
      const kill = killed(site.fold(), { group, aim, afterMs });
      kills.push(kill);
      await sleep(nextBootMs - performance.now());
      run = site.start();
      await compare(run);
      tell(
        `group ${group} kill ${kills.length}/${count}: ${aim} + ${afterMs} ms, ` +
          `pairs [${kill.phases.join(' ')}], ${kill.unsettled} orders under way, ` +
          `equal after ${recoveryMs.at(-1)} ms`,
      );
    }
    const summary = await endInOrder(site, run);
    await site.close('passed');
    return { kills, recoveryMs, summary };
  } catch (thrown) {
    await site.close('failed');
    throw new Error(
      `seed ${seed}, group ${group}, after ${kills.length} kills ` +
        `(${JSON.stringify(kills.at(-1) ?? null)}), state ${site.statePath}: ${messageOf(thrown)}`,
    );
  }
}

/** Brings the system to the moment that is aimed at; the process to kill. */
async function reach(site: KillSite, run: RunningFarb, aim: Aim): Promise<RunningFarb> {
  switch (aim) {
    case 'open':
      await site.command(run, 'wind-down');
      await until('every pair closed', async () => (await livePairCount(site, run)) === 0);
      await site.command(run, 'resume');
      await until('a pair is opened', async () => (await livePairCount(site, run)) > 0, 5);
      return run;
    case 'close':
      await until('a pair to close', async () => (await livePairCount(site, run)) > 0);
      await site.command(run, 'wind-down');
      return run;
    case 'settlement':
      await sleep(untilSettlementMs(site));
      return run;
    case 'boot':
      run.child.kill('SIGKILL');
      await run.done;
      return site.start();
    case 'anytime':
      return run;
  }
}

/** Every phase but closed counts. */
async function livePairCount(site: KillSite, run: RunningFarb): Promise<number> {
  return (await site.status(run)).pairCounts.open;
}

/** Wall time until a little before the next full venue hour. */
function untilSettlementMs({ file }: KillSite): number {
  const { wallStartMs, venueStartMs, speed } = file.clock;
  const venueMs = venueStartMs + (Date.now() - wallStartMs) * speed;
  const nextMs = (Math.floor(venueMs / hourMs) + 1) * hourMs;
  return Math.max(0, (nextMs - venueMs) / speed - settlementLeadMs);
}

function killed(state: EngineState, kill: Pick<Kill, 'group' | 'aim' | 'afterMs'>): Kill {
  const unsettled = [...state.orders.values()].filter((known) => !isSettled(known)).length;
  const phases = livePairs(state).map(({ phase }) => phase);
  return { ...kill, phases, unsettled, payments: state.counters.fundingPayments };
}

/** An interrupt closes everything; then no order may be at a venue twice, or be unknown to us. */
async function endInOrder(site: KillSite, run: RunningFarb): Promise<RunSummary> {
  run.child.kill('SIGINT');
  const { code, stdout, stderr } = await run.done;
  if (code !== 130) throw new Error(`the orderly end exited ${code}: ${stderr.slice(-2_000)}`);
  const summary = JSON.parse(stdout) as RunSummary; // the system's own output
  // How long a pair was unbalanced is told, not judged: a busy machine boots slowly.
  const complaints = complaintsOf({ ...summary, nakedDeltaMsMax: 0 });
  if (complaints.length > 0) throw new Error(`the orderly end: ${complaints.join('; ')}`);
  const state = site.fold();
  for (const reader of venueReaders(site.file, [...state.instruments.values()])) {
    const seen = new Set<string>();
    for (const id of await reader.orderIds()) {
      if (seen.has(id)) throw new Error(`${reader.venue}: order ${id} was sent twice`);
      seen.add(id);
      if (!state.orders.has(id)) throw new Error(`${reader.venue}: order ${id} is in no journal`);
    }
  }
  return summary;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
