// Which instruments may hedge each other: the same asset in the same quote currency.
import type { Instrument } from '../domain/instrument.ts';

/** Linear perpetuals by `BASE/QUOTE`, in the order given. */
export function linearPerpsByAsset(
  instruments: readonly Instrument[],
): ReadonlyMap<string, readonly Instrument[]> {
  const groups = new Map<string, Instrument[]>();
  for (const instrument of instruments) {
    if (instrument.kind !== 'linear-perp') continue;
    const asset = assetOf(instrument);
    const group = groups.get(asset);
    if (group === undefined) groups.set(asset, [instrument]);
    else group.push(instrument);
  }
  return groups;
}

export function assetOf(instrument: Instrument): string {
  return `${instrument.base}/${instrument.quote}`;
}
