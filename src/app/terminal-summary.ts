// The run summary for people.
import type { RunSummary, SystemStatus } from '../api/contract.ts';

export interface SummaryTextOptions {
  readonly summary: RunSummary;
  readonly status: SystemStatus;
  readonly colors: boolean;
}

export function summaryText({ summary }: SummaryTextOptions): string {
  return JSON.stringify(summary, null, 2);
}
