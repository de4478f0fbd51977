// `farb backtest --recording`: what `farb record` stored as the market of a backtest; with a
// journal beside it, whether the live run and the backtest decided the same.
import type { BacktestReport } from '../api/backtest-report.ts';
import { fromNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import type { JournalRecord } from '../domain/event.ts';
import { isPerp } from '../domain/instrument.ts';
import { evolve } from '../engine/evolve.ts';
import { emptyState } from '../engine/state.ts';
import type { DriverLog } from '../io/driver-types.ts';
import type { SimInstrument } from '../sim/api.ts';
import { readJournal } from '../store/journal.ts';
import { type ReadNotes, readHead, readRecording } from '../store/recording-read.ts';
import { backtestReport } from './backtest-report.ts';
import { type BacktestSettings, backtestSettings } from './backtest-settings.ts';
import type { NativeSetup } from './compose.ts';
import type { Config } from './config.ts';
import { agreementOf, DecisionLog, type PairDecision } from './decision-log.ts';
import { publicSetups } from './public-setups.ts';
import { runRecording } from './recorded-run.ts';

export interface RecordingRequest {
  readonly config: Config;
  readonly dir: string;
  readonly strategy: string | null;
  readonly set: readonly string[];
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Null = that of the compared run, else the default. */
  readonly capitalUsd: number | null;
  readonly venues: readonly string[] | null;
  readonly assets: readonly string[] | null;
  /** A journal of the run that was recorded. */
  readonly compare: string | null;
  /** Wall time by which the same decision may be earlier or later. */
  readonly toleranceMs: number;
  readonly log: DriverLog;
}

const capitalDefault = 100_000;

/** `onProgress` hears the frames done, and says whether to go on. */
export async function backtestRecording(
  request: RecordingRequest,
  onProgress: (frames: number) => boolean,
): Promise<BacktestReport> {
  const { dir, config } = request;
  const settings = backtestSettings(request);
  const live = request.compare === null ? null : liveRunIn(request.compare);
  const head = await readHead(dir);
  const setups = setupsFor(request, head?.venues ?? null);
  const capitalUsd = request.capitalUsd ?? live?.startUsd ?? capitalDefault;
  const decided = new DecisionLog();
  const notes: ReadNotes = { badLines: 0, truncated: null };
  const orderValidityMs = Object.fromEntries(setups.map((one) => [one.id, one.orderValidityMs]));
  const { everyMs, overlapMs, confirmations } = reconcileOf(config);
  const startedMs = performance.now();
  const run = await runRecording({
    frames: readRecording(dir, notes),
    clock: head?.clock ?? null,
    setups,
    policy: {
      ...settings.policy,
      orderValidityMs,
      reconcile: { ...settings.policy.reconcile, everyMs, overlapMs, confirmations },
    },
    usdtPerVenue: capitalUsd / setups.length,
    latencyMs: settings.latencyMs,
    feesOf: (listing) => withFees(listing, settings),
    fromMs: request.fromMs ?? live?.fromMs ?? null,
    toMs: request.toMs ?? live?.toMs ?? null,
    onRecord: (record, state) => decided.observe(record, state),
    onProgress,
    log: request.log,
  });
  if (run.venues.length === 0) {
    throw new UserError(
      `--recording ${dir}: no venue of it lists an instrument of ${config.dir}/exchanges.yaml in ` +
        'the wanted time. It must begin with the start of farb record, and hold the symbols.',
    );
  }
  const names = settings.policy.strategies.map((one) => one.strategy.name).join(', ');
  const toleranceMs = request.toleranceMs * (head?.clock?.speed ?? 1);
  const { latencyMs, leverage, given } = settings;
  return {
    ...backtestReport({
      run,
      elapsedMs: performance.now() - startedMs,
      settings: { strategy: request.strategy ?? names, capitalUsd, latencyMs, leverage, ...given },
      notes: [
        `${run.frames} recorded frames of ${run.venues.join(', ')}; fills in the recorded books`,
        ...(run.unrecognized > 0 ? [`${run.unrecognized} frames were not recognized`] : []),
        ...(notes.badLines > 0 ? [`${notes.badLines} lines of the recording are no frames`] : []),
        ...(notes.truncated === null ? [] : [`an end is missing: ${notes.truncated}`]),
      ],
      capacity: [],
    }),
    ...(live === null
      ? {}
      : { agreement: agreementOf(live.decisions, decided.decisions, toleranceMs) }),
  };
}

function setupsFor(
  { config, dir, venues, assets }: RecordingRequest,
  recorded: readonly string[] | null,
): readonly NativeSetup[] {
  const wanted = assets === null ? null : new Set(assets.map((asset) => asset.toUpperCase()));
  const setups = publicSetups(config, null)
    .flatMap((setup) => (setup.driver === 'native' ? [setup] : []))
    .filter(({ id }) => recorded?.includes(id) ?? true)
    .filter(({ id }) => venues?.includes(id) ?? true)
    .map((setup): NativeSetup => {
      if (wanted === null) return setup;
      return { ...setup, wants: (one) => wanted.has(one.base) && setup.wants(one) };
    });
  if (setups.length > 0) return setups;
  throw new UserError(
    `--recording ${dir}: holds ${recorded?.join(', ') ?? 'nothing'}, and none of it is a native ` +
      `venue of ${config.dir}/exchanges.yaml that was asked for.`,
  );
}

function reconcileOf({ main: { reconcile } }: Config) {
  const { every: everyMs, overlap: overlapMs, confirmations } = reconcile;
  return { everyMs, overlapMs, confirmations };
}

/** Fees that were set by hand, or are another tier's; else the venue's own of this contract. */
function withFees(listing: SimInstrument, { termsOf, given }: BacktestSettings): SimInstrument {
  const { venue, kind } = listing.instrument;
  const market = isPerp(kind) ? 'perp' : 'spot';
  if (given[`fees.${market}`] === undefined && given[`fees.${venue}.${market}`] === undefined) {
    return listing;
  }
  const terms = termsOf(venue);
  return {
    ...listing,
    feeRateTaker: fromNumber(market === 'perp' ? terms.perpTaker : terms.spotTaker),
  };
}

interface LiveRun {
  readonly decisions: readonly PairDecision[];
  /** Venue time of its boot, and of its end or of the order to wind down. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly startUsd: number | null;
}

function liveRunIn(journal: string): LiveRun {
  const state = emptyState();
  const log = new DecisionLog();
  let fromMs: number | null = null;
  let toMs: number | null = null;
  readJournal(journal, (record: JournalRecord) => {
    evolve(state, record);
    log.observe(record, state);
    if (!('input' in record)) return;
    const { input } = record;
    if (input.kind === 'booted') fromMs ??= record.tsMs;
    if (input.kind === 'operator' && input.command === 'wind-down') toMs = record.tsMs;
  });
  if (fromMs === null) throw new UserError(`--compare ${journal}: holds no boot of a run.`);
  const { decisions } = log;
  return { decisions, fromMs, toMs: toMs ?? state.tsMs, startUsd: state.equity.startUsd };
}
