import { describe, expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import { seriesName } from '../history/series.ts';
import { type CsvLayout, marketInName, ownHeaders, ownLayout } from './csv-layout.ts';
import { CsvScanner } from './csv-scan.ts';

function layoutOf(header: string, name = 'x.csv'): CsvLayout {
  const layout = ownLayout(name, header);
  if (layout === null) throw new Error(`no layout of ${header}`);
  return layout;
}

/** In pieces of `size` bytes. */
function scan(text: string, size = 7, selection = {}) {
  const header = text.split('\n')[0] ?? '';
  const scanner = new CsvScanner(layoutOf(header.trim()), 'dir/x.csv', selection);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
  return scanner.finish();
}

const rowsOf = (columns: ReturnType<typeof scan>) =>
  columns.map(({ id, values }) => [seriesName(id), ...values.map((column) => [...column])]);

const funding = `${ownHeaders.funding}
deribit,SOL-PERP,1709078400003,0.0001,
deribit,SOL-PERP,1709107200000,-1.5e-7,140.25
other,SOL-PERP,1709078400000,0.00010000000000000001,1
deribit,SOL-PERP,1709136000000,0,99
`;

describe('the csv scanner', () => {
  it('takes venue and symbol from the columns, wherever the chunks are cut', () => {
    const whole = rowsOf(scan(funding, 1_000));
    expect(whole).toEqual([
      [
        'deribit/funding/SOL-PERP',
        [1_709_078_400_000, 1_709_107_200_000, 1_709_136_000_000],
        [0.0001, -1.5e-7, 0],
        [Number.NaN, 140.25, 99],
        [Number.NaN, Number.NaN, Number.NaN],
      ],
      ['other/funding/SOL-PERP', [1_709_078_400_000], [0.0001], [1], [Number.NaN]],
    ]);
    for (let size = 1; size < 40; size++) expect(rowsOf(scan(funding, size))).toEqual(whole);
  });

  it('reads Windows line ends and a last line without one', () => {
    const text = funding.trimEnd().replaceAll('\n', '\r\n');
    expect(rowsOf(scan(text))).toEqual(rowsOf(scan(funding)));
  });

  it('every number is what Number() reads', () => {
    const numbers = [
      '0.1',
      '1e-7',
      '123456789012345678',
      '-0.00012345678901234567',
      '9007199254740993',
    ];
    const rows = numbers.map((text, k) => `v,S,${1_709_078_400_000 + k * 60_000},${text},`);
    const [columns] = scan([ownHeaders.funding, ...rows].join('\n'));
    expect([...(columns?.values[1] ?? [])]).toEqual(numbers.map(Number));
  });

  it('takes the selected venues, symbols and times only', () => {
    const only = (selection: object) =>
      rowsOf(scan(funding, 9, selection)).map(([name, times]) => [name, times?.length]);
    expect(only({ venues: ['other'] })).toEqual([['other/funding/SOL-PERP', 1]]);
    expect(only({ symbols: ['nothing'] })).toEqual([]);
    expect(only({ fromMs: 1_709_107_200_000, toMs: 1_709_136_000_000 })).toEqual([
      ['deribit/funding/SOL-PERP', 1],
    ]);
  });

  it.each([
    ['v,S,1709078400000,abc,', '2: "v,S,1709078400000,abc,": no rate in it'],
    ['v,S,1709078400000,,', 'no rate in it'],
    ['v,S,,0.1,', 'no ts_ms in it'],
    ['v,S,1709078400000', '3 cells, not 5'],
    ['v,,1709078400000,0.1,', 'no venue or no symbol'],
  ])('says file, line and cell of a bad row: %s', (row, says) => {
    const read = () => scan(`${ownHeaders.funding}\n${row}\n`);
    expect(read).toThrow(UserError);
    expect(read).toThrow(says);
    expect(read).toThrow('dir/x.csv:2');
  });

  it('a bar of an unknown market or interval is refused, not renamed', () => {
    const bar = (market: string, interval: string) =>
      scan(`${ownHeaders.bars}\nv,${market},S,${interval},1709078400000,1,2,0.5,1.5,\n`);
    expect(bar('mark', '15m')).toHaveLength(1);
    expect(() => bar('futures', '1h')).toThrow('market "futures" is none of spot, perp');
    expect(() => bar('spot', 'hourly')).toThrow('interval "hourly" is not like 1h');
  });

  it('the market of quotes is a word of the file name, or unknown', () => {
    expect(marketInName('binance_BTCUSDT_l1-perp.csv.gz')).toBe('perp');
    expect(marketInName('Spot quotes.csv')).toBe('spot');
    expect(marketInName('perpetual.csv')).toBe('unknown');
    expect(layoutOf(ownHeaders.quotes, 'l1-spot.csv').market).toBe('spot');
  });

  it('a line without an end is refused before it fills the memory', () => {
    expect(() => scan(`${ownHeaders.funding}\n${'x'.repeat(80_000)}`, 8_192)).toThrow(
      'a line of more than 65536 bytes',
    );
  });
});
