// Opens a directory of recorded market data, whatever it holds: csv(.gz) files of our schemas, or
// the Parquet store that `farb data import` writes. This is where research begins:
//
//   const source = await openData('../shared/data');
//   const all = await source.list();                  // what there is: rows, holes, intervals
//   const data = await source.load({ venues: ['okx'], kinds: ['funding', 'bars'] });
//   const symbol = 'BTC-USDT-SWAP';
//   const funding = data.funding('okx', symbol);      // columns, or null
//   const bars = data.bars({ venue: 'okx', market: 'perp', symbol, interval: '1h' });
import { UserError } from '../base/errors.ts';
import { appendColumns, type Columns, seriesOf, settleColumns } from '../history/columns.ts';
import { type Coverage, coverageOf } from '../history/coverage.ts';
import { type DataSet, dataSet, type Selection } from '../history/data-set.ts';
import { seriesName } from '../history/series.ts';
import { readCsv } from './csv-read.ts';
import { filesBelow, isCsvName } from './files.ts';

export interface DataSource {
  readonly dir: string;
  /** Coverage of every series, sorted by name. */
  list(): Promise<readonly Coverage[]>;
  /** The selected rows in memory: about 8 bytes per value. A time without rows is simply absent. */
  load(selection?: Selection): Promise<DataSet>;
}

/** Throws a UserError when the directory is not there or holds no data that we can read. */
export async function openData(dir: string): Promise<DataSource> {
  const files = filesBelow(dir, isCsvName);
  if (files.length === 0) {
    throw new UserError(`${dir} holds no data: no csv(.gz) file; import or pull some first`);
  }
  return csvSource(dir, files);
}

function csvSource(dir: string, files: readonly string[]): DataSource {
  const load = async (selection: Selection = {}) => {
    const byName = new Map<string, Columns>();
    for (const path of files) {
      const file = await readCsv(path, { selection });
      for (const columns of file?.columns ?? []) {
        const name = seriesName(columns.id);
        const known = byName.get(name);
        byName.set(name, known === undefined ? columns : appendColumns(known, columns));
      }
    }
    return dataSet([...byName.values()].map((columns) => seriesOf(settleColumns(columns).columns)));
  };
  return {
    dir,
    load,
    list: async () => (await load()).series.flatMap((series) => coverageOf(series) ?? []),
  };
}
