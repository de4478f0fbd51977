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

/** Empty where the chart is: without data there is no picture. */
export function figure({ title, note }: Figure, drawing: string): string {
  const box = /^<svg viewBox="0 (\S+) \S+ (\S+)"[^>]*>([\s\S]*)<\/svg>$/.exec(drawing);
  if (box === null) return '';
  const [, top = '0', height = '0', body = ''] = box;
  const headHeight = note === undefined ? 30 : 46;
  const x = -margin;
  const y = Number(top) - headHeight;
  const width = chart.width + 2 * margin;
  const full = Number(height) + headHeight + margin;
  const style = `${chartColours(scope)}\n${chartRules(`${scope} `)}`;
  const head = element('text', { class: 'head', x: 0, y: y + 20 }, escapeText(title));
  const under =
    note === undefined ? '' : element('text', { class: 'tick', x: 0, y: y + 36 }, escapeText(note));
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
    element('style', {}, `${style}\n${own}`) + back + head + under + body,
  );
}
