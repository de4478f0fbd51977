// What notebooks and programs of research import as `funding-rate-arb/research`: recorded data as
// columns, statistics of funding, backtests and sweeps, risk, charts. Every figure is made by what
// the commands of `farb` use. An entry point of the package, which is why it only passes on.
export {
  type Figure,
  figure,
} from '../analytics/chart-figure.ts';
export { shortPercent, shortUsd } from '../analytics/chart-parts.ts';
export { barChart, calendar, lineChart, waterfall } from '../analytics/charts.ts';
export { heatmap, histogram, scatter } from '../analytics/charts-xy.ts';
export {
  deflatedSharpe,
  expectedMaxSharpe,
  momentsOf,
  overfittingOf,
  probabilisticSharpe,
} from '../analytics/overfitting.ts';
export {
  aprOf,
  drawdownsOf,
  maxDrawdownOf,
  returnsOf,
  rollingSharpe,
  sharpeOf,
  sortinoOf,
} from '../analytics/performance.ts';
export {
  type Drawdown,
  drawdownsBelow,
  type LegMargin,
  liquidationMove,
  type TailRisk,
  tailRisk,
} from '../analytics/tail-risk.ts';
export type { BacktestReport } from '../api/backtest-report.ts';
export type { SweepReport } from '../api/sweep-report.ts';
export { linearQuantile, mean, standardDeviation } from '../base/stats.ts';
export { dayMs, formatDuration, hourMs, isoUtc, minuteMs } from '../base/time.ts';
export { assetOf } from '../history/asset.ts';
export { type Coverage, coverageOf } from '../history/coverage.ts';
export type { DataSet, Selection } from '../history/data-set.ts';
export { type Forecast, forecastFunding } from '../history/forecast.ts';
export { type FundingLedger, fundingLedger } from '../history/funding-ledger.ts';
export { correlation, type FundingStats, fundingStats } from '../history/funding-stats.ts';
export type { BarSeries, FundingSeries, Series, SeriesId } from '../history/series.ts';
export {
  dailyApr,
  type LeadLag,
  leadLags,
  type SpreadStats,
  spreadDefaults,
  spreads,
} from '../history/spreads.ts';
export { type DataSource, openData } from '../research/data-source.ts';
export {
  type BacktestOptions,
  runBacktest,
  runSweep,
  type ScenarioEntry,
  type SweepAnswer,
  type SweepOptions,
  type SweepRow,
} from './backtests.ts';
export {
  type BasisPoint,
  basisBetween,
  fundingOf,
  type LegTerms,
  legTermsOf,
  perpBarsOf,
} from './market.ts';
export { type SyntheticOptions, syntheticData } from './synthetic.ts';
export { markdownTable } from './table.ts';
