// What is in a notebook's file: which cells stumbled, and the form that is kept in the repository.

/**
 * @typedef {object} Output
 * @property {string} output_type
 * @property {string} [name]
 * @property {string | string[]} [text]
 * @property {string} [ename]
 * @property {string} [evalue]
 * @property {Record<string, unknown>} [data]
 * @property {Record<string, unknown>} [metadata]
 */

/**
 * @typedef {object} Cell
 * @property {string} cell_type
 * @property {string} [id]
 * @property {string | string[]} source
 * @property {Record<string, unknown>} metadata
 * @property {Output[]} [outputs]
 * @property {number | null} [execution_count]
 */

/** @typedef {{ cells: Cell[], metadata: Record<string, unknown> }} Notebook */

/** @param {string | string[] | undefined} text */
const textOf = (text) => (Array.isArray(text) ? text.join('') : (text ?? ''));

/**
 * A kernel that does not compile a cell, or in which one throws, says so on stderr.
 * @param {Notebook} notebook
 * @returns {readonly string[]} each with the number of the cell and what it said
 */
export function stumbles({ cells }) {
  return cells.flatMap((cell, k) =>
    (cell.outputs ?? [])
      .filter((one) => one.output_type === 'error' || one.name === 'stderr')
      .map((one) => {
        const said = textOf(one.text) || `${one.ename}: ${one.evalue}`;
        const first = textOf(cell.source).split('\n').slice(0, 3).join('\n    ');
        return `cell ${k + 1}:\n    ${first}\n${said.trimEnd()}`;
      }),
  );
}

/**
 * The same cells and outputs give the same text: no times, no versions, cells numbered in order.
 * @param {Notebook} notebook
 */
export function storedNotebook({ cells, metadata }) {
  let count = 0;
  const kept = cells.map((cell, k) => {
    const { cell_type, source } = cell;
    const common = { cell_type, id: `cell-${String(k).padStart(2, '0')}`, metadata: {} };
    if (cell_type !== 'code') return { ...common, source };
    count++;
    return { ...common, execution_count: count, outputs: joined(cell.outputs ?? []), source };
  });
  const { kernelspec } = metadata;
  const language = { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' };
  const notebook = {
    cells: kept,
    metadata: { kernelspec, language_info: language },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

/**
 * With pictures as images: nbconvert sanitizes SVG in a page by dropping half of it.
 * @param {Notebook} notebook
 */
export function pageNotebook(notebook) {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    ...(cell.outputs === undefined ? {} : { outputs: cell.outputs.map(pictured) }),
  }));
  return `${JSON.stringify({ ...notebook, cells })}\n`;
}

/** @param {Output} output @returns {Output} */
function pictured(output) {
  const svg = output.data?.['image/svg+xml'];
  if (svg === undefined) return output;
  const text = textOf(/** @type {string | string[]} */ (svg));
  const encoded = Buffer.from(text).toString('base64');
  return { ...output, data: { 'text/html': `<img src="data:image/svg+xml;base64,${encoded}">` } };
}

/** A stream comes in pieces that depend on timing. @param {readonly Output[]} outputs */
function joined(outputs) {
  /** @type {Output[]} */
  const found = [];
  for (const output of outputs) {
    const last = found.at(-1);
    if (output.output_type === 'stream' && last?.name === output.name && last !== undefined) {
      last.text = textOf(last.text) + textOf(output.text);
    } else if (output.output_type === 'stream') {
      found.push({ name: output.name ?? '', output_type: 'stream', text: textOf(output.text) });
    } else found.push(output);
  }
  return found.map((one) => ('text' in one ? { ...one, text: linesOf(textOf(one.text)) } : one));
}

/** @param {string} text */
const linesOf = (text) => text.split(/(?<=\n)/);
