// Rehearsals end by themselves, and never take anything else with them.
import { describe, expect, it, onTestFinished } from 'vitest';
import { binancePerp, okxPerp } from '../../test/support/engine-rig.ts';
import { testPolicy } from '../../test/support/in-process-run.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import { type RehearsalPlan, startRehearsals } from './rehearsals.ts';

const wallMs = 1_767_571_200_000;
const pair = { strategy: 'perp-perp', long: binancePerp.id, short: okxPerp.id };

function started(
  plan: RehearsalPlan,
  { message = () => undefined, quoting = true }: { message?: () => void; quoting?: boolean } = {},
) {
  const catalog = new Catalog();
  const table = new MarketTable(8);
  for (const instrument of [binancePerp, okxPerp]) {
    const index = catalog.put(instrument);
    for (const at of [slot.bid, slot.bidQty, slot.askQty]) table.set(index, at, 1_000);
    table.set(index, slot.ask, 1_001);
    table.set(index, slot.quoteWallMs, wallMs);
  }
  const said: string[] = [];
  let asked = 0;
  let quotes = 0;
  const say = (_: unknown, text: string): void => void said.push(text);
  const rehearsals = startRehearsals(plan, {
    policy: testPolicy,
    market: { catalog, table, takerFeeRate: () => Number.NaN },
    clock: { wallMs: () => wallMs, venueMs: () => wallMs },
    message,
    looks: () => (quoting ? quotes++ : quotes),
    best: () => {
      asked++;
      return [{ pair }];
    },
    log: { debug: say, info: say, warn: say, error: say },
  });
  onTestFinished(() => rehearsals.stop());
  return { rehearsals, said, asked: () => asked };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('rehearsals', () => {
  it('are as many as wanted at the start, and no more', async () => {
    const { rehearsals, said, asked } = started({ atStart: 25, everyMs: 0 });
    await until('the end', () => said.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rehearsals.entries).toBe(25);
    expect(said).toEqual(['entries were rehearsed']);
    expect(asked()).toBe(1);
  });

  it('go on every so often where that is wanted, until they are stopped', async () => {
    const { rehearsals } = started({ atStart: 2, everyMs: 1 });
    await until('some more', () => rehearsals.entries > 10);
    rehearsals.stop();
    const { entries } = rehearsals;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rehearsals.entries).toBe(entries);
  });

  it('pause while no quote comes', async () => {
    const { rehearsals } = started({ atStart: 2, everyMs: 1 }, { quoting: false });
    await until('the start', () => rehearsals.entries === 2);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rehearsals.entries).toBe(2);
  });

  it('end with the first one that fails, and say why', async () => {
    let made = 0;
    const message = (): void => {
      if (++made > 6) throw new Error('no such message');
    };
    const { rehearsals, said } = started({ atStart: 100, everyMs: 1 }, { message });
    await until('the end', () => said.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rehearsals.entries).toBe(3);
    expect(said).toEqual(['entries are not rehearsed any more']);
  });

  it('are not made where none are wanted', async () => {
    const { rehearsals, asked } = started({ atStart: 0, everyMs: 0 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([rehearsals.entries, asked()]).toEqual([0, 0]);
  });
});
