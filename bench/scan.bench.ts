// Re-evaluating the pairs of one instrument, and a full scan of 45,000 directed pairs, against the
// same sums over objects with a sort, which is how such a table is usually written.
import { MarketTable, slot } from '../src/domain/market-table.ts';
import { type BenchMarket, benchMarket, perpOf } from './market.ts';
import { type Bench, heapBytesPer, medianNs, mediansNs, type Row } from './measure.ts';

export const scanBench: Bench = {
  title: 'scan',
  run: () => [...[3, 12].map(onQuoteRow), ...fullScanRows()],
};

function marketOf(assets: number, venues: number): BenchMarket {
  const names = Array.from({ length: venues }, (_, i) => `venue${i}`);
  const bases = Array.from({ length: assets }, (_, i) => `A${i}`);
  return benchMarket(bases.flatMap((base) => names.map((venue) => perpOf(venue, base, base))));
}

function onQuoteRow(venues: number): Row {
  const { scan, table } = marketOf(1, venues);
  let tick = 0;
  const work = () => {
    table.set(0, slot.bid, 65_000 + (tick++ & 1));
    scan.onQuote(0);
  };
  const heap = heapBytesPer(work, 500_000);
  return {
    name: `onQuote, ${(venues - 1) * 2} pairs of ${venues} venues`,
    value: medianNs(work),
    unit: 'ns',
    ratio: null,
    note: `heap ${heap.toFixed(1)} bytes per quote`,
  };
}

function fullScanRows(): readonly Row[] {
  const market = marketOf(500, 10);
  const { scan } = market;
  const objects = objectsOf(market);
  const byObjects = () => {
    const edges = objects.map(({ key, long, short }) => {
      const basis = (short.bid - long.ask) / long.ask;
      return { key, edge: short.rate - long.rate + basis - 0.002 };
    });
    edges.sort((a, b) => b.edge - a.edge);
  };
  const [reference = Number.NaN, ours = Number.NaN] = mediansNs([byObjects, () => scan.scanAll()]);
  const count = scan.pairs.length;
  return [
    { name: `${count} pairs as objects, sorted`, value: reference, unit: 'ns', ratio: 1, note: '' },
    { name: 'scanAll', value: ours, unit: 'ns', ratio: ours / reference, note: `${count} pairs` },
  ];
}

function objectsOf({ scan, table }: BenchMarket) {
  const legs = Array.from(
    { length: table.rows.length / new MarketTable(1).rows.length },
    (_, i) => ({
      bid: table.get(i, slot.bid),
      ask: table.get(i, slot.ask),
      rate: table.get(i, slot.ratePerInterval),
    }),
  );
  const legAt = (index: number | undefined) => legs[index ?? 0] as (typeof legs)[number];
  return scan.pairs.map((key, pair) => ({
    key,
    long: legAt(scan.longIndex[pair]),
    short: legAt(scan.shortIndex[pair]),
  }));
}
