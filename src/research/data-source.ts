// Opens a directory of recorded market data, whatever it holds: csv(.gz) files of our schemas, or
// the Parquet store that `farb data import` and `pull` write. This is where research begins:
//
//   const source = await openData('../shared/data');
//   const all = await source.list();                  // what there is: rows, holes, intervals
//   const data = await source.load({ venues: ['okx'], kinds: ['funding', 'bars'] });
//   const symbol = 'BTC-USDT-SWAP';
//   const funding = data.funding('okx', symbol);      // columns, or null
//   const bars = data.bars({ venue: 'okx', market: 'perp', symbol, interval: '1h' });
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import { type Columns, joinColumns, seriesOf, settleColumns } from '../history/columns.ts';
import { type Coverage, coverageOf } from '../history/coverage.ts';
import { type DataSet, dataSet, isSelected, type Selection } from '../history/data-set.ts';
import { seriesName } from '../history/series.ts';
import { readOwnCsv } from './csv-read.ts';
import { openParquet } from './duckdb.ts';
import { filesBelow, isCsvName } from './files.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface DataSource {
  readonly dir: string;
  /** Coverage of every selected series, sorted by name. */
  list(selection?: Selection): Promise<readonly Coverage[]>;
  /** The selected rows as they are stored, before they are sorted and folded: to be checked. */
  raw(selection?: Selection): Promise<readonly Columns[]>;
  /** The selected rows in memory: about 8 bytes per value. A time without rows is simply absent. */
  load(selection?: Selection): Promise<DataSet>;
}

/** Throws a UserError when the directory is not there or holds no data that we can read. */
export async function openData(dir: string): Promise<DataSource> {
  const manifest = readManifest(dir);
  if (manifest !== null) return sourceOf(dir, (selection) => loadStore(dir, manifest, selection));
  const files = filesBelow(dir, isCsvName);
  if (files.length > 0) return sourceOf(dir, (selection) => loadCsv(files, selection));
  throw new UserError(
    `${dir} holds no data: neither a store nor a csv(.gz) file; see farb data import --help`,
  );
}

type Load = (selection: Selection) => Promise<readonly Columns[]>;

function sourceOf(dir: string, raw: Load): DataSource {
  const load = async (selection: Selection = {}) => {
    const all = await raw(selection);
    return dataSet(all.map((columns) => seriesOf(settleColumns(columns).columns)));
  };
  return {
    dir,
    raw: (selection = {}) => raw(selection),
    load,
    list: async (selection) =>
      (await load(selection)).series.flatMap((series) => coverageOf(series) ?? []),
  };
}

async function loadCsv(files: readonly string[], selection: Selection) {
  const byName = new Map<string, [Columns, ...Columns[]]>();
  for (const path of files) {
    const file = await readOwnCsv(path, selection);
    for (const columns of file?.columns ?? []) {
      const known = byName.get(seriesName(columns.id));
      if (known === undefined) byName.set(seriesName(columns.id), [columns]);
      else known.push(columns);
    }
  }
  return [...byName.values()].map(joinColumns);
}

async function loadStore(dir: string, { series }: Manifest, selection: Selection) {
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = selection;
  const parquet = await openParquet();
  try {
    const all: Columns[] = [];
    for (const { id, parts } of Object.values(series)) {
      if (!isSelected(id, selection)) continue;
      const paths = parts
        .filter(({ firstMs, lastMs }) => lastMs >= fromMs && firstMs < toMs)
        .map(({ file }) => join(dir, file));
      const values = await parquet.read(id.kind, paths, { fromMs, toMs });
      if ((values[0]?.length ?? 0) > 0) all.push({ id, values });
    }
    return all;
  } finally {
    parquet.close();
  }
}
