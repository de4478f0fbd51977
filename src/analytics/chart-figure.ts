// A chart of charts.ts or charts-xy.ts as a picture of its own: with title, background and style
// inside, so that it looks the same in a notebook, in a browser and as a file.
import { chart, element, escapeText } from './chart-parts.ts';
import { chartColours, chartRules } from './chart-style.ts';

export interface Figure {
  readonly title: string;
  /** Under the title: units, what is on the axes. */
  readonly note?: string;
}

/** In CSS pixels; the drawing's own units are scaled to it. */
const widthPx = 640;
const margin = 12;
const scope = '.farb-chart';
const font = 'system-ui,-apple-system,&quot;Segoe UI&quot;,Roboto,sans-serif';

const noteLine = 15;
/** What fits into the width at the size of ticks. */
const noteColumns = 72;

function linesOf(note: string): readonly string[] {
  const lines: string[] = [];
  for (const word of note.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < noteColumns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** Empty where the chart is: without data there is no picture. */
export function figure({ title, note }: Figure, drawing: string): string {
  const box = /^<svg viewBox="0 (\S+) \S+ (\S+)"[^>]*>([\s\S]*)<\/svg>$/.exec(drawing);
  if (box === null) return '';
  const [, top = '0', height = '0', body = ''] = box;
  const noted = note === undefined ? [] : linesOf(note);
  const headHeight = 30 + noteLine * noted.length;
  const x = -margin;
  const y = Number(top) - headHeight;
  const width = chart.width + 2 * margin;
  const full = Number(height) + headHeight + margin;
  const style = `${chartColours(scope)}\n${chartRules(`${scope} `)}`;
  const head = element('text', { class: 'head', x: 0, y: y + 20 }, escapeText(title));
  const under = noted.map((line, k) =>
    element('text', { class: 'tick', x: 0, y: y + 20 + noteLine * (k + 1) }, escapeText(line)),
  );
  const back = element('rect', { class: 'back', x, y, width, height: full, rx: 6 });
  const own = `${scope} .head{fill:var(--text);font-size:13px;font-weight:600}
${scope} .back{fill:var(--card)}`;
  return element(
    'svg',
    {
      ...{ xmlns: 'http://www.w3.org/2000/svg', class: scope.slice(1) },
      ...{ viewBox: `${x} ${y} ${width} ${full}`, role: 'img', 'font-family': font },
      ...{ width: widthPx, height: Math.round((widthPx * full) / width) },
      'aria-label': escapeText(title),
    },
    element('style', {}, `${style}\n${own}`) + back + head + under.join('') + body,
  );
}
