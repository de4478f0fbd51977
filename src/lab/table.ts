// Rows as a table of markdown, which notebooks and forges show alike.

/** Cells are shown as they are: format numbers before. Columns of numbers stand to the right. */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  if (rows.length === 0) return '*(no rows)*'; // not every reader takes a table for one then
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const isNumber = columns.map((_, k) =>
    rows.every((row) => /^$|^[-+–]?[\d.,]+\D{0,8}$/.test(textOf(row[k] ?? null))),
  );
  return [
    line(columns.map(textOf)),
    line(isNumber.map((right) => (right ? '---:' : ':---'))),
    ...rows.map((row) => line(row.map(textOf))),
  ].join('\n');
}

function textOf(cell: string | number | null): string {
  return cell === null ? '' : String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ');
}
