// `farb data`: the store of market data as the command line answers it.
import type { DataImport, DataList, DataVerify } from '../api/data-report.ts';
import type { Selection } from '../history/data-set.ts';
import { seriesName } from '../history/series.ts';
import { openData } from '../research/data-source.ts';
import { type ImportRequest, importData } from '../research/import.ts';
import { verifyData } from '../research/verify.ts';

export type { Selection } from '../history/data-set.ts';
export { marketNames, seriesKinds } from '../history/series.ts';

export async function dataImport(request: ImportRequest): Promise<DataImport> {
  const { conflictsShown, ...report } = await importData(request);
  return {
    dir: request.dir,
    ...report,
    files: [...report.files],
    conflictsShown: conflictsShown.map(({ series, conflict: { tsMs, kept, dropped } }) => ({
      ...{ series, tsMs, kept: kept.map(orNull), dropped: dropped.map(orNull) },
    })),
    interrupted: request.stop.aborted,
  };
}

export async function dataList(dir: string, selection: Selection): Promise<DataList> {
  const all = await (await openData(dir)).list(selection);
  return {
    dir,
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    series: all.map(({ id, gaps, intervals, ...coverage }) => ({
      name: seriesName(id),
      ...{ kind: id.kind, venue: id.venue, market: id.market },
      ...{ symbol: id.symbol, interval: id.interval },
      ...coverage,
      gaps: [...gaps],
      intervals: [...intervals],
    })),
  };
}

export async function dataVerify(dir: string, selection: Selection): Promise<DataVerify> {
  const report = await verifyData(dir, selection);
  return { ...report, findings: [...report.findings] };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
