// Which instruments may hedge each other: the same asset in the same quote currency.
import type { Instrument } from '../domain/instrument.ts';
import type { PairKey } from '../domain/view.ts';

/** Linear perpetuals by `BASE/QUOTE`, in the order given. */
export function linearPerpsByAsset(
  instruments: readonly Instrument[],
): ReadonlyMap<string, readonly Instrument[]> {
  return groupsOf(instruments, linearAssetOf);
}

/** `BASE/QUOTE` of a linear perpetual; null = it is none. */
export function linearAssetOf(instrument: Instrument): string | null {
  return instrument.kind === 'linear-perp' ? assetOf(instrument) : null;
}

export function assetOf(instrument: Instrument): string {
  return `${instrument.base}/${instrument.quote}`;
}

/**
 * Both directions of every two instruments of one group that are on different venues.
 * `groupOf`: null = none of these pairs; `hedges`: what else two of a group have to be.
 */
export function pairsAcrossVenues(
  strategy: string,
  instruments: readonly Instrument[],
  rule: {
    readonly groupOf: (instrument: Instrument) => string | null;
    readonly hedges: (long: Instrument, short: Instrument) => boolean;
  },
): readonly PairKey[] {
  const keys: PairKey[] = [];
  for (const group of groupsOf(instruments, rule.groupOf).values()) {
    for (const long of group) {
      for (const short of group) {
        if (long.venue === short.venue || !rule.hedges(long, short)) continue;
        keys.push({ strategy, long: long.id, short: short.id });
      }
    }
  }
  return keys;
}

function groupsOf(
  instruments: readonly Instrument[],
  groupOf: (instrument: Instrument) => string | null,
): ReadonlyMap<string, readonly Instrument[]> {
  const groups = new Map<string, Instrument[]>();
  for (const instrument of instruments) {
    const name = groupOf(instrument);
    if (name === null) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [instrument]);
    else group.push(instrument);
  }
  return groups;
}
