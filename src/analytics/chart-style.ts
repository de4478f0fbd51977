// How charts look. Colours are named once, for light and for dark; everything drawn refers to them.
// A page states the rules once; a chart that stands alone carries them, under a scope of its own.

/** Colours as CSS variables of what the selector names; dark where the reader's system is. */
export function chartColours(selector: string): string {
  return `${selector}{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1b2330;
--soft:#5c6675;--line:#dde2e9;--gain:#14805e;--loss:#c0392b;--sum:#3b5bdb;--c0:#3b5bdb;
--c1:#d9730d;--c2:#14805e;--c3:#a23bb5;--c4:#0c8599;--c5:#868e96}
@media(prefers-color-scheme:dark){${selector}{--page:#11151b;--card:#1a2029;--text:#e6e9ee;
--soft:#9aa5b4;--line:#2c3542;--gain:#3ecf9a;--loss:#ff7b6b;--sum:#8aa2ff;--c0:#8aa2ff;
--c1:#ffa94d;--c2:#3ecf9a;--c3:#da8cf0;--c4:#4dd0e1;--c5:#adb5bd}}`;
}

const rules = [
  '.tick{fill:var(--soft);font-size:11px}',
  '.figure{fill:var(--text);font-size:10.5px}',
  '.grid{stroke:var(--line);stroke-width:1}',
  '.zero{stroke:var(--soft);stroke-width:1}',
  '.mark{stroke:var(--loss);stroke-width:1.2;stroke-dasharray:4 3}',
  '.line{fill:none;stroke-width:1.6;stroke-linejoin:round}',
  '.area{opacity:.16;stroke:none}',
  '.dot{opacity:.6;stroke:none}',
  ...[0, 1, 2, 3, 4, 5].flatMap((k) => [
    `.line.c${k}{stroke:var(--c${k})}`,
    `.area.c${k},.key.c${k},.dot.c${k}{fill:var(--c${k})}`,
  ]),
  '.bar.gain,.day.gain{fill:var(--gain)}',
  '.bar.loss,.day.loss{fill:var(--loss)}',
  '.bar.sum{fill:var(--sum)}',
  '.day.none{fill:var(--line)}',
];

/** `scope` stands before every rule: '' or a selector with a space behind it. */
export function chartRules(scope: string): string {
  return rules
    .map((rule) => {
      const at = rule.indexOf('{');
      const selectors = rule.slice(0, at).split(',');
      return `${selectors.map((one) => scope + one).join(',')}${rule.slice(at)}`;
    })
    .join('\n');
}
