// The style of the report's page. Colours are named once, for light and for dark; everything drawn
// refers to them.

export const tearsheetStyle = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1b2330;--soft:#5c6675;
--line:#dde2e9;--gain:#14805e;--loss:#c0392b;--sum:#3b5bdb;--c0:#3b5bdb;--c1:#d9730d;
--c2:#14805e;--c3:#a23bb5;--c4:#0c8599;--c5:#868e96}
@media(prefers-color-scheme:dark){:root{--page:#11151b;--card:#1a2029;--text:#e6e9ee;
--soft:#9aa5b4;--line:#2c3542;--gain:#3ecf9a;--loss:#ff7b6b;--sum:#8aa2ff;--c0:#8aa2ff;
--c1:#ffa94d;--c2:#3ecf9a;--c3:#da8cf0;--c4:#4dd0e1;--c5:#adb5bd}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1180px;margin:0 auto;padding:20px 14px 48px}
h1{font-size:1.5rem;margin:0}
h2{font-size:1.05rem;margin:26px 0 8px}
header p{margin:2px 0 16px;color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:8px;
margin:0 0 14px}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:8px 12px}
dt{color:var(--soft);font-size:.8rem}
dd{margin:0;font-size:1.1rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.charts{margin-top:14px;display:grid;
grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:12px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:10px 12px}
figure.wide{grid-column:1/-1}
figcaption{font-weight:600;font-size:.9rem;margin-bottom:10px}
svg{display:block;width:100%;height:auto;overflow:visible}
.wide svg{max-width:820px}
.tick{fill:var(--soft);font-size:11px}
.figure{fill:var(--text);font-size:10.5px}
.grid{stroke:var(--line);stroke-width:1}
.zero{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}
.area{opacity:.16;stroke:none}
.line.c0{stroke:var(--c0)}
.line.c1{stroke:var(--c1)}
.line.c2{stroke:var(--c2)}
.line.c3{stroke:var(--c3)}
.line.c4{stroke:var(--c4)}
.line.c5{stroke:var(--c5)}
.area.c0,.key.c0{fill:var(--c0)}
.area.c1,.key.c1{fill:var(--c1)}
.area.c2,.key.c2{fill:var(--c2)}
.area.c3,.key.c3{fill:var(--c3)}
.area.c4,.key.c4{fill:var(--c4)}
.area.c5,.key.c5{fill:var(--c5)}
.bar.gain,.day.gain{fill:var(--gain)}
.bar.loss,.day.loss{fill:var(--loss)}
.bar.sum{fill:var(--sum)}
.day.none{fill:var(--line)}
.table{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{text-align:left}
th{color:var(--soft);font-weight:600}
tbody tr:last-child td{border-bottom:0}
.notes{color:var(--soft);font-size:.86rem;padding-left:18px;overflow-wrap:anywhere}
@media print{body{background:#fff}
figure,.figures div,.table{break-inside:avoid}}
`;
