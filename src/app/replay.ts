// `farb replay`: the state that a journal rebuilds, by `evolve` alone.
import { formatDecimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { encode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';
import { evolve } from '../engine/evolve.ts';
import { checkInvariants } from '../engine/invariants.ts';
import { emptyState } from '../engine/state.ts';
import {
  ledgerResidualOf,
  orderCountsOf,
  pairCountsOf,
  pnlOf,
  stateHashOf,
} from '../engine/summary.ts';
import { readJournal } from '../store/journal.ts';

export type ReplayReport = ReturnType<typeof replay>;

/** Throws a UserError for a journal that cannot be read or is corrupted. */
export function replay(journal: string) {
  const state = emptyState();
  const fold = (record: JournalRecord): void => {
    if (state.seq === 0 && record.seq > 1) {
      throw new UserError(
        `${journal}: begins with record ${record.seq}, and a state needs the ones before it. ` +
          'Name the whole journal, or print these with --records.',
      );
    }
    evolve(state, record);
  };
  const { records, tornBytes } = readJournal(journal, fold, { factsOnly: true });
  if (records === 0 && tornBytes > 0) throw new UserError(`${journal}: not a journal of farb.`);
  checkInvariants(state);
  return {
    journal,
    records,
    tornBytes,
    stateHash: stateHashOf(state),
    runId: state.runId,
    seed: state.seed,
    epoch: state.epoch,
    tsMs: state.tsMs,
    wallMs: state.wallMs,
    mode: state.mode,
    venues: [...state.venues.keys()],
    orders: orderCountsOf(state),
    pairs: pairCountsOf(state),
    fundingPayments: state.counters.fundingPayments,
    pnl: pnlOf(state),
    ledgerResidual: ledgerResidualOf(state),
    positions: [...state.positions]
      .filter(([, { qty }]) => qty !== 0n)
      .map(([instrument, { qty }]) => ({ instrument, qty: formatDecimal(qty) })),
  };
}

/** Every record as a line of the text codec: what a person or another program reads. */
export function printEachRecord(
  journal: string,
  { afterSeq, print }: { readonly afterSeq: number; readonly print: (line: string) => void },
): void {
  readJournal(journal, (record) => print(encode(record)), { afterSeq });
}
