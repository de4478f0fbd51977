// The style of the report's page; what is drawn on it has its style in chart-style.ts.

import { chartColours, chartRules } from './chart-style.ts';

export const tearsheetStyle = `
${chartColours(':root')}
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
${chartRules('')}
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
